// SPDX-License-Identifier: MIT
// lib/test_hmm.c: struct dmirror, one for each process that has the device open, and its xarray of
// pages that stands for a device's page table.
import { bytesOf, isError, words } from './runs.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

const FILE = 'lib/test_hmm.c';
const SLOTS = 64;

/** @typedef {{ mm: string, notifier: string }} Mirror */
/** @typedef {{ notifier: string, mm: string, addr: bigint, pages: number }} Span */

/** @param {Kernel} k @param {(mirror: Mirror) => boolean} test @returns {number} */
function slotOf(k, test) {
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const mirror = /** @type {Mirror | null} */ (k.read('mirrors', slot));
    if (mirror !== null && test(mirror)) return slot;
  }
  return -1;
}

/** The mirror of an address space, if it is open. @param {Kernel} k @param {string} mm */
export function mirrorOf(k, mm) {
  const slot = slotOf(k, (mirror) => mirror.mm === mm);
  return slot < 0 ? null : /** @type {Mirror} */ (k.read('mirrors', slot));
}

/** The process's own address space, or that of `task`. @param {Kernel} k @param {{ task?: string }} args @returns {Steps<any>} */
export function* taskMm(k, { task }) {
  return yield k.get_task_mm(task === undefined ? {} : { task });
}

/** @param {Kernel} k @param {{ mm: string }} args @returns {Steps<number>} */
function* dmirror_fops_open(k, { mm }) {
  const free = Array.from({ length: SLOTS }, (_, i) => i).find(
    (i) => k.read('mirrors', i) === null,
  );
  if (free === undefined) return k.fail(k.E.ENOMEM, 'kzalloc(sizeof(*dmirror))');
  const got = yield k.mmu_interval_notifier_insert({ mm });
  if (isError(got)) return got;
  k.write('mirrors', free, { mm, notifier: got.notifier });
  return 0;
}

/** @param {Kernel} k @param {{ task?: string }} args @returns {Steps} */
export function* open(k, args) {
  const mm = yield* taskMm(k, args);
  if (mm === null) return k.fail(k.E.EINVAL, 'current->mm == NULL');
  return yield k.fn('dmirror_fops_open', FILE, dmirror_fops_open, { mm });
}

/** @param {Kernel} k @param {{ slot: number }} args @returns {Steps<number>} */
function* dmirror_fops_release(k, { slot }) {
  const { notifier } = /** @type {Mirror} */ (k.read('mirrors', slot));
  yield k.mmu_interval_notifier_remove({ notifier });
  k.write('mirrors', slot, null);
  return 0;
}

/** @param {Kernel} k @param {{ task?: string }} args @returns {Steps} */
export function* close(k, args) {
  const mm = yield* taskMm(k, args);
  const slot = slotOf(k, (mirror) => mirror.mm === mm);
  if (slot < 0) return k.fail(k.E.EBADF, '!f.file');
  return yield k.fn('dmirror_fops_release', FILE, dmirror_fops_release, { slot });
}

/** @param {Kernel} k @param {{ mm: string, addr: bigint, pages: number }} args @returns {Steps<number>} */
function* dmirror_fops_mmap(k, { mm, addr, pages }) {
  const runs = yield k.alloc_pages({ pages, gfp: 'GFP_KERNEL' });
  let at = addr;
  for (const run of isError(runs) ? [] : runs) {
    yield k.clear_highpage(run);
    const ret = yield k.vm_insert_page({ mm, address: at, ...run });
    yield k.put_page(run);
    if (isError(ret)) return ret;
    at += bytesOf(k, run.end - run.pfn);
  }
  return at < addr + bytesOf(k, pages) ? k.fail(k.E.ENOMEM, '!page') : 0;
}

/** mmap(2) of the device's file: a VMA with ordinary pages in it (VM_MIXEDMAP). @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string, prot: string }} args @returns {Steps} */
export function* mmap(k, { addr, npages, prot, ...who }) {
  const mm = yield* taskMm(k, who);
  if (mm === null) return k.fail(k.E.EINVAL, 'current->mm == NULL');
  /** @type {('read' | 'write')[]} */
  const access = prot === 'rw' ? ['read', 'write'] : ['read'];
  const ret = yield k.ksys_mmap_pgoff({ mm, address: addr, pages: npages, prot: access });
  if (isError(ret)) return ret;
  return yield k.fn('dmirror_fops_mmap', FILE, dmirror_fops_mmap, { mm, addr, pages: npages });
}

/**
 * dmirror_interval_invalidate(): entries of the CPU's page table are about to change. A migration of
 * the device's own pages is left alone: it takes care of the device's table itself.
 * @param {Kernel} k
 * @param {{ notifier: string, start: bigint, size: bigint, event: string, owner: string, cur_seq: number }} args
 * @returns {Steps<boolean>}
 */
export function* invalidate(k, { notifier, start, size, event, owner, cur_seq }) {
  if (event === 'MIGRATE' && owner === k.device.id) return true;
  yield k.mutex_lock({ name: 'dmirror->mutex' });
  yield k.mmu_interval_set_seq({ notifier, cur_seq });
  if (slotOf(k, (mirror) => mirror.notifier === notifier) >= 0) {
    const pages = Number(size >> BigInt(k.arch.page_shift));
    yield k.xa_erase({ notifier, address: start, pages });
  }
  yield k.mutex_unlock({ name: 'dmirror->mutex' });
  return true;
}

/**
 * dmirror_do_read() and dmirror_do_write(): through the device's page table, page after page, up to
 * the first that it does not have (or may not write): -ENOENT with the pages done before it.
 * @param {Kernel} k
 * @param {Span & { write: boolean, word?: number, nth?: number }} span
 * @returns {Generator<any, { done: number, pieces: any[] }, any>}
 */
export function* through(k, { notifier, addr, pages, write, word, nth }) {
  const entries = yield k.xa_load({ notifier, address: addr, pages });
  let done = 0;
  const pieces = [];
  for (const { index, pages: count, pfn, zero, tag } of entries) {
    if (index > done || (write && tag !== 'write')) break;
    if (write) {
      yield k.memcpy_to_page({
        pfn,
        end: pfn + count,
        word: word ?? 0,
        nth: nth === undefined ? undefined : nth + done,
      });
    } else if (zero) {
      yield k.memcpy_from_page({ pfn, end: pfn + 1 });
      pieces.push({ pages: count, word: 0, count: false });
    } else pieces.push(...(yield k.memcpy_from_page({ pfn, end: pfn + count })));
    done += count;
  }
  return { done, pieces };
}

/** Reads the whole span without faulting: what migrate and exclusive return. @param {Kernel} k @param {Span} span @returns {Steps<any>} */
export function* bounce(k, span) {
  yield k.mutex_lock({ name: 'dmirror->mutex' });
  const { done, pieces } = yield* through(k, { ...span, write: false });
  yield k.mutex_unlock({ name: 'dmirror->mutex' });
  if (done < span.pages) return k.fail(k.E.ENOENT, 'dmirror_do_read(): !page');
  return { cpages: done, faults: 0, ...words(pieces, 2 ** k.arch.page_shift / 4) };
}

/** What every ioctl checks first. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps<any>} */
export function* begin(k, { addr, npages, task }) {
  const mm = yield* taskMm(k, task === undefined ? {} : { task });
  const mirror = mm === null ? null : mirrorOf(k, mm);
  if (mirror === null) return k.fail(k.E.EBADF, '!f.file');
  if (addr % bytesOf(k, 1) !== 0n) return k.fail(k.E.EINVAL, 'cmd.addr & ~PAGE_MASK');
  if (npages < 1) return k.fail(k.E.EINVAL, 'cmd.addr >= cmd.addr + (cmd.npages << PAGE_SHIFT)');
  return { ...mirror, addr, pages: npages };
}
