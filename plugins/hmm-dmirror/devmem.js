// SPDX-License-Identifier: MIT
// lib/test_hmm.c: chunks of device memory and the lists of their free pages. The lists are stacks of
// runs, lowest page first, so that what is handed out lies together: that order is the model's. The
// memory holds its data itself; the module's system pages behind private memory are left out.
import { forget, push, readyPages, take } from 'pfnlab:free-list';
import { evictRange } from 'pfnlab:migration';
import { bytesOf, hugeOrder, isError, pagesIn } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

const FILE = 'lib/test_hmm.c';
/** DEVMEM_CHUNK_SIZE. */
const CHUNK = 0x10000000n;
const CHUNKS = 64;
/** mdevice->free_pages and mdevice->free_folios. @param {boolean} large */
const freeList = (large) =>
  large
    ? { runs: 'free_folios', top: 'free_folios_top', most: 4096 }
    : { runs: 'free_pages', top: 'free_pages_top', most: 4096 };

/** @typedef {{ start: bigint, size: bigint, pgmap: string, remove: boolean }} Chunk */

/** @param {Kernel} k */
export const isPrivate = (k) => k.device.config['type'] === 'private';
/** dmirror_select_device(). @param {Kernel} k */
export const selectDevice = (k) => (isPrivate(k) ? 'device_private' : 'device_coherent');

/** @param {Kernel} k @returns {number} slot of the next chunk */
const chunkCount = (k) => {
  let slot = 0;
  while (slot < CHUNKS && k.read('chunks', slot) !== null) slot += 1;
  return slot;
};

/** @param {Kernel} k @param {{ large: boolean }} args @returns {Steps<number>} */
export function* dmirror_allocate_chunk(k, { large }) {
  const slot = chunkCount(k);
  if (slot === CHUNKS) return k.fail(k.E.ENOMEM, 'krealloc(mdevice->devmem_chunks)');
  let range;
  if (isPrivate(k)) {
    range = yield k.request_free_mem_region({ size: CHUNK, name: 'hmm_dmirror' });
    if (isError(range)) return k.fail(k.E.ENOMEM, 'IS_ERR_OR_NULL(res)');
  } else {
    const spm = k.device.range;
    if (spm === null) return k.fail(k.E.EINVAL, '!spm_addr_dev0');
    range = { start: spm.start, end: spm.start + CHUNK - 1n };
  }
  const got = yield k.memremap_pages({
    type: isPrivate(k) ? 'PRIVATE' : 'COHERENT',
    ranges: [range],
    ops: [k.switch('device_fault_op'), k.switch('pagemap_free_op'), 'folio_split'].map(String),
    owner: k.device.id,
  });
  if (isError(got)) {
    if (isPrivate(k)) yield k.release_mem_region({ start: range.start, size: CHUNK });
    return got;
  }
  k.write('chunks', slot, { start: range.start, size: CHUNK, pgmap: got.pgmap, remove: false });
  const pfn = pagesIn(k, range.start);
  const end = pfn + pagesIn(k, CHUNK);
  k.log(
    'info',
    `added new 256 MB chunk (total ${slot + 1} chunks, ${(slot + 1) * 256} MB) ` +
      `PFNs [0x${pfn.toString(16)} 0x${end.toString(16)})`,
  );
  push(k, freeList(large), { pfn, end });
  return 0;
}

/**
 * dmirror_devmem_alloc_page() for `pages` pages, in folios of the PMD size where `large`: runs of
 * them, fewer where there is no more. FAIL_ALLOC makes the next large one fail.
 * @param {Kernel} k @param {{ pages: number, large: boolean }} args
 * @returns {Steps<any>}
 */
export function* dmirror_devmem_alloc_page(k, { pages, large }) {
  const order = large ? hugeOrder(k) : 0;
  const runs = [];
  let left = pages;
  while (left > 0) {
    const run = take(k, freeList(large), left);
    if (run === null) {
      const ret = yield k.fn('dmirror_allocate_chunk', FILE, dmirror_allocate_chunk, { large });
      if (isError(ret)) break;
      continue;
    }
    yield* readyPages(k, run, order);
    k.write('calloc', /** @type {number} */ (k.read('calloc')) + run.end - run.pfn);
    runs.push(run);
    left -= run.end - run.pfn;
  }
  return runs;
}

/** @param {Kernel} k @param {number} pfn @returns {Chunk | null} */
function chunkOf(k, pfn) {
  const address = bytesOf(k, pfn);
  for (let slot = 0; slot < CHUNKS; slot += 1) {
    const chunk = /** @type {Chunk | null} */ (k.read('chunks', slot));
    if (chunk !== null && address >= chunk.start && address < chunk.start + chunk.size)
      return chunk;
  }
  return null;
}

/**
 * dmirror_devmem_free(): pages nobody uses any more are free again, unless their chunk is going.
 * @param {Kernel} k @param {{ pfn: number, end: number, order: number }} args @returns {Steps}
 */
export function* folio_free(k, { pfn, end, order }) {
  const chunk = chunkOf(k, pfn);
  if (chunk === null || chunk.remove) return;
  k.write('cfree', /** @type {number} */ (k.read('cfree')) + end - pfn);
  push(k, freeList(order > 0), { pfn, end });
}

/** The pages of a chunk. @param {Kernel} k @param {Chunk} chunk */
const pagesOf = (k, { start, size }) => ({ pfn: pagesIn(k, start), end: pagesIn(k, start + size) });

/** dmirror_remove_free_pages(): free pages of a chunk cannot be allocated any more. @param {Kernel} k @param {Chunk} chunk */
function removeFreePages(k, chunk) {
  for (const large of [false, true]) forget(k, freeList(large), pagesOf(k, chunk));
}

/** @param {Kernel} k @param {Chunk} chunk @returns {Steps<number>} */
function* dmirror_device_evict_chunk(k, chunk) {
  const moved = yield* evictRange(k, pagesOf(k, chunk), { split: false });
  return isError(moved) ? moved : 0;
}

/** dmirror_device_remove_chunks(): HMM_DMIRROR_RELEASE, and what the module does when it goes. @param {Kernel} k @returns {Steps<number>} */
function* dmirror_device_remove_chunks(k) {
  yield k.mutex_lock({ name: 'mdevice->devmem_lock' });
  for (let slot = 0; slot < CHUNKS; slot += 1) {
    const chunk = /** @type {Chunk | null} */ (k.read('chunks', slot));
    if (chunk === null) continue;
    k.write('chunks', slot, { ...chunk, remove: true });
    removeFreePages(k, chunk);
    yield k.fn('dmirror_device_evict_chunk', FILE, dmirror_device_evict_chunk, chunk);
    yield k.memunmap_pages({ pgmap: chunk.pgmap });
    if (isPrivate(k)) yield k.release_mem_region({ start: chunk.start, size: chunk.size });
    k.write('chunks', slot, null);
  }
  yield k.mutex_unlock({ name: 'mdevice->devmem_lock' });
  return 0;
}

/** @param {Kernel} k @returns {Steps} */
export function* release(k) {
  return yield k.fn('dmirror_device_remove_chunks', FILE, dmirror_device_remove_chunks);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* dmirror_device_init(k) {
  return yield k.fn('dmirror_allocate_chunk', FILE, dmirror_allocate_chunk, { large: false });
}

/** @param {Kernel} k @returns {Steps} */
export function* probe(k) {
  return yield k.fn('dmirror_device_init', FILE, dmirror_device_init);
}
