// SPDX-License-Identifier: MIT
// Device memory goes back to RAM: all of it when the driver goes, or as much as a migration needs when
// the VRAM is full. By PFN with migrate_device_range() from 6.1 on, before by what the mirrors map.
import { usedRuns } from 'pfnlab:free-list';
import { evictRange } from 'pfnlab:migration';
import { mirrorOf, mirrors } from 'pfnlab:page-table';
import { bytesOf, hugeOrder, isError, pagesIn } from 'pfnlab:runs';
import { DRIVER } from './driver.js';
import { migrateAll } from './migrate.js';
import { FREE, freePages, isMine, vram } from './vram.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { Run } from 'pfnlab:free-list' */
/** @import { Vram } from './vram.js' */

const FILE = 'drivers/gpu/model/evict.c';

/** @param {Kernel} k @returns {Steps<any>} */
export function* gpu_evict(k) {
  const there = vram(k);
  if (there === null) return 0;
  if (k.switch('migrate_device_range') !== true) return yield* evictMirrors(k, Infinity, []);
  return yield* evictRange(k, { pfn: there.pfn, end: there.pfn + there.pages }, { split: true });
}

/** @param {readonly Run[]} runs @param {number} pfn @param {number} end */
const touches = (runs, pfn, end) => runs.some((run) => run.pfn < end && run.end > pfn);

/**
 * Address space by address space, until so many pages are free; what `keep` has stays.
 * @param {Kernel} k @param {number} wanted @param {readonly Run[]} keep @returns {Steps<any>} pages moved
 */
function* evictMirrors(k, wanted, keep) {
  let moved = 0;
  for (const { mm, notifier } of mirrors(k)) {
    const entries = yield k.xa_load({ notifier, address: 0n, pages: 2 ** 35 });
    for (const { index, pages, pfn } of entries) {
      const missing = wanted - freePages(k);
      if (missing <= 0) return moved;
      if (!isMine(k, pfn) || touches(keep, pfn, pfn + pages)) continue;
      const size = bytesOf(k, Math.min(pages, missing));
      const got = yield* migrateAll(k, { mm, va: bytesOf(k, index), size, toDevice: false });
      if (!isError(got)) moved += got;
    }
  }
  return moved;
}

/**
 * What may go, oldest first as far as the driver knows: from where the last eviction ended, in blocks of
 * a huge page, once around.
 * @param {Kernel} k @param {Vram} there @param {readonly Run[]} keep @returns {Run[]}
 */
function victims(k, { pfn: first, pages }, keep) {
  const block = 2 ** hugeOrder(k);
  const hand = /** @type {number} */ (k.read('hand'));
  /** @type {Run[]} */
  const blocks = [];
  for (const { pfn, end } of usedRuns(k, FREE, { pfn: first, end: first + pages })) {
    for (let at = pfn - (pfn % block); at < end; at += block) {
      const run = { pfn: Math.max(at, pfn), end: Math.min(at + block, end) };
      if (!touches(keep, run.pfn, run.end)) blocks.push(run);
    }
  }
  return [...blocks.filter(({ pfn }) => pfn >= hand), ...blocks.filter(({ pfn }) => pfn < hand)];
}

/**
 * Evicts until so many pages are free, or nothing is left that can go. A page somebody holds stays.
 * @param {Kernel} k @param {{ pages: number, keep: readonly Run[] }} args @returns {Steps<any>} pages moved
 */
function* gpu_vram_make_room(k, { pages, keep }) {
  const there = vram(k);
  if (there === null) return 0;
  if (k.switch('migrate_device_range') !== true) return yield* evictMirrors(k, pages, keep);
  const blocks = victims(k, there, keep);
  let moved = 0;
  for (let at = 0; at < blocks.length && freePages(k) < pages;) {
    const { pfn } = /** @type {Run} */ (blocks[at]);
    let { end } = /** @type {Run} */ (blocks[at]);
    // As many in one go as are missing.
    for (at += 1; freePages(k) + end - pfn < pages && blocks[at]?.pfn === end; at += 1) {
      end = /** @type {Run} */ (blocks[at]).end;
    }
    const got = yield* evictRange(k, { pfn, end }, { split: true });
    if (isError(got)) return got;
    moved += got;
    k.write('hand', end);
  }
  return moved;
}

/**
 * Room for a range of a process that is to come to the device, with what it has there already kept.
 * @param {Kernel} k @param {{ mm: string, va: bigint, size: bigint }} range @returns {Steps<void>}
 */
export function* makeRoom(k, { mm, va, size }) {
  const notifier = mirrorOf(k, mm)?.notifier;
  const pages = pagesIn(k, size);
  if (notifier === undefined || freePages(k) >= pages) return;
  /** @type {Run[]} */
  const keep = [];
  const entries = yield k.xa_load({ notifier, address: va, pages });
  for (const entry of entries) {
    if (isMine(k, entry.pfn)) keep.push({ pfn: entry.pfn, end: entry.pfn + entry.pages });
  }
  const missing = keep.reduce((left, { pfn, end }) => left - (end - pfn), pages);
  if (freePages(k) >= missing) return;
  const args = { pages: missing, keep };
  yield k.fn('gpu_vram_make_room', FILE, gpu_vram_make_room, args, DRIVER);
}

/** @param {Kernel} k @returns {Steps} */
export function* evict(k) {
  yield k.mutex_lock({ name: 'migrate_mutex' });
  const moved = yield k.fn('gpu_vram_evict', FILE, gpu_evict, {}, DRIVER);
  yield k.mutex_unlock({ name: 'migrate_mutex' });
  return isError(moved) ? moved : { moved };
}
