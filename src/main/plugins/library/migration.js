// The driver's half of a migration between RAM and a device: where the pages go, and what goes with them.

import { bytesOf, hugeOrder, isError } from './runs.js';

/** @import { Kernel, MigrateDst, MigrateRun, Steps } from '../../../../plugins/api.d.ts' */

/**
 * RAM for device pages that were collected, with their contents. A large folio for which RAM has no block
 * goes to single pages where `split` is set; else it stays. Fewer runs than asked: RAM is out.
 *
 * @param {Kernel} k
 * @param {readonly MigrateRun[]} src
 * @param {{ split: boolean }} options
 * @returns {Steps<any>} what migrate_vma_pages() and migrate_device_pages() take as `dst`
 */
export function* copyToRam(k, src, { split }) {
  /** @type {MigrateDst[]} */
  const dst = [];
  for (const { index, count, pfn, migrate, write, compound } of src) {
    if (!migrate || pfn === null) continue;
    let [done, large] = [0, compound];
    while (done < count) {
      const order = large ? hugeOrder(k) : 0;
      const runs = yield k.alloc_pages({ pages: count - done, order });
      if (isError(runs) || runs.length === 0) {
        if (!large || !split) break;
        large = false;
        continue;
      }
      for (const run of runs) {
        const pages = run.end - run.pfn;
        yield k.lock_page(run);
        yield k.copy_highpage({ from: pfn + done, to: run.pfn, pages });
        const to = { index: index + done, count: pages, pfn: run.pfn };
        dst.push({ ...to, write, compound: large });
        done += pages;
      }
    }
  }
  return dst;
}

/**
 * Device pages [pfn, end) go back to RAM, whoever maps them: migrate_device_range() (6.1).
 *
 * @param {Kernel} k
 * @param {{ pfn: number, end: number }} run
 * @param {{ split: boolean }} options as of copyToRam()
 * @returns {Steps<any>} pages that were collected, or a negative errno
 */
export function* evictRange(k, { pfn, end }, options) {
  const migration = yield k.migrate_device_range({ start: pfn, npages: end - pfn });
  if (isError(migration)) return migration;
  const dst = yield* copyToRam(k, migration.src, options);
  const { cpages } = yield k.migrate_device_pages({ id: migration.id, dst });
  yield k.migrate_device_finalize({ id: migration.id });
  return cpages;
}

/**
 * The part of a VMA that has to come back when the CPU faulted on device pages: whole folios, as far as
 * they lie in the VMA.
 *
 * @param {Kernel} k
 * @param {{ address: bigint, pages: number, order: number }} vmf as `migrate_to_ram` got it
 * @param {{ start: bigint, end: bigint }} vma
 * @returns {{ start: bigint, size: bigint }} bytes
 */
export function wholeFolios(k, { address, pages, order }, vma) {
  const block = bytesOf(k, 2 ** order);
  let start = address - (address % block);
  if (start < vma.start) start = vma.start;
  let end = address + bytesOf(k, pages);
  if (end % block !== 0n) end += block - (end % block);
  if (end > vma.end) end = vma.end;
  return { start, size: end - start };
}
