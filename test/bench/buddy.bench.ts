/**
 * Allocating and freeing by the buddy allocator, journal and steps kept: on a fresh zone of 4 TiB,
 * and on one whose free memory is scattered into 100,000 blocks. Cost should hardly differ.
 */
import { alloc_pages } from '../../src/main/engine/kernel/buddy/page-alloc.ts';
import { __free_pages } from '../../src/main/engine/kernel/buddy/free-pages.ts';
import { parseGfp } from '../../src/main/engine/kernel/buddy/gfp.ts';
import { freeLists } from '../../src/main/engine/kernel/buddy/free-lists.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { machineOf } from '../unit/buddy/by-hand.ts';

const PAIRS = 3_000;
const ROUNDS = 8;
const PAGES = 2 ** 30;
const START = 2 ** 20;

function machine(scattered: number) {
  const bench = machineOf([{ nid: 0, name: 'Normal', start: START, end: START + PAGES }]);
  for (let at = 0; at < scattered; at += 1) {
    const pfn = START + at * 2048;
    bench.world.update('pages', pfn, pfn + 1, { buddy: false, refcount: 1 });
  }
  bench.world.takeChanges();
  freeLists(bench.world, bench.facts);
  return bench;
}

interface Rates {
  pairs: number;
  steps: number;
}

/** A machine that is ready; each call allocates and frees PAIRS times and tells how fast. */
function workload(scattered: number, order: number): () => Rates {
  const { world, facts } = machine(scattered);
  const gfp = parseGfp(facts, 'GFP_HIGHUSER_MOVABLE');
  if (!gfp) throw new Error('no gfp');
  let steps = 0;
  const sink = { step: () => void (steps += 1), returned: () => undefined };
  const driver = new Driver(sink, { facts, world });
  const free = (result: unknown): void => {
    const [taken] = result as readonly { pfn: number; end: number }[];
    if (!taken) throw new Error('no memory');
    driver.add({ actor: 'bench', fn: __free_pages as never, params: { ...taken, order } });
  };
  const params = { order, gfp, nid: 0, count: 1 };
  return () => {
    steps = 0;
    const before = performance.now();
    for (let at = 0; at < PAIRS; at += 1) {
      driver.add({ actor: 'bench', fn: alloc_pages as never, params, done: free });
      driver.runToEnd();
    }
    const seconds = (performance.now() - before) / 1000;
    return { pairs: PAIRS / seconds, steps: steps / seconds };
  };
}

const WORKLOADS = [
  ['order 0, 4 TiB free', workload(0, 0)],
  ['order 0, 100,000 free extents', workload(100_000, 0)],
  ['order 9, 4 TiB free', workload(0, 9)],
] as const;
const best = WORKLOADS.map((): Rates => ({ pairs: 0, steps: 0 }));
// In turn, so that what the machine does beside this falls on all of them alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [at, [, run]] of WORKLOADS.entries()) {
    const rates = run();
    if (rates.pairs > (best[at]?.pairs ?? 0)) best[at] = rates;
  }
}
const text = (rate: number): string => Math.round(rate).toLocaleString('en');
for (const [at, [name]] of WORKLOADS.entries()) {
  const { pairs = 0, steps = 0 } = best[at] ?? {};
  console.log(`${name.padEnd(32)} ${text(pairs)} pairs/s, ${text(steps)} steps/s`);
}
const ratio = (best[0]?.pairs ?? 0) / (best[1]?.pairs ?? 1);
console.log(`scattered against fresh: ${ratio.toFixed(2)}x the time`);
