import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabExecution } from '../../src/main/bench/session/execution.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { interleaved } from './counterexamples/zone-device.ts';
import {
  act,
  executionOf,
  freePages,
  programOf,
  randomOf,
  runAtRandom,
  textOf,
} from './zone-device-programs.ts';

const RUNS = process.env['PFNLAB_LONG'] ? 30 : 5;
const VERSIONS = ['4.14', '5.3', '5.14', '5.19', '6.0', '6.1', '6.12', '6.18', '7.2'];
const machine = fc.record({
  gpu: fc.constantFrom('gpu' as const, 'coherent-gpu' as const),
  mode: fc.constantFrom('fsdax' as const, 'devdax' as const),
});

/** Processes, pins, mounts and drivers are gone: so is all they had. */
function everythingCameBack({ driver: { world }, log }: LabExecution): void {
  const tables = ['locks', 'gup_pins', 'ptes', 'vmas', 'mms', 'page_mappings', 'i_pages', 'pgmaps'];
  for (const table of tables) {
    expect([...world.rows(table as 'locks')], table).toEqual([]);
  }
  // Before the first driver was bound. Since then the kernel keeps its zero pages.
  let probe = 1;
  while (log.step(probe).actor !== 'kworker') probe += 1;
  const cursor = new Cursor(log, probe - 1);
  const has = (name: string) => world.get('vars', name) !== undefined;
  const kept = (has('zero_pfn') ? 1 : 0) + (has('huge_zero_pfn') ? 512 : 0);
  expect(freePages(world) + kept).toBe(freePages(cursor.world));
}

/** Back, forward, somewhere, and once more by the choices that were recorded. */
function isTheSameWorldAgain(run: LabExecution, text: string, where: number): void {
  const { log, driver } = run;
  const end = run.hash();
  const cursor = new Cursor(log, log.length);
  const middle = Math.floor(where * log.length);
  cursor.seek(middle);
  const there = cursor.hashText();
  cursor.seek(0);
  cursor.seek(middle);
  expect(cursor.hashText()).toBe(there);
  cursor.seek(log.length);
  expect(cursor.hashText()).toBe(end);
  const again = executionOf(text, driver.choices);
  while (again.advance(Infinity));
  expect(again.stopped).toBeUndefined();
  expect(again.hash()).toBe(end);
}

describe.each(VERSIONS)(
  'processes, GPUs, persistent memory and an administrator on %s',
  (version) => {
    it('keep every invariant in any order, give everything back, and are the same world again', () => {
      const acts = fc.array(act, { minLength: 3, maxLength: 14 });
      fc.assert(
        fc.property(machine, acts, fc.integer(), ({ gpu, mode }, list, seed) => {
          const text = textOf(programOf({ version, gpu, mode }, list));
          const random = randomOf(seed);
          const run = runAtRandom(text, (among) => Math.floor(random() * among));
          // Nobody waits for ever: what truncate or unbind waits for is given back at the end.
          expect(run.stopped, text).toBeUndefined();
          expect(run.monitor.violations).toEqual([]);
          everythingCameBack(run);
          isTheSameWorldAgain(run, text, random());
        }),
        { numRuns: RUNS, examples: interleaved[version] ?? [] },
      );
    });
  },
);
