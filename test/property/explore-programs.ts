import fc from 'fast-check';
import type { Branch, Broken } from '../../src/main/engine/lab/explore/branch.ts';
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { AccessLog } from '../../src/main/engine/core/world/access.ts';
import { groupOf } from '../../src/main/engine/core/world/actors.ts';
import { deadlockOf, deadlockText } from '../../src/main/engine/core/world/deadlock.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import {
  call,
  leaf,
  lock,
  lockShared,
  operation,
  point,
  sleepOn,
  unlock,
  waitForCompletion,
  type KernelFunction,
  type Operation,
} from '../../src/main/engine/core/world/operation.ts';
import { complete, initCompletion, wakeUp } from '../../src/main/engine/core/world/sync.ts';

/** What a made-up actor does, in order. */
export type Action =
  | { do: 'copy'; from: string; to: string }
  | { do: 'add'; name: string; by: number }
  | { do: 'pages'; start: number; length: number; by: number }
  | { do: 'look'; at: number }
  | { do: 'count' }
  | { do: 'locked'; name: string; shared: boolean; inner: Action[] }
  | { do: 'complete' }
  | { do: 'wait' }
  | { do: 'wake' }
  | { do: 'sleep' };

const name = fc.constantFrom('a', 'b', 'c');
const simple: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('copy' as const), from: name, to: name }),
  fc.record({ do: fc.constant('add' as const), name, by: fc.integer({ min: 1, max: 2 }) }),
  fc.record({
    do: fc.constant('pages' as const),
    start: fc.integer({ min: 0, max: 12 }),
    length: fc.integer({ min: 1, max: 4 }),
    by: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({ do: fc.constant('look' as const), at: fc.integer({ min: 0, max: 15 }) }),
  fc.constant<Action>({ do: 'count' }),
);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: simple },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('locked' as const),
      name: fc.constantFrom('L', 'M'),
      shared: fc.boolean(),
      inner: fc.array(simple, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ do: 'complete' }, { do: 'wait' }) },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ do: 'wake' }, { do: 'sleep' }) },
);
/** Lists of actions, one an actor. */
export const programs = (actors: number, actions: number) =>
  fc.array(fc.array(action, { minLength: 1, maxLength: actions }), {
    minLength: 2,
    maxLength: actors,
  });

const act = leaf<{ action: Action }, void>(
  'act',
  'test',
  ({ world }, { action: a }) => {
    const value = (of: string): number => Number(world.get('vars', of)?.value ?? 0);
    switch (a.do) {
      case 'copy':
        world.put('vars', { name: a.to, value: value(a.from) * 2 });
        break;
      case 'add':
        world.put('vars', { name: a.name, value: value(a.name) + a.by });
        break;
      case 'pages':
        world.update('pages', a.start, a.start + a.length, ({ refcount }) => ({
          refcount: refcount * 2 + a.by,
        }));
        break;
      case 'look': {
        // Sees where the extent ends, and so whether its neighbours have joined it.
        const row = world.at('pages', a.at);
        world.put('vars', { name: 'a', value: row ? row.end - row.start : -1 });
        break;
      }
      case 'count':
        world.put('vars', { name: 'b', value: world.count('pages') });
        break;
      case 'complete':
        complete(world, 'done');
        break;
      case 'wake':
        wakeUp(world, 'queue');
        break;
      default:
    }
  },
  { show: () => ({}) },
);

function* doAll(actions: readonly Action[]): Operation<void> {
  for (const a of actions) {
    if (a.do === 'wait') yield* waitForCompletion('done');
    else if (a.do === 'sleep') yield* sleepOn('queue');
    else if (a.do === 'locked') {
      yield* a.shared ? lockShared(a.name) : lock(a.name);
      yield* doAll(a.inner);
      yield* unlock(a.name);
    } else yield* call(act, { action: a });
    if (a.do === 'copy') yield* point('after');
  }
}

const main = operation<{ actions: readonly Action[] }, void>(
  'main',
  'test',
  function* (_k, { actions }) {
    yield* doAll(actions);
  },
  { show: () => ({}) },
);

/** Made-up actors; those of a later group begin when nobody before them can go on. */
export class TestBranch implements Branch {
  private readonly driver = new Driver(
    { step: () => undefined, returned: () => undefined },
    { facts: {} as Facts },
  );

  constructor(lists: readonly (readonly Action[])[], groups: readonly number[]) {
    const { world } = this.driver;
    initCompletion(world, 'done');
    world.set('pages', 0, 16, {
      state: 'init',
      nid: 0,
      zone: 1,
      flags: '',
      refcount: 0,
      mapcount: -1,
      pgmap: null,
      buddy: false,
      compound_order: 0,
      migratetype: '',
    });
    world.takeChanges();
    lists.forEach((actions, at) => {
      this.driver.add({
        actor: `actor${at}`,
        fn: main as unknown as KernelFunction<never, unknown>,
        params: { actions },
        group: groups[at] ?? 0,
      });
    });
  }

  offered(): readonly string[] {
    return this.driver.runnable();
  }

  groupOf(actor: string): number {
    return groupOf(this.driver.actors.get(actor));
  }

  move(actor: string) {
    const access = new AccessLog();
    this.driver.world.access = access;
    const made = this.driver.advanceOnly(actor);
    const broken = this.broken(actor);
    this.driver.world.access = undefined;
    return { access, fn: made ? 'step' : '', broken };
  }

  /** A made-up invariant: `c` is never 6. */
  private broken(actor: string): Broken | undefined {
    if (this.driver.world.get('vars', 'c')?.value !== 6) return undefined;
    return { kind: 'invariant', about: 'c', sentence: 'c is 6', actor, fn: 'act' };
  }

  end() {
    const deadlock = deadlockOf(this.driver.actors.all());
    const broken: Broken | undefined = deadlock && {
      kind: 'deadlock',
      about: deadlock.waiting.map(({ actor, on }) => `${actor} on ${on}`).join(', '),
      sentence: deadlockText(deadlock, this.driver.world),
      actor: '',
      fn: '',
    };
    return { broken, hash: formatHash(this.driver.world.hash()) };
  }

  close(): void {}
}
