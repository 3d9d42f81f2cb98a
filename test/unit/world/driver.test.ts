import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../src/main/engine/core/facts.ts';
import type { Step } from '../../../src/shared/world/step.ts';
import { Deadlock } from '../../../src/main/engine/core/world/deadlock.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import {
  call,
  fail,
  failed,
  leaf,
  lock,
  operation,
  point,
  unlock,
  waitForCompletion,
  type KernelFunction,
} from '../../../src/main/engine/core/world/operation.ts';
import { complete, initCompletion } from '../../../src/main/engine/core/world/sync.ts';

const setVar = leaf<{ name: string; value: number }, number>('set_var', 'test:set_var', (k, p) => {
  k.world.put('vars', { name: p.name, value: p.value });
  return p.value;
});

function drive(...tasks: [string, KernelFunction<never, unknown>, unknown?][]): {
  steps: Step[];
  driver: Driver;
  results: unknown[];
} {
  const steps: Step[] = [];
  const results: unknown[] = [];
  const driver = new Driver(
    {
      step: (step) => steps.push(step),
      returned: ({ seq, end, ret, err }) =>
        Object.assign(steps[seq - 1] as Step, { end, ret, err }),
    },
    { facts: {} as Facts },
  );
  for (const [actor, fn, params = {}] of tasks) {
    driver.add({ actor, fn, params, done: (result) => results.push(result) });
  }
  return { steps, driver, results };
}

/** "kind fn depth" of each step. */
function shape(steps: readonly Step[]): string[] {
  return steps.map(({ kind, fn, depth }) => `${depth} ${kind} ${fn}`);
}

describe('world/driver: what becomes a step', () => {
  test('a call is one step; a leaf returns in it; a return without changes makes none', () => {
    const outer = operation<object, number>('outer', 'test', function* () {
      const a = yield* call(setVar, { name: 'a', value: 1 });
      const b = yield* call(setVar, { name: 'b', value: 2 });
      return a + b;
    });
    const { steps, driver, results } = drive(['cpu', outer]);
    expect(driver.runToEnd()).toBe(false);
    expect(shape(steps)).toEqual(['0 call outer', '1 call set_var', '1 call set_var']);
    expect(steps.map(({ parent }) => parent)).toEqual([0, 1, 1]);
    expect(steps[0]).toMatchObject({ ret: 3, end: 3, diff: [] });
    expect(steps[1]).toMatchObject({ ret: 1, end: 2, args: { name: 'a', value: 1 } });
    expect(steps[1]?.diff).toEqual([
      { table: 'vars', key: 'a', from: undefined, to: { name: 'a', value: 1 } },
    ]);
    expect(results).toEqual([3]);
  });

  test('a change after the last callee makes a return step, one between callees a point', () => {
    const outer = operation<object, number>('outer', 'test', function* (k) {
      yield* call(setVar, { name: 'a', value: 1 });
      k.world.put('vars', { name: 'between', value: 1 });
      yield* call(setVar, { name: 'b', value: 1 });
      k.world.put('vars', { name: 'after', value: 1 });
      return 0;
    });
    const { steps, driver } = drive(['cpu', outer]);
    driver.runToEnd();
    expect(shape(steps)).toEqual([
      '0 call outer',
      '1 call set_var',
      '1 point outer',
      '1 call set_var',
      '1 return outer',
    ]);
    expect(steps[2]?.diff[0]?.key).toBe('between');
    expect(steps[4]?.diff[0]?.key).toBe('after');
    expect(steps[0]?.end).toBe(5);
  });

  test('an error travels up as a value with its check', () => {
    const inner = leaf<object, unknown>('inner', 'test', () => fail('ENXIO', 'range is not RAM'));
    const outer = operation<object, unknown>('outer', 'test', function* () {
      const ret = yield* call(inner, {});
      return failed(ret) ? ret : 0;
    });
    const { steps, driver } = drive(['cpu', outer]);
    driver.runToEnd();
    expect(steps[1]?.err).toEqual({ errno: 'ENXIO', check: 'range is not RAM' });
    expect(steps[0]?.err).toEqual({ errno: 'ENXIO', check: 'range is not RAM' });
    expect(steps[0]?.ret).toBeUndefined();
  });

  test('a named point is a step of its own and another actor may run before it', () => {
    const racing = operation<object, number>('gup_fast_pte_range', 'test', function* (k) {
      const before = k.world.get('vars', 'pte')?.value;
      yield* point('recheck');
      const after = k.world.get('vars', 'pte')?.value;
      return before === after ? 1 : 0;
    });
    const { steps, driver, results } = drive(
      ['reader', racing],
      ['writer', setVar as KernelFunction<never, unknown>, { name: 'pte', value: 9 }],
    );
    driver.advance('reader');
    driver.advance('writer');
    driver.advance('reader');
    expect(shape(steps)).toEqual([
      '0 call gup_fast_pte_range',
      '0 call set_var',
      '1 point gup_fast_pte_range:recheck',
    ]);
    expect(results).toEqual([9, 0]);
  });

  test('a record written back to what it was leaves no trace in the diff', () => {
    const flip = leaf<object, number>('flip', 'test', (k) => {
      k.world.put('vars', { name: 'a', value: 1 });
      k.world.remove('vars', 'a');
      return 0;
    });
    const { steps, driver } = drive(['cpu', flip]);
    driver.runToEnd();
    expect(steps[0]?.diff).toEqual([]);
  });
});

describe('world/driver: actors', () => {
  const holder = operation<object, number>('holder', 'test', function* () {
    yield* lock('mem_hotplug_lock', 'percpu_rwsem');
    yield* call(setVar, { name: 'held', value: 1 });
    yield* unlock('mem_hotplug_lock');
    return 0;
  });

  test('a lock another actor owns blocks, and its release hands it over', () => {
    const { steps, driver } = drive(['a', holder], ['b', holder]);
    driver.advance('a');
    expect(driver.world.need('locks', 'mem_hotplug_lock').owner).toBe('a');
    driver.advance('b');
    expect(driver.runnable()).toEqual(['a']);
    expect(driver.world.need('actors', 'b')).toEqual({
      id: 'b',
      state: 'blocked',
      waits_on: 'mem_hotplug_lock',
    });
    expect(steps[1]?.note).toBe('blocks on mem_hotplug_lock');
    expect(driver.runToEnd()).toBe(false);
    expect(driver.world.get('locks', 'mem_hotplug_lock')).toBeUndefined();
    expect(driver.world.count('actors')).toBe(0);
  });

  test('two locks taken crosswise are a deadlock that names who waits for what', () => {
    const take = (first: string, second: string): KernelFunction<object, number> =>
      operation('take', 'test', function* () {
        yield* lock(first);
        yield* call(setVar, { name: first, value: 1 });
        yield* lock(second);
        yield* call(setVar, { name: second, value: 1 });
        return 0;
      });
    const { driver } = drive(['a', take('x', 'y')], ['b', take('y', 'x')]);
    driver.advance('a');
    driver.advance('b');
    const end = driver.runToEnd();
    expect(end).toBeInstanceOf(Deadlock);
    expect((end as Deadlock).waiting).toEqual([
      { actor: 'a', on: 'y' },
      { actor: 'b', on: 'x' },
    ]);
  });

  test('a completion blocks until somebody completes it', () => {
    const waiter = operation<object, number>('wait_for_completion', 'test', function* (k) {
      initCompletion(k.world, 'done');
      yield* call(setVar, { name: 'waiting', value: 1 });
      yield* waitForCompletion('done');
      return 7;
    });
    const completer = leaf<object, number>('complete', 'test', (k) => {
      complete(k.world, 'done');
      return 0;
    });
    const { driver, results } = drive(['a', waiter], ['b', completer]);
    expect(driver.runToEnd()).toBe(false);
    expect(results).toEqual([0, 7]);
    expect(driver.world.need('completions', 'done').waiters).toEqual([]);
  });

  test('the order of the program decides where nobody chooses', () => {
    const say = (value: number): unknown => ({ name: 'turn', value });
    const turn = setVar as KernelFunction<never, unknown>;
    const { driver, results } = drive(
      ['a', turn, say(1)],
      ['b', turn, say(2)],
      ['a', turn, say(3)],
    );
    driver.runToEnd();
    expect(results).toEqual([1, 2, 3]);
    expect(driver.choices).toEqual([
      { step: 1, actor: 'a' },
      { step: 2, actor: 'b' },
      { step: 3, actor: 'a' },
    ]);
  });
});
