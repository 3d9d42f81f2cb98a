import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/main/engine/core/facts.ts';
import { Deadlock } from '../../../src/main/engine/core/world/deadlock.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import {
  lock,
  lockShared,
  operation,
  point,
  sleepOn,
  unlock,
  type Operation,
} from '../../../src/main/engine/core/world/operation.ts';
import { lockNow, wakeUp } from '../../../src/main/engine/core/world/sync.ts';
import type { Kernel } from '../../../src/main/engine/core/facts.ts';

/** A driver with one task an actor; `log` collects what they say. */
function bench(tasks: Record<string, (k: Kernel) => Operation<void>>) {
  const driver = new Driver({ step: () => {}, returned: () => {} }, { facts: {} as Facts });
  for (const [actor, body] of Object.entries(tasks)) {
    const fn = operation<object, void>('task', 'test:task', (k) => body(k));
    driver.add({ actor, fn: fn as never, params: {} });
  }
  return driver;
}

/** Lets one actor run until it is blocked or done. */
function exhaust(driver: Driver, actor: string): void {
  while (driver.runnable().includes(actor)) driver.advance(actor);
}

describe('world: shared locks', () => {
  it('lets readers in together, and a writer after the last of them', () => {
    const log: string[] = [];
    const reader = (name: string) =>
      function* (): Operation<void> {
        yield* lockShared('mmap_lock');
        log.push(`${name} in`);
        yield* point('reading');
        yield* unlock('mmap_lock');
        log.push(`${name} out`);
      };
    const driver = bench({
      a: reader('a'),
      b: reader('b'),
      w: function* () {
        yield* lock('mmap_lock', 'rwsem');
        log.push('w in');
        yield* unlock('mmap_lock');
      },
    });
    driver.advance('a');
    driver.advance('b');
    driver.advance('w');
    expect(log).toEqual(['a in', 'b in']);
    expect(driver.runnable()).toEqual(['a', 'b']);
    exhaust(driver, 'a');
    expect(log).toEqual(['a in', 'b in', 'a out']);
    expect(driver.runnable()).toEqual(['b']);
    exhaust(driver, 'b');
    exhaust(driver, 'w');
    expect(log).toEqual(['a in', 'b in', 'a out', 'b out', 'w in']);
    expect(driver.world.count('locks')).toBe(0);
  });

  it('queues a reader behind a writer who waits, and wakes readers together', () => {
    const log: string[] = [];
    const take = (name: string, shared: boolean) =>
      function* (): Operation<void> {
        yield* shared ? lockShared('s') : lock('s', 'rwsem');
        log.push(name);
        yield* point('held');
        yield* unlock('s');
      };
    const driver = bench({
      r1: take('r1', true),
      w: take('w', false),
      r2: take('r2', true),
      r3: take('r3', true),
    });
    for (const actor of ['r1', 'w', 'r2', 'r3']) driver.advance(actor);
    expect(log).toEqual(['r1']);
    exhaust(driver, 'r1');
    exhaust(driver, 'w');
    expect(driver.runnable()).toEqual(['r2', 'r3']);
    driver.runToEnd();
    expect(log).toEqual(['r1', 'w', 'r2', 'r3']);
  });

  it('never waits in a trylock', () => {
    const got: boolean[] = [];
    const driver = bench({
      a: function* () {
        yield* lock('page');
        yield* point('held');
        yield* unlock('page');
      },
      b: function* (k) {
        got.push(lockNow(k.world, 'page', 'mutex', k.current()));
        yield* point('later');
        got.push(lockNow(k.world, 'page', 'mutex', k.current()));
        yield* unlock('page');
      },
    });
    driver.advance('a');
    driver.advance('b');
    exhaust(driver, 'a');
    exhaust(driver, 'b');
    expect(got).toEqual([false, true]);
  });
});

describe('world: wait queues', () => {
  it('wake everybody, who look at the condition again', () => {
    const woken: string[] = [];
    let open = false;
    const sleeper = (name: string) =>
      function* (): Operation<void> {
        while (!open) yield* sleepOn('q');
        woken.push(name);
      };
    const driver = bench({
      a: sleeper('a'),
      b: sleeper('b'),
      waker: function* (k) {
        wakeUp(k.world, 'q');
        yield* point('too early');
        open = true;
        wakeUp(k.world, 'q');
      },
    });
    driver.advance('a');
    driver.advance('b');
    expect(driver.runnable()).toEqual(['waker']);
    driver.advance('waker');
    exhaust(driver, 'a');
    exhaust(driver, 'b');
    expect(woken).toEqual([]);
    exhaust(driver, 'waker');
    expect(driver.runToEnd()).toBe(false);
    expect(woken).toEqual(['a', 'b']);
    expect(driver.world.count('wait_queues')).toBe(0);
    expect(driver.world.count('actors')).toBe(0);
  });

  it('without a waker are a deadlock that names the queue', () => {
    const driver = bench({
      a: function* () {
        yield* sleepOn('q');
      },
    });
    const end = driver.runToEnd();
    expect(end).toBeInstanceOf(Deadlock);
    expect((end as Deadlock).waiting).toEqual([{ actor: 'a', on: 'q' }]);
  });
});
