import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FreeLists, freeLists } from '../../src/main/engine/kernel/buddy/free-lists.ts';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { alloc, free, machineOf } from '../unit/buddy/by-hand.ts';
import type { Bench } from '../unit/pgmap/small-machine.ts';

const GFP = ['GFP_KERNEL', 'GFP_HIGHUSER_MOVABLE', 'GFP_DMA32', 'GFP_KERNEL|__GFP_RECLAIMABLE'];
const TYPES = ['UNMOVABLE', 'MOVABLE', 'RECLAIMABLE'];

/** Zones that begin and end inside blocks, on two nodes: 20 MiB each and a little. */
function machine(): Bench {
  return machineOf(
    [
      { nid: 0, name: 'DMA32', start: 0x1003, end: 0x1c07 },
      { nid: 0, name: 'Normal', start: 0x100000, end: 0x101401 },
      { nid: 1, name: 'Normal', start: 0x101401, end: 0x102601 },
    ],
    [
      [10, 20],
      [20, 10],
    ],
  );
}

const op = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      order: fc.integer({ min: 0, max: 10 }),
      gfp: fc.constantFrom(...GFP),
      nid: fc.nat(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ free: fc.nat(99) }) },
);
type Op = { order: number; gfp: string; nid: number } | { free: number };

interface Held {
  readonly pfn: number;
  readonly order: number;
}

function run(bench: Bench, ops: readonly Op[], after: (held: readonly Held[]) => void): Held[] {
  const held: Held[] = [];
  for (const step of ops) {
    if ('free' in step) {
      const [one] = held.splice(step.free % Math.max(held.length, 1), 1);
      if (one) expect(free(bench, one.pfn, one.order)).toBeUndefined();
    } else {
      const [got] = alloc(bench, step.order, step.gfp, step.nid);
      if (got) {
        expect(got.end - got.pfn).toBe(2 ** step.order);
        expect(got.pfn % 2 ** step.order).toBe(0);
        held.push({ pfn: got.pfn, order: step.order });
      }
    }
    after(held);
  }
  return held;
}

/** Every list of every zone: `zone/type/order` to its blocks. */
function listsOf(bench: Bench, lists: FreeLists): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { key } of bench.world.rows('zones')) {
    for (const type of TYPES) {
      for (let order = 0; order <= 10; order += 1) {
        const blocks = lists.count(key, order, type);
        if (blocks > 0) found[`${key}/${type}/${order}`] = blocks;
      }
    }
  }
  return found;
}

function pagesByUse(bench: Bench): { free: number; held: number } {
  const sum = { free: 0, held: 0 };
  for (const { start, end, buddy } of bench.world.rows('pages')) {
    sum[buddy ? 'free' : 'held'] += end - start;
  }
  return sum;
}

/** Free and used pages without the pageblock types, which outlive the allocations. */
function shape(bench: Bench): string[] {
  return [...bench.world.rows('pages')].map(({ start, end, migratetype: _type, ...rest }) =>
    JSON.stringify({ pages: `${start}-${end}`, ...rest }),
  );
}

describe('any order of allocations and frees', () => {
  it('keeps the lists equal to the free extents, and no page both free and held', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40 }), (ops) => {
        const bench = machine();
        freeLists(bench.world, bench.facts);
        const total = pagesByUse(bench).free;
        run(bench, ops, (held) => {
          const kept = freeLists(bench.world, bench.facts);
          const fresh = new FreeLists(bench.world, bench.facts.arch.max_page_order);
          expect(listsOf(bench, kept)).toEqual(listsOf(bench, fresh));
          const pages = held.reduce((sum, { order }) => sum + 2 ** order, 0);
          expect(pagesByUse(bench)).toEqual({ free: total - pages, held: pages });
          for (const { pfn, order } of held) {
            for (const row of bench.world.overlapping('pages', pfn, pfn + 2 ** order)) {
              expect(row).toMatchObject({ buddy: false, compound_order: order });
            }
          }
          const sorted = [...held].sort((a, b) => a.pfn - b.pfn);
          sorted.slice(1).forEach(({ pfn }, at) => {
            const before = sorted[at] as Held;
            expect(pfn).toBeGreaterThanOrEqual(before.pfn + 2 ** before.order);
          });
        });
      }),
      { numRuns: 80 },
    );
  });

  it('never leaves two free buddies of one type apart below the highest order', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 30 }), (ops) => {
        const bench = machine();
        run(bench, ops, () => {
          const rows = [...bench.world.rows('pages')].filter(({ buddy }) => buddy);
          rows.slice(1).forEach((row, at) => {
            const before = rows[at] as (typeof rows)[number];
            const together = before.end === row.start && before.zone === row.zone;
            if (!together || before.nid !== row.nid) return;
            // Free extents that touch have another type, and no buddies at their border.
            const border = row.start;
            for (let order = 0; order < 10; order += 1) {
              const size = 2 ** order;
              if (border % (2 * size) !== size) continue;
              const buddies = border - size >= before.start && border + size <= row.end;
              expect(buddies, `order ${order} at ${border}`).toBe(false);
            }
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  it('merges back to the first state when everything is freed', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40 }), fc.boolean(), (ops, movable) => {
        const bench = machine();
        const shapeBefore = shape(bench);
        const hashBefore = formatHash(bench.world.hash());
        const used = movable
          ? ops.map((step) => ('free' in step ? step : { ...step, gfp: 'GFP_HIGHUSER_MOVABLE' }))
          : ops;
        for (const { pfn, order } of run(bench, used, () => undefined)) free(bench, pfn, order);
        if (movable) expect(formatHash(bench.world.hash())).toBe(hashBefore);
        bench.world.update('pages', 0, 0x200000, { migratetype: 'MOVABLE' });
        expect(shape(bench)).toEqual(shapeBefore);
      }),
      { numRuns: 80 },
    );
  });

  it('is the same world forward, back to the start and at any step between', () => {
    fc.assert(
      fc.property(
        fc.array(op, { maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ops, part) => {
          const bench = machine();
          const first = formatHash(bench.world.hash());
          run(bench, ops, () => undefined);
          const end = formatHash(bench.world.hash());
          const cursor = new Cursor(bench.log, bench.log.length);
          expect(cursor.hashText()).toBe(end);
          const middle = Math.floor(part * bench.log.length);
          cursor.seek(middle);
          const there = cursor.hashText();
          cursor.seek(0);
          expect(cursor.hashText()).toBe(first);
          cursor.seek(middle);
          expect(cursor.hashText()).toBe(there);
          cursor.seek(bench.log.length);
          expect(cursor.hashText()).toBe(end);
        },
      ),
      { numRuns: 40 },
    );
  });
});
