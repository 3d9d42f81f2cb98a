import { describe, expect, test } from 'vitest';
import type { WrittenSchedule } from '../../../src/shared/lab/program.ts';
import type { Facts } from '../../../src/main/engine/core/facts.ts';
import { Deadlock, deadlockText } from '../../../src/main/engine/core/world/deadlock.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import {
  call,
  leaf,
  lock,
  operation,
  point,
  unlock,
  type KernelFunction,
} from '../../../src/main/engine/core/world/operation.ts';

const put = leaf<{ name: string }, void>('put', 'test', (k, { name }) => {
  k.world.put('vars', { name, value: k.world.count('vars') });
});

/** Two calls with a named point between them. */
const racing = operation<{ name: string }, void>('racing', 'test', function* (_k, { name }) {
  yield* call(put, { name: `${name}1` });
  yield* point('window');
  yield* call(put, { name: `${name}2` });
});

interface Entry {
  readonly actor: string;
  readonly group: number;
  readonly fn?: KernelFunction<never, unknown>;
}

function drive(entries: readonly Entry[], schedule?: WrittenSchedule) {
  const told: string[] = [];
  const driver = new Driver(
    { step: ({ actor, fn }) => told.push(`${actor} ${fn}`), returned: () => undefined },
    { facts: {} as Facts, ...(schedule ? { schedule } : {}) },
  );
  for (const { actor, group, fn = racing } of entries) {
    driver.add({
      actor,
      group,
      fn: fn as KernelFunction<never, unknown>,
      params: { name: `${actor}${group}` },
    });
  }
  return { driver, told };
}

const both: readonly Entry[] = [
  { actor: 'app', group: 1 },
  { actor: 'admin', group: 1 },
];

describe('world/schedule: entries that run concurrently', () => {
  test('without a schedule they run in order of the program', () => {
    const { driver, told } = drive(both);
    expect(driver.runToEnd()).toBe(false);
    expect(told.map((line) => line.split(' ')[0])).toEqual(
      [...Array<string>(5).fill('app'), ...Array<string>(5).fill('admin')].slice(0, told.length),
    );
  });

  test('a later group is offered only when the one before it has ended', () => {
    const { driver } = drive([...both, { actor: 'late', group: 2 }]);
    expect(driver.runnable()).toEqual(['app', 'admin']);
    while (driver.runnable()[0] !== 'late') driver.advance();
    expect(driver.runnable()).toEqual(['late']);
  });

  test('a group whose actors are all blocked lets the next one begin', () => {
    const takes = operation<object, void>('takes', 'test', function* () {
      yield* lock('L');
    });
    const gives = operation<object, void>('gives', 'test', function* () {
      yield* unlock('L');
    });
    const { driver } = drive([
      { actor: 'owner', group: 1, fn: takes as KernelFunction<never, unknown> },
      { actor: 'waiter', group: 2, fn: takes as KernelFunction<never, unknown> },
      { actor: 'owner', group: 3, fn: gives as KernelFunction<never, unknown> },
    ]);
    driver.advance();
    driver.advance();
    expect(driver.runnable()).toEqual(['owner']);
    expect(driver.runToEnd()).toBe(false);
  });
});

describe('world/schedule: by places', () => {
  test('run until a point, then another, then the rest', () => {
    const { driver, told } = drive(both, [
      { run: { actor: 'app', until: 'racing:window' } },
      { run: { actor: 'admin' } },
    ]);
    driver.runToEnd();
    expect(told.slice(0, 3)).toEqual(['app racing', 'app put', 'app racing']);
    expect(told[3]).toBe('admin racing');
    expect(told.slice(-2)).toEqual(['app racing:window', 'app put']);
  });

  test('hold stops an actor at a function, and release lets it go on', () => {
    const { driver, told } = drive(both, [
      { hold: { actor: 'app', at: 'put' } },
      { run: { actor: 'app' } },
      { run: { actor: 'admin', until: 'put' } },
      { release: 'app' },
      { run: { actor: 'app' } },
    ]);
    driver.runToEnd();
    const switches = told.map((line) => line.split(' ')[0]).join(' ');
    expect(switches).toMatch(/^app app admin admin (app )+(admin ?)+$/);
  });

  test('who is held goes on when nobody else can', () => {
    const { driver, told } = drive(both, [{ hold: { actor: 'app', at: 'racing' } }]);
    expect(driver.runToEnd()).toBe(false);
    expect(told[1]).toBe('admin racing');
    expect(told.at(-1)).toBe('app put');
  });

  test('a number of steps', () => {
    const { driver, told } = drive(both, [
      { run: { actor: 'admin', steps: 2 } },
      { run: { actor: 'app', steps: 1 } },
      { run: { actor: 'admin' } },
    ]);
    driver.runToEnd();
    expect(told.slice(0, 4)).toEqual(['admin racing', 'admin put', 'app racing', 'admin racing']);
  });

  test('a place that is never reached is told with its entry', () => {
    const { driver } = drive(both, [
      { run: { actor: 'app', until: 'memunmap_pages' } },
      { run: { actor: 'admin' } },
    ]);
    expect(() => driver.runToEnd()).toThrow(
      'schedule[0]: app ends before it stands at memunmap_pages',
    );
  });

  test('an actor with nothing left to do is told with its entry', () => {
    const { driver } = drive(both, [{ run: { actor: 'app' } }, { run: { actor: 'app' } }]);
    expect(() => driver.runToEnd()).toThrow('schedule[1]: app has nothing left to do');
  });
});

describe('world/schedule: choices', () => {
  test('a run by places, replayed by its recorded choices, makes the same steps', () => {
    const first = drive(
      [...both, { actor: 'app', group: 1 }],
      [
        { run: { actor: 'app', until: 'racing:window' } },
        { run: { actor: 'admin', steps: 3 } },
        { run: { actor: 'app' } },
      ],
    );
    first.driver.runToEnd();
    const again = drive([...both, { actor: 'app', group: 1 }], first.driver.choices);
    again.driver.runToEnd();
    expect(again.told).toEqual(first.told);
    expect(again.driver.world.hash()).toEqual(first.driver.world.hash());
    expect(again.driver.choices).toEqual(first.driver.choices);
  });

  test('what is read before a named point is read before others run there', () => {
    const reads: number[] = [];
    const reader = operation<object, void>('reader', 'test', function* (k) {
      yield* call(put, { name: 'first' });
      reads.push(k.world.count('vars'));
      yield* point('recheck');
      reads.push(k.world.count('vars'));
    });
    const { driver, told } = drive(
      [
        { actor: 'app', group: 1, fn: reader as KernelFunction<never, unknown> },
        { actor: 'admin', group: 1 },
      ],
      [{ run: { actor: 'app', until: 'reader:recheck' } }, { run: { actor: 'admin' } }],
    );
    driver.runToEnd();
    expect(reads).toEqual([1, 3]);
    expect(told.slice(0, 3)).toEqual(['app reader', 'app put', 'app reader']);
  });

  test('a deadlock says who waits for what, and who has it', () => {
    const cross = (first: string, second: string) =>
      operation<object, void>('cross', 'test', function* () {
        yield* lock(first);
        yield* point('between');
        yield* lock(second);
      }) as KernelFunction<never, unknown>;
    const { driver } = drive([
      { actor: 'a', group: 1, fn: cross('L', 'M') },
      { actor: 'b', group: 1, fn: cross('M', 'L') },
    ]);
    driver.advance('a');
    driver.advance('b');
    const end = driver.runToEnd();
    expect(end).toBeInstanceOf(Deadlock);
    expect(deadlockText(end as Deadlock, driver.world)).toBe(
      'deadlock: a waits for M, which b holds; b waits for L, which a holds',
    );
  });
});
