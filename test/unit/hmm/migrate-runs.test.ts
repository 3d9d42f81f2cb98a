import fc from 'fast-check';
import type { MigrateRun } from '../../../src/shared/world/address-space-tables.ts';
import { describe, expect, test } from 'vitest';
import { joined, pairs, readDst } from '../../../src/main/engine/kernel/migrate/device/runs.ts';

const PAGES = 40;

/** An array of entries as the kernel has it: a PFN or nothing for each page. */
const arrays = fc.array(fc.option(fc.integer({ min: 1, max: 6 }), { freq: 1 }), {
  minLength: PAGES,
  maxLength: PAGES,
});

/** Runs of an array in which pages of one extent follow each other. */
function runsOf(array: readonly (number | null)[]): MigrateRun[] {
  return joined(
    array.flatMap((extent, index) =>
      extent === null
        ? []
        : [
            {
              index,
              count: 1,
              pfn: extent * 1000 + index,
              migrate: true,
              write: false,
              compound: false,
            },
          ],
    ),
  );
}

function pfnAt(runs: readonly MigrateRun[], page: number): number | null {
  const run = runs.find(({ index, count }) => index <= page && page < index + count);
  return run?.pfn == null ? null : run.pfn + page - run.index;
}

describe('runs of src and dst arrays', () => {
  test('say the same as one entry for each page', () => {
    fc.assert(
      fc.property(arrays, (array) => {
        const runs = runsOf(array);
        array.forEach((extent, page) => {
          expect(pfnAt(runs, page)).toBe(extent === null ? null : extent * 1000 + page);
        });
      }),
    );
  });

  test('side by side have every page once, with both its entries', () => {
    fc.assert(
      fc.property(arrays, arrays, (left, right) => {
        const [src, dst] = [runsOf(left), runsOf(right)];
        const seen = new Set<number>();
        for (const pair of pairs(src, dst)) {
          for (let page = pair.index; page < pair.index + pair.count; page += 1) {
            expect(seen.has(page)).toBe(false);
            seen.add(page);
            expect(pfnAt(pair.src ? [pair.src] : [], page)).toBe(pfnAt(src, page));
            expect(pfnAt(pair.dst ? [pair.dst] : [], page)).toBe(pfnAt(dst, page));
          }
        }
        for (let page = 0; page < PAGES; page += 1) {
          expect(seen.has(page)).toBe(left[page] !== null || right[page] !== null);
        }
      }),
    );
  });

  test('from a driver are refused with a sentence where they make no sense', () => {
    expect(readDst([{ index: 0, count: 5, pfn: 1 }], 4)).toMatch(/past the 4 pages/);
    const twice = [
      { index: 0, count: 2, pfn: 1 },
      { index: 1, count: 1, pfn: 9 },
    ];
    expect(readDst(twice, 4)).toMatch(/two pages for page 1/);
  });
});
