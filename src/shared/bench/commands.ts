import type { z } from 'zod';
import { inspectCommands } from './commands/inspect.ts';
import { labCommands } from './commands/lab.ts';
import { libraryCommands } from './commands/library.ts';
import { pluginCommands } from './commands/plugins.ts';
import { scheduleCommands } from './commands/schedule.ts';
import { timelineCommands } from './commands/timeline.ts';
import type { benchState } from './state.ts';

/**
 * Every command, by a short name. Commands that move or open answer when the bench has arrived;
 * a `state` event follows each change of the bench's state.
 */
export const COMMANDS = {
  ...labCommands,
  ...libraryCommands,
  ...pluginCommands,
  ...timelineCommands,
  ...scheduleCommands,
  ...inspectCommands,
};

export type CommandName = keyof typeof COMMANDS;
export type InputOf<N extends CommandName> = z.input<(typeof COMMANDS)[N]['input']>;
export type OutputOf<N extends CommandName> = z.output<(typeof COMMANDS)[N]['output']>;

/** The contract of every door: one asynchronous call for all commands, and events. */
export interface BenchApi {
  call<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  /** Events as they come; returns how to stop listening. */
  listen(listener: (event: BenchEvent) => void): () => void;
}

export type BenchEvent =
  | { readonly type: 'state'; readonly state: z.output<typeof benchState> }
  | { readonly type: 'progress'; readonly steps: number; readonly fn: string };
