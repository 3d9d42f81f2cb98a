/**
 * Synthetic runs for the recording's tests: operations over the real driver and the real tables,
 * with everything a step can hold. They model no kernel behaviour.
 */
import {
  Driver,
  type DriverOptions,
  type StepSink,
} from '../../../src/main/engine/core/world/driver.ts';
import type { Choice } from '../../../src/main/engine/core/world/actors.ts';
import type { Facts, Kernel } from '../../../src/main/engine/core/facts.ts';
import {
  call,
  fail,
  leaf,
  lock,
  operation,
  point,
  unlock,
  type Failure,
  type KernelFunction,
  type Operation,
} from '../../../src/main/engine/core/world/operation.ts';
import { Seeded } from '../../../src/main/engine/core/world/seeded.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';

const PAGE = {
  state: 'init',
  nid: 0,
  zone: 1,
  flags: '',
  refcount: 1,
  mapcount: 0,
  pgmap: null,
  buddy: false,
  compound_order: 0,
  migratetype: 'MOVABLE',
} as const;

export interface Op {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

const touch = leaf<Op, number | bigint | string | boolean | null | Failure>(
  'touch',
  'synthetic.c:touch',
  (k: Kernel, { kind, a, b }) => {
    const { world } = k;
    const start = a % 4096;
    const end = start + 1 + (b % 512);
    switch (kind % 10) {
      case 0:
        world.set('pages', start, end, {
          ...PAGE,
          refcount: b % 7,
          flags: a % 2 ? 'reserved' : '',
        });
        return end - start;
      case 1:
        world.update('pages', start, end, {
          mapcount: b % 3,
          pgmap: a % 3 ? null : `pgmap${a % 5}`,
        });
        return null;
      case 2:
        world.clear('pages', start, end);
        return true;
      case 3:
        world.set('vmemmap', start, end, {
          phys: b % 4 ? 0x1_0000_0000n * BigInt(b) + BigInt(start) * 64n : null,
          mapping: 'PMD',
          source: 'ram',
        });
        return 0xffff_ea00_0000_0000n + BigInt(start);
      case 4:
        world.put('vars', {
          name: `var${a % 9}`,
          value:
            [b, BigInt(b), -b, b / 7, `text ${b} \u00e9\u20ac\u{1f9ea}`, b % 2 === 0][a % 6] ?? 0,
        });
        return `\ud800 alone ${b}`;
      case 5:
        world.put('registers', {
          key: `dev/reg/${a % 16}`,
          device: 'dev',
          name: 'reg',
          index: a % 16,
          value: [b, BigInt(b) << 70n, { ['__proto__']: b, inner: [null, -0.5, -a, `r${b}`] }],
        });
        return -b;
      case 6:
        world.set('e820', BigInt(start) << 40n, BigInt(end) << 40n, {
          type: a % 2 ? 'usable' : 'reserved',
          entry: 0,
        });
        k.note(`remark ${b % 3}`);
        return b / 3;
      case 7:
        k.printk('info', `line ${a} of ${b}`);
        return fail('EINVAL', 'a > b');
      case 8:
        world.remove('vars', `var${a % 9}`);
        return -(2n ** 80n);
      default:
        world.put('completions', { name: `c${a % 3}`, done: b % 2 === 0, waiters: [] });
        return 0;
    }
  },
  {
    show: ({ kind, a, b }) => ({ kind, pfn: a, size: BigInt(b) << 33n, list: [a, `${b}`] }),
    covers: ({ a, b }) =>
      b % 5 === 0
        ? { count: b + 2, range: { start: a, end: a + b + 2, unit: a % 2 ? 'pfn' : 'section' } }
        : undefined,
  },
);

const nested: KernelFunction<{ depth: number; ops: readonly Op[] }, number | Failure> = operation<
  { depth: number; ops: readonly Op[] },
  number | Failure
>(
  'nested',
  'synthetic.c:nested',
  function* (k, { depth, ops }): Operation<number | Failure> {
    for (const [index, op] of ops.entries()) {
      if (op.kind % 11 === 0 && depth < 6) {
        yield* call(nested, { depth: depth + 1, ops: ops.slice(index + 1) });
        break;
      }
      if (op.kind % 7 === 0) {
        yield* lock('hotplug');
        yield* call(touch, op);
        yield* unlock('hotplug');
      } else yield* call(touch, op);
      if (op.kind % 5 === 0) yield* point('recheck', { at: index });
    }
    k.world.put('vars', { name: 'depth', value: depth });
    return depth % 2 ? fail('EBUSY', 'depth is odd') : depth;
  },
  { basis: 'model', show: ({ depth, ops }) => ({ depth, ops: ops.length }) },
);

/** Endless small work: each step moves a page extent's count, the way faults and migration do. */
const churn = operation<{ count: number; seed: number }, number>(
  'churn',
  'synthetic.c:churn',
  function* (_k, { count, seed }) {
    const seeded = new Seeded(seed);
    for (let made = 0; made < count; made += 1) {
      yield* call(migrate, { pfn: seeded.below(2048), node: made % 2 });
    }
    return count;
  },
);

const migrate = leaf<{ pfn: number; node: number }, number>(
  'migrate',
  'synthetic.c:migrate',
  (k, { pfn, node }) => {
    const page = k.world.at('pages', pfn);
    const refcount = ((page?.refcount ?? 0) % 5) + 1;
    k.world.set('pages', pfn, pfn + 1, { ...PAGE, refcount, nid: node });
    return refcount;
  },
);

/** A driver that has not begun, and the sinks its steps go to: add to them before advancing. */
export interface Run {
  readonly driver: Driver;
  readonly sinks: StepSink[];
}

function startedRun(options: Partial<DriverOptions> = {}): Run {
  const sinks: StepSink[] = [];
  const sink: StepSink = {
    step: (step) => sinks.forEach((each) => each.step(step)),
    returned: (event) => sinks.forEach((each) => each.returned(event)),
  };
  return { driver: new Driver(sink, { facts: {} as Facts, ...options }), sinks };
}

/** Each list of operations is one task, in turns for two actors. */
export function programRun(program: readonly (readonly Op[])[], schedule?: readonly Choice[]): Run {
  const run = startedRun(schedule ? { schedule } : {});
  program.forEach((ops, index) => {
    const actor = index % 3 === 2 ? 'hotplug' : 'init';
    run.driver.add({ actor, fn: nested, params: { depth: 0, ops } });
  });
  return run;
}

/** A run of `count` steps of churn and the one that calls them. */
export function churnRun(count: number): Run {
  const run = startedRun();
  run.driver.add({ actor: 'init', fn: churn, params: { count, seed: 7 } });
  return run;
}

/** Keeps the run in memory too, to compare a recording with. */
export function logOf({ driver, sinks }: Run): StepLog {
  const log = new StepLog(driver.world.store);
  sinks.push({ step: (step) => log.add(step), returned: (event) => log.returned(event) });
  return log;
}
