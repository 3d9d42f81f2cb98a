import fc from 'fast-check';
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { Driver, type StepSink } from '../../src/main/engine/core/world/driver.ts';
import type { Choice } from '../../src/main/engine/core/world/actors.ts';
import {
  call,
  fail,
  leaf,
  lock,
  operation,
  point,
  unlock,
  type Operation,
} from '../../src/main/engine/core/world/operation.ts';
import { StepLog } from '../../src/main/engine/core/world/timeline.ts';

/** A random program: what a made-up kernel function does, in order. */
export type Action =
  | { do: 'set'; start: number; length: number; refcount: number }
  | { do: 'update'; start: number; length: number; zone: number }
  | { do: 'clear'; start: number; length: number }
  | { do: 'var'; name: string; value: number | bigint }
  | { do: 'drop'; name: string }
  | { do: 'memmap'; start: number; length: number; phys: bigint }
  | { do: 'point'; label: string }
  | { do: 'fail' }
  | { do: 'locked'; inner: Action[] }
  | { do: 'call'; inner: Action[] };

const position = fc.integer({ min: 0, max: 400 });
const length = fc.integer({ min: 0, max: 60 });
const names = fc.constantFrom('max_pfn', 'max_low_pfn', 'totalram_pages', 'ünïcode 😀');

export const action: fc.Arbitrary<Action> = fc.letrec<{ action: Action }>((tie) => ({
  action: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      do: fc.constant('set' as const),
      start: position,
      length,
      refcount: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({
      do: fc.constant('update' as const),
      start: position,
      length,
      zone: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({ do: fc.constant('clear' as const), start: position, length }),
    fc.record({
      do: fc.constant('var' as const),
      name: names,
      value: fc.oneof(fc.integer(), fc.bigInt({ min: 0n, max: 1n << 64n })),
    }),
    fc.record({ do: fc.constant('drop' as const), name: names }),
    fc.record({
      do: fc.constant('memmap' as const),
      start: position,
      length,
      phys: fc.bigInt({ min: 0n, max: 4n }).map((n) => n << 12n),
    }),
    fc.record({ do: fc.constant('point' as const), label: fc.constantFrom('recheck', 'window') }),
    fc.record({ do: fc.constant('fail' as const) }),
    fc.record({
      do: fc.constant('locked' as const),
      inner: fc.array(tie('action'), { maxLength: 4 }),
    }),
    fc.record({
      do: fc.constant('call' as const),
      inner: fc.array(tie('action'), { maxLength: 5 }),
    }),
  ),
})).action;

export const program: fc.Arbitrary<Action[][]> = fc.array(fc.array(action, { maxLength: 8 }), {
  minLength: 1,
  maxLength: 3,
});

const write = leaf<{ action: Action }, number>(
  'write',
  'test:write',
  (k, { action: a }) => {
    const { world } = k;
    switch (a.do) {
      case 'set':
        world.set('pages', a.start, a.start + a.length, {
          state: 'init',
          nid: 0,
          zone: 1,
          flags: '',
          refcount: a.refcount,
          mapcount: -1,
          pgmap: null,
          buddy: false,
          compound_order: 0,
          migratetype: '',
        });
        break;
      case 'update':
        world.update('pages', a.start, a.start + a.length, { zone: a.zone });
        break;
      case 'clear':
        world.clear('pages', a.start, a.start + a.length);
        world.clear('vmemmap', a.start, a.start + a.length);
        break;
      case 'var':
        world.put('vars', { name: a.name, value: a.value });
        break;
      case 'drop':
        world.remove('vars', a.name);
        break;
      case 'memmap':
        world.set('vmemmap', a.start, a.start + a.length, {
          phys: a.phys + BigInt(a.start) * 64n,
          mapping: 'pmd',
          source: 'memblock',
        });
        break;
      default:
        break;
    }
    return 0;
  },
  { show: ({ action: a }) => ({ do: a.do }) },
);

const body = operation<{ actions: Action[]; held: boolean }, unknown>(
  'body',
  'test:body',
  function* (_k, { actions, held }): Operation<unknown> {
    for (const a of actions) {
      if (a.do === 'fail') return fail('EINVAL', 'test: asked to fail');
      if (a.do === 'point') yield* point(a.label);
      else if (a.do === 'call') yield* call(body, { actions: a.inner, held });
      else if (a.do === 'locked') {
        if (!held) yield* lock('test_lock');
        yield* call(body, { actions: a.inner, held: true });
        if (!held) yield* unlock('test_lock');
      } else yield* call(write, { action: a });
    }
    return 0;
  },
  { show: ({ actions }) => ({ actions: actions.length }) },
);

export interface Run {
  readonly driver: Driver;
  readonly log: StepLog;
}

/** Runs a program, one actor a list; `pick` chooses by hand among the runnable ones. */
export function runProgram(
  lists: readonly Action[][],
  options: {
    pick?: (runnable: readonly string[], step: number) => string;
    schedule?: readonly Choice[];
  } = {},
): Run {
  const holder: { log?: StepLog } = {};
  const sink: StepSink = {
    step: (step) => holder.log?.add(step),
    returned: (event) => holder.log?.returned(event),
  };
  const driver = new Driver(sink, {
    facts: {} as Facts,
    ...(options.schedule ? { schedule: options.schedule } : {}),
  });
  const log = (holder.log = new StepLog(driver.world.store));
  lists.forEach((actions, index) => {
    driver.add({ actor: `actor${index}`, fn: body as never, params: { actions, held: false } });
  });
  for (;;) {
    const runnable = driver.runnable();
    const by =
      options.pick && runnable.length > 1 ? options.pick(runnable, driver.steps) : undefined;
    if (driver.advance(by) !== true) break;
  }
  return { driver, log };
}
