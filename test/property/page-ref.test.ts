import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { get_page, put_page, try_get_page } from '../../src/main/engine/kernel/page/page-ref.ts';
import { memremap_pages } from '../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../src/main/engine/kernel/memremap/memunmap.ts';
import { failed } from '../../src/main/engine/core/world/operation.ts';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { brought, range, smallMachine } from '../unit/pgmap/small-machine.ts';

const FIRST = 0x200000;
const PAGES = 2048;
const VERSIONS = [
  '4.14',
  '4.20',
  '5.3',
  '5.14',
  '5.17',
  '5.19',
  '6.0',
  '6.1',
  '6.12',
  '6.18',
  '7.2',
];

const op = fc.record({
  get: fc.boolean(),
  at: fc.nat(PAGES - 1),
  pages: fc.integer({ min: 1, max: 600 }),
  refs: fc.constantFrom(1, 1, 2, 1024),
});

describe('any order of references to device pages', () => {
  it('counts each page as an array of counts does, and its compound page on the head', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VERSIONS),
        fc.boolean(),
        fc.array(op, { maxLength: 20 }),
        (version, huge, ops) => {
          const bench = smallMachine(version);
          const compound = huge && bench.facts.era.get('compound_devmap');
          const made = bench.call(memremap_pages, {
            ...{ type: 'GENERIC', ranges: [range(BigInt(FIRST) << 12n, 0x8000000n)], nid: 0 },
            ...brought(bench),
            vmemmap_shift: compound ? 9 : 0,
          });
          if (failed(made)) throw new Error(made.check);
          const size = compound ? 512 : 1;
          const head = (pfn: number) => pfn - (pfn % size);
          const extra = new Map<number, number>();
          for (const { get, at, pages, refs } of ops) {
            const end = Math.min(at + pages, PAGES);
            const heads = new Map<number, number>();
            for (let pfn = at; pfn < end; pfn += 1) {
              heads.set(head(pfn), (heads.get(head(pfn)) ?? 0) + refs);
            }
            const enough = [...heads].every(([pfn, by]) => (extra.get(pfn) ?? 0) >= by);
            if (!get && !enough) continue;
            const run = { pfn: FIRST + at, end: FIRST + end, refs };
            if (get && refs === 2) expect(bench.call(try_get_page, run)).toBe(true);
            else expect(bench.call(get ? get_page : put_page, run)).toBeUndefined();
            for (const [pfn, by] of heads) extra.set(pfn, (extra.get(pfn) ?? 0) + (get ? by : -by));
          }
          for (let pfn = 0; pfn < PAGES; pfn += size) {
            expect(bench.world.at('pages', FIRST + pfn)?.refcount).toBe(1 + (extra.get(pfn) ?? 0));
          }
          const end = formatHash(bench.world.hash());
          const cursor = new Cursor(bench.log, bench.log.length);
          cursor.seek(0);
          cursor.seek(bench.log.length);
          expect(cursor.hashText()).toBe(end);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves nothing behind once all are given back and the pagemap is gone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VERSIONS.filter((version) => version !== '4.14' && version !== '4.20')),
        fc.array(op, { maxLength: 8 }),
        (version, ops) => {
          const bench = smallMachine(version);
          const made = bench.call(memremap_pages, {
            ...{ type: 'GENERIC', ranges: [range(BigInt(FIRST) << 12n, 0x8000000n)], nid: 0 },
          });
          if (failed(made)) throw new Error(made.check);
          for (const { at, pages, refs } of ops) {
            const run = { pfn: FIRST + at, end: FIRST + at + pages, refs };
            bench.call(get_page, run);
            bench.call(put_page, run);
          }
          expect(bench.call(memunmap_pages, { pgmap: made.pgmap })).toBeUndefined();
          for (const table of ['pgmaps', 'pgmap_array', 'completions', 'wait_queues'] as const) {
            expect([table, bench.world.count(table)]).toEqual([table, 0]);
          }
          expect(bench.world.at('pages', FIRST)).toBeUndefined();
        },
      ),
      { numRuns: 30 },
    );
  });
});
