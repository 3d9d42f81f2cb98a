// SPDX-License-Identifier: MIT
// The GPU's own memory: its pagemap, and which of its pages are free (a stack of runs).
import { forget, push, readyPages, take } from 'pfnlab:free-list';
import { bytesOf, hugeOrder, isError, pagesIn } from 'pfnlab:runs';
import { DRIVER } from './driver.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

const DRIVER_FILE = 'drivers/gpu/model/vram.c';
/** The list of its free pages. */
export const FREE = { runs: 'free', top: 'free_runs', most: 4096 };

/** @typedef {{ pfn: number, end: number }} PfnRun */
/** @typedef {{ start: bigint, end: bigint, pgmap: string, pfn: number, pages: number }} Vram */

/** Memory the CPU can address: of the coherent model, public memory in its era. @param {Kernel} k */
export const isCoherent = (k) => k.device.model === 'coherent-gpu';
/** MIGRATE_VMA_SELECT_* of this device's pages. @param {Kernel} k */
export const selectDevice = (k) => (isCoherent(k) ? 'device_coherent' : 'device_private');
/** @param {Kernel} k @returns {Vram | null} */
export const vram = (k) => /** @type {Vram | null} */ (k.read('vram'));

/** pgmap->owner: GPUs of one hive have one, as those of amdkfd (SVM_ADEV_PGMAP_OWNER). @param {Kernel} k */
export const ownerOf = (k) => String(k.device.config['hive'] || k.device.id);
/** Is it a page of this device? @param {Kernel} k @param {number} pfn */
export function isMine(k, pfn) {
  const there = vram(k);
  return there !== null && pfn >= there.pfn && pfn < there.pfn + there.pages;
}
/** Pages nobody has. @param {Kernel} k */
export const freePages = (k) => (vram(k)?.pages ?? 0) - /** @type {number} */ (k.read('used'));

/** @param {Kernel} k @param {number} by */
const count = (k, by) => k.write('used', /** @type {number} */ (k.read('used')) + by);

/**
 * Device pages for a migration, readied as each kernel wants it: locked, with a reference.
 * @param {Kernel} k @param {{ pages: number, order: number }} args @returns {Steps<any>}
 */
function* gpu_vram_alloc(k, { pages, order }) {
  const runs = [];
  let left = pages;
  while (left > 0) {
    const run = take(k, FREE, left, order);
    if (run === null) break;
    yield* readyPages(k, run, order);
    count(k, run.end - run.pfn);
    runs.push(run);
    left -= run.end - run.pfn;
  }
  return runs;
}

/** @param {Kernel} k @param {number} pages @param {boolean} large @returns {Generator<any, PfnRun[], any>} */
export function* allocate(k, pages, large) {
  const order = large ? hugeOrder(k) : 0;
  return yield k.fn('gpu_vram_alloc', DRIVER_FILE, gpu_vram_alloc, { pages, order }, DRIVER);
}

/**
 * Pages nobody holds any more come back (folio_free, page_free).
 * @param {Kernel} k @param {{ pfn: number, end: number }} args @returns {Steps}
 */
export function* folio_free(k, { pfn, end }) {
  count(k, pfn - end);
  if (k.read('bound') === true) push(k, FREE, { pfn, end });
}

/** The pagemap of private memory: hmm_devmem_add() in its time, memremap_pages() later. @param {Kernel} k @returns {Steps<any>} */
function* mapPrivate(k) {
  const size = /** @type {bigint} */ (k.device.config['vram']);
  if (k.switch('hmm_devmem') === true) return yield k.hmm_devmem_add({ size });
  const range = yield k.devm_request_free_mem_region({ size, name: k.device.id });
  if (isError(range)) return range;
  const got = yield k.devm_memremap_pages({
    type: 'PRIVATE',
    ranges: [range],
    ops: [k.switch('device_fault_op'), k.switch('pagemap_free_op')].map(String),
    owner: ownerOf(k),
  });
  return isError(got) ? got : { ...range, pgmap: got.pgmap };
}

/** The pagemap of memory the CPU reaches too: public from 4.14 to 5.2, coherent from 6.0 on. @param {Kernel} k @returns {Steps<any>} */
function* mapCoherent(k) {
  const { range } = k.device;
  if (range === null) return k.fail(k.E.EINVAL, 'the device has no range');
  const end = range.start + range.size - 1n;
  if (k.switch('hmm_devmem') === true) {
    const desc = 'DEVICE_PUBLIC_MEMORY';
    const res = { start: range.start, end, name: k.device.id, desc };
    const id = yield k.insert_resource(res);
    return isError(id) ? id : yield k.hmm_devmem_add_resource({ start: range.start, end });
  }
  if (k.switch('migrate_coherent') !== true) {
    return k.fail(k.E.EOPNOTSUPP, 'this kernel has no type for coherent device memory');
  }
  const got = yield k.devm_memremap_pages({
    type: 'COHERENT',
    ranges: [{ start: range.start, end }],
    ops: [k.switch('pagemap_free_op')].map(String),
    owner: ownerOf(k),
  });
  return isError(got) ? got : { start: range.start, end, pgmap: got.pgmap };
}

/** @param {Kernel} k @returns {Steps<number>} */
export function* gpu_vram_init(k) {
  const got = isCoherent(k) ? yield* mapCoherent(k) : yield* mapPrivate(k);
  if (isError(got)) return got;
  const { start, end, pgmap } = /** @type {Vram} */ (got);
  const pages = pagesIn(k, end - start + 1n);
  const pfn = pagesIn(k, start);
  k.write('vram', { start, end, pgmap, pfn, pages });
  k.write('bound', true);
  push(k, FREE, { pfn, end: pfn + pages });
  return 0;
}

/** Forgets free pages and gives the memory map back; waits for whoever still uses a page. @param {Kernel} k @returns {Steps<number>} */
export function* gpu_vram_fini(k) {
  const there = vram(k);
  k.write('bound', false);
  forget(k, FREE);
  if (there === null) return 0;
  yield k.devm_memunmap_pages({ pgmap: there.pgmap });
  if (!isCoherent(k)) {
    yield k.release_mem_region({ start: there.start, size: bytesOf(k, there.pages) });
  }
  k.write('vram', null);
  return 0;
}
