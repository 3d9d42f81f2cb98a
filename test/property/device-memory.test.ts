import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runLab, VA } from '../unit/hmm/lab-run.ts';

const PAGES = 24;

/** Somebody does something to pages [from, from + count) of a process's memory. */
const moves = fc.record({
  what: fc.constantFrom(
    'write',
    'read',
    'to-device',
    'to-system',
    'device-write',
    'device-read',
    'dontneed',
    'evict',
    'pin',
  ),
  from: fc.integer({ min: 0, max: PAGES - 1 }),
  pages: fc.integer({ min: 1, max: PAGES }),
  word: fc.integer({ min: 1, max: 99 }),
});

/** What a reader finds from `from` on, in runs of equal words. */
function found(memory: readonly number[], from: number, count: number): string {
  const runs: { word: number; pages: number }[] = [];
  for (const word of memory.slice(from, from + count)) {
    const last = runs[runs.length - 1];
    if (last?.word === word) last.pages += 1;
    else runs.push({ word, pages: 1 });
  }
  return runs.map((run) => `{ word: ${run.word}, count: false, pages: ${run.pages} }`).join(', ');
}

/** The program of a lab; what each reader must find follows from the writes before it. */
function programOf(
  list: readonly { what: string; from: number; pages: number; word: number }[],
): string[] {
  const memory = new Array<number>(PAGES).fill(0);
  const program = [`{ actor: app, do: mmap, at: ${VA}, size: ${PAGES * 4}KiB }`];
  const read = (from: number, count: number, how: string) =>
    program.push(`{ actor: app, do: ${how}, expect: { words: [${found(memory, from, count)}] } }`);
  list.forEach(({ what, from, pages, word }, at) => {
    const count = Math.min(pages, PAGES - from);
    const range = `va: ${VA + from * 4096}, size: ${count * 4}KiB`;
    const say = (entry: string) => program.push(`{ actor: app, do: ${entry} }`);
    if (what === 'write' || what === 'device-write') memory.fill(word, from, from + count);
    if (what === 'dontneed') memory.fill(0, from, from + count);
    if (what === 'read') read(from, count, `read, ${range}`);
    else if (what === 'device-read') read(from, count, `gpu0.device-read, ${range}`);
    else if (what === 'write') say(`write, ${range}, word: ${word}`);
    else if (what === 'device-write') say(`gpu0.device-write, ${range}, word: ${word}`);
    else if (what === 'dontneed') say(`madvise, ${range}, advice: dontneed`);
    else if (what === 'evict') say('gpu0.evict');
    else if (what === 'pin') {
      say(`pin, va: ${VA + from * 4096}, pages: 1, write: true, as: p${at}`);
      say(`unpin, name: p${at}`);
    } else say(`gpu0.migrate-${what}, ${range}`);
  });
  read(0, PAGES, `read, va: ${VA}, size: ${PAGES * 4}KiB`);
  program.push('{ actor: app, do: exit }');
  return program;
}

test.each(['4.14', '5.14', '6.12', '7.2'])(
  'on %s memory holds what was written last, wherever it is and whoever wrote it',
  async (version) => {
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { minLength: 4, maxLength: 14 }), async (list) => {
        expect(await runLab({ version, program: programOf(list) })).toEqual([]);
      }),
      { numRuns: 8 },
    );
  },
);
