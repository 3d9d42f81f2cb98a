/** What checking every invariant after every step costs: the same runs with and without. */
import { readFileSync } from 'node:fs';
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { Monitor } from '../../src/main/engine/lab/invariants/monitor.ts';
import { start_kernel } from '../../src/main/engine/kernel/boot/start-kernel.ts';
import { labFacts } from '../../src/main/engine/lab/machine/lab-facts.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import {
  call,
  leaf,
  operation,
  type KernelFunction,
} from '../../src/main/engine/core/world/operation.ts';
import { StepLog } from '../../src/main/engine/core/world/timeline.ts';
import { parseLab } from '../../src/shared/lab/parse.ts';

const STEPS = 300_000;
const ROUNDS = 5;

const setRefcount = leaf<{ pfn: number; refcount: number }, number>(
  'set_refcount',
  'bench',
  (k, { pfn, refcount }) => {
    k.world.set('pages', pfn, pfn + 1, {
      state: 'init',
      nid: 0,
      zone: 3,
      flags: 'reserved',
      refcount,
      mapcount: -1,
      pgmap: 'pgmap0',
      buddy: false,
      compound_order: 0,
      migratetype: 'MOVABLE',
    });
    return 0;
  },
);

/** Takes and drops a reference on one device page after another. */
const pin = operation<object, number>('pin_and_unpin', 'bench', function* () {
  for (let step = 0; step < STEPS; step += 1) {
    yield* call(setRefcount, { pfn: (step >> 1) % 65_536, refcount: 1 + ((step + 1) & 1) });
  }
  return 0;
});

const url = new URL('../../labs/twenty-terabytes.lab.yaml', import.meta.url);
const { lab } = parseLab(readFileSync(url, 'utf8'), 'twenty-terabytes');
const facts = lab && labFacts(lab).facts;
if (!facts) throw new Error('twenty-terabytes cannot be run');

function seconds(fn: unknown, about: Facts, checked: boolean): number {
  const holder: { log?: StepLog; monitor?: Monitor } = {};
  const driver = new Driver(
    {
      step: (step) => {
        holder.log?.add(step);
        holder.monitor?.step(step);
      },
      returned: (event) => holder.log?.returned(event),
    },
    { facts: about },
  );
  holder.log = new StepLog(driver.world.store);
  if (checked) holder.monitor = new Monitor(driver.world, about);
  driver.add({
    actor: 'cpu',
    fn: fn as KernelFunction<never, unknown>,
    params: {},
    done: () => holder.monitor?.returned('cpu', driver.idle),
  });
  const start = performance.now();
  driver.runToEnd();
  const violations = holder.monitor?.violations ?? [];
  if (violations.length > 0) throw new Error(violations[0]?.sentence);
  return (performance.now() - start) / 1000;
}

function compare(name: string, fn: unknown, about: Facts): void {
  let without = Infinity;
  let checked = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    without = Math.min(without, seconds(fn, about, false));
    checked = Math.min(checked, seconds(fn, about, true));
  }
  const ms = (value: number): string => `${(value * 1000).toFixed(1)} ms`;
  console.log(
    `${name}: ${ms(without)} unchecked, ${ms(checked)} checked, ratio ${(checked / without).toFixed(2)}`,
  );
}

compare('boot of 20 TiB', start_kernel, facts);
compare(`${STEPS.toLocaleString('en')} references taken and dropped`, pin, facts);
