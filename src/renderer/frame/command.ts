import type { Command, MenuPlace } from '../../shared/bench/command.ts';
import { COMMANDS, type CommandName } from '../../shared/bench/commands.ts';
import {
  WINDOW_COMMANDS,
  type WindowCommandName,
  type WindowDeclaration,
} from '../../shared/bench/window-commands.ts';

/** Something a user can do, as whoever offers it declares it. */
export interface WindowCommand {
  /** Reverse-DNS. */
  readonly id: string;
  readonly title: string;
  /** In tinykeys notation, all that work. */
  readonly keys?: readonly string[];
  /** Whether the palette offers it; it does unless told not to. */
  readonly palette?: boolean;
  /** Why it cannot be done now; "" when it can. */
  readonly blocked?: string;
  /** Whether what it switches is on. */
  readonly checked?: boolean;
  readonly menu?: MenuPlace;
  readonly run: () => void;
}

/** A command of the bench as one of the window's: what it is called and where it stands are the contract's. */
export function benchCommand(
  name: CommandName,
  run: () => void,
  options: Partial<WindowCommand> = {},
): WindowCommand {
  const { id, title, keys, menu }: Command = COMMANDS[name];
  return { id, title, keys, ...(menu && { menu }), ...options, run };
}

/** A command of the window's own, as it is declared. */
export function windowCommand(
  name: WindowCommandName,
  run: () => void,
  options: Partial<WindowCommand> = {},
): WindowCommand {
  const { summary: _, ...declared }: WindowDeclaration = WINDOW_COMMANDS[name];
  return { ...declared, ...options, run };
}

/** The id of a bench command, for menus and buttons that name it by its short name. */
export function commandId(name: CommandName): string {
  return COMMANDS[name].id;
}

/** The id of the command that opens or closes a pane or a region. */
export function viewId(name: string): string {
  return `org.pfnlab.view.${name}`;
}
