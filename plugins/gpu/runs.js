// SPDX-License-Identifier: MIT
// Runs of equal entries, as the bench gives src arrays and takes dst arrays: { index, count, pfn }.

/** @import { Kernel, MigrateRun, WordRun } from '../api.d.ts' */

/** Steps of the driver that no kernel has in this way. */
export const DRIVER = /** @type {const} */ ({ basis: 'model' });

/** @param {unknown} value @returns {value is number} */
export const isError = (value) => typeof value === 'number' && value < 0;
/** @param {Kernel} k @param {number} pages */
export const bytesOf = (k, pages) => BigInt(pages) << BigInt(k.arch.page_shift);
/** @param {Kernel} k @param {bigint} bytes */
export const pagesIn = (k, bytes) => Number(bytes >> BigInt(k.arch.page_shift));
/** HPAGE_PMD_ORDER. @param {Kernel} k */
export const hugeOrder = (k) => k.arch.pmd_shift - k.arch.page_shift;

/**
 * What has both a source that was migrated and a destination.
 * @param {readonly MigrateRun[]} src @param {readonly MigrateRun[]} dst
 */
export function pairs(src, dst) {
  const found = [];
  for (const s of src) {
    if (!s.migrate) continue;
    for (const d of dst) {
      const index = Math.max(s.index, d.index);
      const end = Math.min(s.index + s.count, d.index + d.count);
      if (index < end) found.push({ index, count: end - index, dst: d });
    }
  }
  return found;
}

/**
 * Contents in order, joined where they go on: what a read gives back to the program.
 * @param {Kernel} k @param {readonly WordRun[]} pieces
 */
export function words(k, pieces) {
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
