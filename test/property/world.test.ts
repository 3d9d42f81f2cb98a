import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHash, hashTables } from '../../src/main/engine/core/world/hash.ts';
import { Store } from '../../src/main/engine/core/world/store.ts';
import { Cursor, StepLog } from '../../src/main/engine/core/world/timeline.ts';
import { program, runProgram, type Run } from './random-programs.ts';

/** The hash of every step, counted afresh from the records: the slow, sure way. */
function hashesForward({ log }: Run): string[] {
  const hashes: string[] = [];
  const store = new Store();
  for (let seq = 0; seq <= log.length; seq += 1) {
    if (seq > 0) for (const change of log.step(seq).diff) store.apply(change);
    hashes.push(formatHash(hashTables((schema) => store.rows(schema.name))));
  }
  return hashes;
}

describe('a recorded run', () => {
  test('going back to the start and forward again meets the same hash at every step', () => {
    fc.assert(
      fc.property(program, (lists) => {
        const run = runProgram(lists);
        const hashes = hashesForward(run);
        const cursor = new Cursor(run.log, run.log.length);
        expect(cursor.hashText()).toBe(formatHash(run.driver.world.hash()));
        for (let at = run.log.length; at >= 0; at -= 1) {
          cursor.seek(at);
          expect(cursor.hashText()).toBe(hashes[at]);
        }
        expect(cursor.world.count('pages')).toBe(0);
        for (let at = 0; at <= run.log.length; at += 1) {
          cursor.seek(at);
          expect(cursor.hashText()).toBe(hashes[at]);
        }
      }),
    );
  });

  test('seeking anywhere in any order meets the hash of that step', () => {
    fc.assert(
      fc.property(program, fc.array(fc.nat(), { maxLength: 20 }), (lists, places) => {
        const run = runProgram(lists);
        const hashes = hashesForward(run);
        const cursor = new Cursor(run.log);
        for (const place of places) {
          const at = place % (run.log.length + 1);
          cursor.seek(at);
          expect(cursor.hashText()).toBe(hashes[at]);
        }
      }),
    );
  });

  test('replaying its diffs into an empty world gives the same end', () => {
    fc.assert(
      fc.property(program, (lists) => {
        const run = runProgram(lists);
        const replayed = new StepLog(new Store());
        for (let seq = 1; seq <= run.log.length; seq += 1) replayed.replay(run.log.step(seq));
        expect(new Cursor(replayed, replayed.length).hashText()).toBe(
          formatHash(run.driver.world.hash()),
        );
      }),
    );
  });

  test('running again under the recorded schedule makes the same steps and the same hash', () => {
    fc.assert(
      fc.property(program, fc.array(fc.nat(), { minLength: 1 }), (lists, picks) => {
        const pick = (runnable: readonly string[], step: number): string =>
          runnable[(picks[step % picks.length] ?? 0) % runnable.length] ?? '';
        const first = runProgram(lists, { pick });
        const again = runProgram(lists, { schedule: first.driver.choices });
        expect(again.log.length).toBe(first.log.length);
        for (let seq = 1; seq <= first.log.length; seq += 1) {
          const { actor, fn, kind } = again.log.step(seq);
          expect({ actor, fn, kind }).toEqual({
            actor: first.log.step(seq).actor,
            fn: first.log.step(seq).fn,
            kind: first.log.step(seq).kind,
          });
        }
        expect(formatHash(again.driver.world.hash())).toBe(formatHash(first.driver.world.hash()));
        expect(again.driver.choices).toEqual(first.driver.choices);
      }),
    );
  });

  test('extents never overlap and are merged as far as their fields allow', () => {
    fc.assert(
      fc.property(program, (lists) => {
        const { driver } = runProgram(lists);
        let before: { end: number; refcount: number; zone: number } | undefined;
        for (const row of driver.world.rows('pages')) {
          expect(row.start).toBeLessThan(row.end);
          if (before) {
            expect(before.end).toBeLessThanOrEqual(row.start);
            if (before.end === row.start) {
              expect([before.refcount, before.zone]).not.toEqual([row.refcount, row.zone]);
            }
          }
          before = row;
        }
        let map: { start: number; end: number; phys: bigint | null } | undefined;
        for (const row of driver.world.rows('vmemmap')) {
          if (map && map.end === row.start && map.phys !== null && row.phys !== null) {
            expect(row.phys - map.phys).not.toBe(BigInt(row.start - map.start) * 64n);
          }
          map = row;
        }
      }),
    );
  });

  test('extents hold what a plain array of pages would hold', () => {
    fc.assert(
      fc.property(program, (lists) => {
        const run = runProgram(lists.slice(0, 1));
        const model = new Map<number, { refcount: number; zone: number }>();
        for (let seq = 1; seq <= run.log.length; seq += 1) {
          for (const { table, from, to } of run.log.step(seq).diff) {
            if (table !== 'pages') continue;
            if (from)
              for (let p = Number(from['start']); p < Number(from['end']); p += 1) model.delete(p);
            if (!to) continue;
          }
          for (const { table, to } of run.log.step(seq).diff) {
            if (table !== 'pages' || !to) continue;
            for (let p = Number(to['start']); p < Number(to['end']); p += 1) {
              model.set(p, { refcount: to['refcount'] as number, zone: to['zone'] as number });
            }
          }
        }
        for (let p = 0; p < 470; p += 1) {
          const row = run.driver.world.at('pages', p);
          expect(row && { refcount: row.refcount, zone: row.zone }).toEqual(model.get(p));
        }
      }),
    );
  });
});
