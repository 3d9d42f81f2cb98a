import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explore } from '../../src/main/engine/lab/explore/explore.ts';
import { inGroups } from './counterexamples/explore.ts';
import { programs, TestBranch, type Action } from './explore-programs.ts';

/** Random programs a kind. */
const RUNS = process.env['PFNLAB_LONG'] ? 1500 : 40;
const LIMITS = { depth: Infinity, budget: 30_000 };

function both(lists: readonly (readonly Action[])[], groups: readonly number[] = []) {
  const start = () => new TestBranch(lists, groups);
  return {
    reduced: explore(start, { ...LIMITS, reduce: true }),
    brute: explore(start, { ...LIMITS, reduce: false }),
  };
}

const abouts = ({ breakages }: ReturnType<typeof explore>): string[] =>
  breakages.map(({ broken }) => `${broken.kind} ${broken.about}`).sort();

describe('explore: what is reduced away is only what makes no difference', () => {
  test('two actors: the same final states and breakages as every interleaving has', () => {
    fc.assert(
      fc.property(programs(2, 4), (lists) => {
        const { reduced, brute } = both(lists);
        fc.pre(brute.exhaustive);
        expect(reduced.exhaustive).toBe(true);
        expect([...reduced.hashes].sort()).toEqual([...brute.hashes].sort());
        expect(abouts(reduced)).toEqual(abouts(brute));
        expect(reduced.interleavings).toBeLessThanOrEqual(brute.interleavings);
      }),
      { numRuns: RUNS },
    );
  });

  test('three actors, likewise', () => {
    fc.assert(
      fc.property(programs(3, 2), (lists) => {
        const { reduced, brute } = both(lists);
        fc.pre(brute.exhaustive);
        expect([...reduced.hashes].sort()).toEqual([...brute.hashes].sort());
        expect(abouts(reduced)).toEqual(abouts(brute));
      }),
      { numRuns: RUNS },
    );
  });

  test('groups that follow on one another, likewise', () => {
    fc.assert(
      fc.property(programs(3, 2), fc.tuple(fc.nat(1), fc.nat(1)), (lists, [second, third]) => {
        const { reduced, brute } = both(lists, [0, second, second + third]);
        fc.pre(brute.exhaustive);
        expect([...reduced.hashes].sort()).toEqual([...brute.hashes].sort());
        expect(abouts(reduced)).toEqual(abouts(brute));
      }),
      { numRuns: RUNS, examples: inGroups },
    );
  });

  test('the same again gives the same, schedule by schedule', () => {
    fc.assert(
      fc.property(programs(3, 3), (lists) => {
        const start = () => new TestBranch(lists, []);
        const limits = { depth: Infinity, budget: 20_000, reduce: true };
        expect(explore(start, limits)).toEqual(explore(start, limits));
      }),
      { numRuns: RUNS },
    );
  });

  test('actors that touch nothing in common need one interleaving', () => {
    const { reduced, brute } = both([
      [
        { do: 'add', name: 'a', by: 1 },
        { do: 'add', name: 'a', by: 1 },
        { do: 'add', name: 'a', by: 1 },
      ],
      [
        { do: 'add', name: 'b', by: 1 },
        { do: 'add', name: 'b', by: 1 },
        { do: 'add', name: 'b', by: 1 },
      ],
    ]);
    expect(reduced.interleavings).toBe(1);
    expect(brute.interleavings).toBeGreaterThan(30);
  });

  test('a limit of moves or depth is told, and nothing is claimed beyond it', () => {
    const race: Action[] = [
      { do: 'add', name: 'a', by: 1 },
      { do: 'copy', from: 'a', to: 'b' },
    ];
    const start = () => new TestBranch([race, race], []);
    const short = explore(start, { depth: Infinity, budget: 9, reduce: true });
    expect(short).toMatchObject({ exhaustive: false, limit: 'budget' });
    const shallow = explore(start, { depth: 1, budget: 10_000, reduce: true });
    expect(shallow).toMatchObject({ exhaustive: false, limit: 'depth' });
  });

  test('locks taken in two orders: the shortest schedule is each taking its first', () => {
    const add: Action = { do: 'add', name: 'a', by: 1 };
    const taking = (first: string, second: string): Action[] => {
      const inner: Action = { do: 'locked', name: second, shared: false, inner: [add] };
      return [{ do: 'locked', name: first, shared: false, inner: [add, inner] }];
    };
    const { reduced, brute } = both([taking('L', 'M'), taking('M', 'L')]);
    expect(reduced.breakages).toHaveLength(1);
    const [found] = reduced.breakages;
    expect(found?.broken.sentence).toBe(
      'deadlock: actor0 waits for M, which actor1 holds; actor1 waits for L, which actor0 holds',
    );
    expect(found?.switches).toBe(3);
    expect(found?.actors).toEqual(brute.breakages[0]?.actors);
  });
});
