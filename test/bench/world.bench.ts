/** The core alone: steps a second with the journal on and off, and seeks over 1,000,000 steps. */
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import {
  call,
  leaf,
  operation,
  type KernelFunction,
} from '../../src/main/engine/core/world/operation.ts';
import { Cursor, StepLog } from '../../src/main/engine/core/world/timeline.ts';

const STEPS = 1_000_000;

const setRefcount = leaf<{ pfn: number; refcount: number }, number>(
  'set_refcount',
  'bench',
  (k, p) => {
    k.world.set('pages', p.pfn, p.pfn + 1, {
      state: 'init',
      nid: 0,
      zone: 4,
      flags: 'reserved',
      refcount: p.refcount,
      mapcount: -1,
      pgmap: 'pgmap0',
      buddy: false,
      compound_order: 0,
      migratetype: 'MOVABLE',
    });
    return 0;
  },
);

/** Takes and drops a reference on one page after another: an extent splits and merges each time. */
const pin = operation<object, number>('pin_and_unpin', 'bench', function* () {
  for (let step = 0; step < STEPS; step += 1) {
    yield* call(setRefcount, { pfn: (step >> 1) % 65_536, refcount: 1 + ((step + 1) & 1) });
  }
  return 0;
});

const setMaxPfn = leaf<{ value: number }, number>('set_max_pfn', 'bench', (k, { value }) => {
  k.world.put('vars', { name: 'max_pfn', value });
  return 0;
});

const count = operation<object, number>('one_record_a_step', 'bench', function* () {
  for (let value = 0; value < STEPS; value += 1) yield* call(setMaxPfn, { value });
  return 0;
});

function run(
  fn: KernelFunction<object, number>,
  journal: boolean,
): { seconds: number; log: StepLog; driver: Driver } {
  const holder: { log?: StepLog } = {};
  const driver = new Driver(
    { step: (step) => holder.log?.add(step), returned: (event) => holder.log?.returned(event) },
    { facts: {} as Facts, journal },
  );
  const log = (holder.log = new StepLog(driver.world.store));
  driver.add({ actor: 'cpu', fn: fn as KernelFunction<never, unknown>, params: {} });
  const start = performance.now();
  driver.runToEnd();
  return { seconds: (performance.now() - start) / 1000, log, driver };
}

function rate(seconds: number): string {
  return `${Math.round(STEPS / seconds).toLocaleString('en')} steps/s`;
}

for (const fn of [count, pin]) {
  const on: number[] = [];
  const off: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    off.push(run(fn, false).seconds);
    on.push(run(fn, true).seconds);
  }
  const [best, bestOff] = [Math.min(...on), Math.min(...off)];
  console.log(
    `${fn.name}: journal on ${rate(best)}, off ${rate(bestOff)}, ratio ${(best / bestOff).toFixed(2)}`,
  );
}

const { log, driver } = run(pin, true);
const cursor = new Cursor(log);
const times: number[] = [];
let place = 1;
for (let seek = 0; seek < 2000; seek += 1) {
  place = (place * 48_271) % 2_147_483_647;
  const start = performance.now();
  cursor.seek(place % (log.length + 1));
  times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
const at = (share: number): string =>
  `${(times[Math.floor(times.length * share)] ?? 0).toFixed(3)} ms`;
console.log(
  `seek over ${driver.steps.toLocaleString('en')} steps: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(0.9999)}`,
);
