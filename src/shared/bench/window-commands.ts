/** What the window itself can do, beside the commands of the bench: each once. */
import type { Command } from './command.ts';

export interface WindowDeclaration extends Pick<Command, 'id' | 'title' | 'summary' | 'menu'> {
  /** In tinykeys notation, all that work. */
  readonly keys?: readonly string[];
}

export const WINDOW_COMMANDS = {
  home: {
    id: 'org.pfnlab.place.home',
    title: 'Home',
    summary: 'Shows the guided labs and the recordings.',
  },
  bench: {
    id: 'org.pfnlab.place.bench',
    title: 'Bench',
    summary: 'Shows the open session.',
  },
  plugins: {
    id: 'org.pfnlab.place.plugins',
    title: 'Hardware models',
    summary: 'Shows the plugins that are here, and which may run.',
  },
  installFolder: {
    id: 'org.pfnlab.plugin.installFolder',
    title: 'Install a plugin’s folder…',
    summary: 'Keeps a copy of the files of a folder.',
    menu: { in: 'File', group: 2 },
  },
  runAgain: {
    id: 'org.pfnlab.lab.runAgain',
    title: 'Run the lab again',
    summary: 'Runs the lab of the open session from its start.',
    keys: ['$mod+Enter'],
    menu: { in: 'Run', group: 4 },
  },
  palette: {
    id: 'org.pfnlab.palette.commands',
    title: 'Search commands',
    summary: 'Finds a command by words of its title, or goes to what is typed.',
    keys: ['$mod+k'],
  },
  copyCsv: {
    id: 'org.pfnlab.table.copy.csv',
    title: 'Copy a table as CSV…',
    summary: 'Copies all records of one of the model’s tables.',
  },
  copyJson: {
    id: 'org.pfnlab.table.copy.json',
    title: 'Copy a table as JSON…',
    summary: 'Copies all records of one of the model’s tables.',
  },
  selectBefore: {
    id: 'org.pfnlab.selection.back',
    title: 'Select what was selected before',
    summary: 'Takes back a selection.',
    keys: ['Alt+Backspace'],
    menu: { in: 'Go', group: 1 },
  },
  breakpointToggle: {
    id: 'org.pfnlab.breakpoint.toggle',
    title: 'Break at the function of this step, or no longer',
    summary: 'Sets or removes a breakpoint on the function of the current step.',
    keys: ['F9'],
    menu: { in: 'Run', group: 4 },
  },
} as const satisfies Readonly<Record<string, WindowDeclaration>>;

export type WindowCommandName = keyof typeof WINDOW_COMMANDS;

/** Keys that move the focus between panes and are no command. */
export const FOCUS_KEYS = {
  next: { key: 'F6', summary: 'Moves the focus to the next pane in sight.' },
  previous: { key: 'Shift+F6', summary: 'Moves the focus to the pane before.' },
  /** `$mod+1` to `$mod+9`. */
  nth: { key: '$mod+', most: 9, summary: 'Moves the focus to that pane in sight, or the last.' },
} as const;
