import type { z } from 'zod';
import type { Command } from '../../../../shared/bench/command.ts';
import type { COMMANDS } from '../../../../shared/bench/commands.ts';
import type { OpenSession } from '../open-session.ts';
import type { Workspace } from '../workspace.ts';
import { inspectHandlers } from './inspect.ts';
import { labHandlers } from './lab.ts';
import { libraryHandlers } from './library.ts';
import { pluginHandlers } from './plugins.ts';
import { scheduleHandlers } from './schedule.ts';
import { timelineHandlers } from './timeline.ts';

/** What a command does: with what it acts on, and its input, which fits its schema. */
export type Handler<C extends Command> = (
  on: C['on'] extends 'session' ? OpenSession : Workspace,
  input: z.output<C['input']>,
) => z.input<C['output']> | Promise<z.input<C['output']>>;

/** One handler for each command: one without the other does not compile. */
export type Handlers<M extends Readonly<Record<string, Command>>> = {
  readonly [N in keyof M]: Handler<M[N]>;
};

export const HANDLERS: Handlers<typeof COMMANDS> = {
  ...labHandlers,
  ...libraryHandlers,
  ...pluginHandlers,
  ...timelineHandlers,
  ...scheduleHandlers,
  ...inspectHandlers,
};
