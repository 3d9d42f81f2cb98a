import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { COMMANDS } from '../../../../src/shared/bench/commands.ts';
import {
  WINDOW_COMMANDS,
  type WindowDeclaration,
} from '../../../../src/shared/bench/window-commands.ts';
import { command, sessionCommand } from '../../../../src/shared/bench/command.ts';
import type { Handlers } from '../../../../src/main/bench/session/handlers/handlers.ts';

const about = { title: 'Count', summary: 'Counts.', output: z.object({ steps: z.number() }) };
/** Two commands, for binding handlers to. */
export const counting = {
  countAll: command({ ...about, id: 'test.all', input: z.object({ actor: z.string() }) }),
  countOpen: sessionCommand({ ...about, id: 'test.open', input: z.object({ from: z.number() }) }),
};
type Counting = Handlers<typeof counting>;

/** Checked by the compiler: each line under `@ts-expect-error` must be a type error. */
export const bound: Counting[] = [
  {
    countAll: ({ options }, { actor }) => ({ steps: options.root.length + actor.length }),
    countOpen: async ({ session }, { from }) => Promise.resolve({ steps: session.length - from }),
  },
  // @ts-expect-error a command without a handler
  { countAll: () => ({ steps: 0 }) },
  {
    countAll: () => ({ steps: 0 }),
    countOpen: () => ({ steps: 0 }),
    // @ts-expect-error a handler without a command
    countNone: () => ({ steps: 0 }),
  },
  {
    // @ts-expect-error an answer that is not the command's output
    countAll: () => ({ stpes: 0 }),
    // @ts-expect-error an input the command does not have
    countOpen: (_open, { to }) => ({ steps: to }),
  },
  {
    // @ts-expect-error the bench as a whole is no session
    countAll: ({ session }) => ({ steps: session.length }),
    countOpen: ({ session }) => ({ steps: session.length }),
  },
];

describe('COMMANDS', () => {
  const all = Object.values(COMMANDS);

  test('have one id each, and say in a sentence what they do', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id, title, summary } of all) {
      expect(id).toMatch(/^org\.pfnlab\.[a-z]+\.[A-Za-z]+$/);
      expect(title, id).toMatch(/^[A-Z].*[^.]$/);
      expect(summary, id).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('need no input where the window offers them as they stand', () => {
    for (const { id, palette, input } of all)
      if (palette) expect(input.safeParse({}).success, id).toBe(true);
  });

  test('have keys that are no other command\u2019s', () => {
    const window = Object.values<WindowDeclaration>(WINDOW_COMMANDS);
    const keys = [...all, ...window].flatMap((one) => one.keys ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
