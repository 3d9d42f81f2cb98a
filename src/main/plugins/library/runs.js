// Runs of equal entries, as the bench gives and takes them: `{ index, count, pfn }`, and the units
// between pages and bytes.

/** @import { Kernel, MigrateDst, MigrateRun, WordRun } from '../../../../plugins/api.d.ts' */

/**
 * Is it a negative errno?
 *
 * @param {unknown} value what `yield` gave
 * @returns {value is number}
 */
export const isError = (value) => typeof value === 'number' && value < 0;

/**
 * Bytes of so many pages.
 *
 * @param {Kernel} k
 * @param {number} pages
 * @returns {bigint}
 */
export const bytesOf = (k, pages) => BigInt(pages) << BigInt(k.arch.page_shift);

/**
 * Whole pages in so many bytes; the PFN of an address.
 *
 * @param {Kernel} k
 * @param {bigint} bytes
 * @returns {number}
 */
export const pagesIn = (k, bytes) => Number(bytes >> BigInt(k.arch.page_shift));

/**
 * HPAGE_PMD_ORDER.
 *
 * @param {Kernel} k
 * @returns {number}
 */
export const hugeOrder = (k) => k.arch.pmd_shift - k.arch.page_shift;

/**
 * What of a migration has both a source that was migrated and a destination, in the order of `src`.
 *
 * @param {readonly MigrateRun[]} src
 * @param {readonly MigrateDst[]} dst
 * @returns {{ index: number, count: number, src: MigrateRun, dst: MigrateDst }[]}
 */
export function pairs(src, dst) {
  const found = [];
  let first = 0;
  for (const s of src) {
    if (!s.migrate) continue;
    for (let at = first; at < dst.length; at += 1) {
      const d = /** @type {MigrateDst} */ (dst[at]);
      if (d.index + d.count <= s.index) first = at + 1;
      else if (d.index >= s.index + s.count) break;
      else {
        const index = Math.max(s.index, d.index);
        const end = Math.min(s.index + s.count, d.index + d.count);
        found.push({ index, count: end - index, src: s, dst: d });
      }
    }
  }
  return found;
}

/**
 * Contents of pages in order, joined where they go on: what a read gives back to a program.
 *
 * @param {Kernel} k
 * @param {readonly WordRun[]} pieces
 * @returns {{ word: number, count: boolean, pages: number }[]}
 */
export function joinWords(k, pieces) {
  const perPage = 2 ** k.arch.page_shift / 4;
  /** @type {{ word: number, count: boolean, pages: number }[]} */
  const joined = [];
  for (const { pages, word, count } of pieces) {
    const last = joined[joined.length - 1];
    const next = last === undefined ? 0 : last.word + (last.count ? last.pages * perPage : 0);
    if (last !== undefined && last.count === count && next === word) last.pages += pages;
    else joined.push({ word, count, pages });
  }
  return joined;
}
