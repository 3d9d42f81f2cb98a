// SPDX-License-Identifier: MIT
// Runs of equal entries, as the bench gives src arrays and takes dst arrays: { index, count, pfn }.

/** @import { MigrateRun, Kernel } from '../api.d.ts' */

/** @param {unknown} value @returns {value is number} */
export const isError = (value) => typeof value === 'number' && value < 0;
/** @param {Kernel} k */
export const pageSize = (k) => 1n << BigInt(k.arch.page_shift);
/** @param {Kernel} k @param {number} pages */
export const bytesOf = (k, pages) => BigInt(pages) << BigInt(k.arch.page_shift);
/** HPAGE_PMD_ORDER. @param {Kernel} k */
export const hugeOrder = (k) => k.arch.pmd_shift - k.arch.page_shift;

/**
 * What has both a source that was (or is to be) migrated and a destination.
 * @param {readonly MigrateRun[]} src @param {readonly MigrateRun[]} dst
 * @returns {{ index: number, count: number, src: MigrateRun, dst: MigrateRun }[]}
 */
export function pairs(src, dst) {
  const found = [];
  let first = 0;
  for (const s of src) {
    if (!s.migrate) continue;
    for (let at = first; at < dst.length; at += 1) {
      const d = /** @type {MigrateRun} */ (dst[at]);
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
 * Contents of pages in order, joined where they go on: what a read gives back to the program.
 * @param {readonly { pages: number, word: number, count: boolean }[]} pieces
 * @param {number} perPage words a page
 */
export function words(pieces, perPage) {
  /** @type {{ word: number, count: boolean, pages: number }[]} */
  const joined = [];
  for (const { pages, word, count } of pieces) {
    const last = joined[joined.length - 1];
    const next = last === undefined ? 0 : last.word + (last.count ? last.pages * perPage : 0);
    if (last !== undefined && last.count === count && next === word) last.pages += pages;
    else joined.push({ word, count, pages });
  }
  return { uniform: joined.length <= 1, words: joined };
}
