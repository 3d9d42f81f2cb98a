import { WatchedThread } from '../../bench/supervisor/watched-thread.ts';
import type { Output } from '../output.ts';
import type { ExitCode, Terminal } from './verb.ts';

/** A command line and where it was given. */
export interface CommandLine {
  readonly argv: readonly string[];
  /** The caller's folder. */
  readonly folder: string;
  /** The program's folder. */
  readonly root: string;
  /** The user's data folder. */
  readonly data: string;
}

/** What the thread of a command line is started with. */
export interface CommandData extends CommandLine {
  /** Characters that were written so far: who is far ahead of a slow reader waits. */
  readonly written: Int32Array<SharedArrayBuffer>;
  /** Somebody sits there who can be asked. */
  readonly asks: boolean;
}

/** What it says. */
export type CommandReply =
  | { readonly type: 'print' | 'say'; readonly text: string }
  /** A question for yes or no; the answer is posted back. */
  | { readonly type: 'ask'; readonly text: string }
  | { readonly type: 'code'; readonly code: ExitCode };

/**
 * Runs a command line in a thread of its own, and answers its exit code: code of a plugin that takes
 * no end is ended, and named.
 *
 * @param cpuLimit CPU time of one stretch of a plugin's code, in milliseconds
 * @param file what runs in the thread
 */
export function supervise(
  line: CommandLine,
  output: Output & Pick<Terminal, 'ask'>,
  cpuLimit?: number,
  file = new URL('./thread.ts', import.meta.url),
): Promise<ExitCode> {
  const written = new Int32Array(new SharedArrayBuffer(4));
  const { ask } = output;
  const data: CommandData = { ...line, written, asks: ask !== undefined };
  return new Promise((resolve) => {
    let answer: ExitCode = 2;
    const thread = new WatchedThread(file, {
      data,
      cpuLimit,
      message: (message) => {
        const reply = message as CommandReply;
        if (reply.type === 'code') {
          answer = reply.code;
          return;
        }
        if (reply.type === 'ask') {
          void ask?.(reply.text).then((yes) => thread.post(yes));
          return;
        }
        output[reply.type](reply.text);
        Atomics.add(written, 0, reply.text.length);
        Atomics.notify(written, 0);
      },
      ended: (fault) => {
        if (fault) {
          output.say(`pfnlab: ${fault.message}`);
          // A run that was ended is a run that failed; a plugin that cannot even load is bad input.
          answer = fault.call?.entry ? 1 : 2;
        }
        resolve(answer);
      },
    });
  });
}
