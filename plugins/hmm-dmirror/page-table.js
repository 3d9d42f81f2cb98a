// SPDX-License-Identifier: MIT
// lib/test_hmm.c: struct dmirror, one for each process that has the device open, and its xarray of
// pages that stands for a device's page table.
import { accessPages, addMirror, forgetMirror, isMirrored, mirrorOf } from 'pfnlab:page-table';
import { bytesOf, isError, joinWords, pagesIn } from 'pfnlab:runs';

/** @import { Kernel, Steps, WordRun } from '../api.d.ts' */
/** @import { Mirror, Span } from 'pfnlab:page-table' */

const FILE = 'lib/test_hmm.c';

/** What was in pages, as the actions give it back. @param {Kernel} k @param {readonly WordRun[]} pieces */
export function contents(k, pieces) {
  const words = joinWords(k, pieces);
  return { uniform: words.length <= 1, words };
}

/** The process's own address space, or that of `task`. @param {Kernel} k @param {{ task?: string }} args @returns {Steps<any>} */
export function* taskMm(k, { task }) {
  return yield k.get_task_mm(task === undefined ? {} : { task });
}

/** @param {Kernel} k @param {{ mm: string }} args @returns {Steps<number>} */
function* dmirror_fops_open(k, { mm }) {
  const mirror = yield* addMirror(k, mm, 'kzalloc(sizeof(*dmirror))');
  return isError(mirror) ? mirror : 0;
}

/** @param {Kernel} k @param {{ task?: string }} args @returns {Steps} */
export function* open(k, args) {
  const mm = yield* taskMm(k, args);
  if (mm === null) return k.fail(k.E.EINVAL, 'current->mm == NULL');
  return yield k.fn('dmirror_fops_open', FILE, dmirror_fops_open, { mm });
}

/** @param {Kernel} k @param {Mirror} mirror @returns {Steps<number>} */
function* dmirror_fops_release(k, mirror) {
  yield k.mmu_interval_notifier_remove({ notifier: mirror.notifier });
  forgetMirror(k, mirror);
  return 0;
}

/** @param {Kernel} k @param {{ task?: string }} args @returns {Steps} */
export function* close(k, args) {
  const mm = yield* taskMm(k, args);
  const mirror = mirrorOf(k, mm);
  if (mirror === null) return k.fail(k.E.EBADF, '!f.file');
  return yield k.fn('dmirror_fops_release', FILE, dmirror_fops_release, mirror);
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
  if (isMirrored(k, notifier)) {
    yield k.xa_erase({ notifier, address: start, pages: pagesIn(k, size) });
  }
  yield k.mutex_unlock({ name: 'dmirror->mutex' });
  return true;
}

/** Reads the whole span without faulting: what migrate and exclusive return. @param {Kernel} k @param {Span} span @returns {Steps<any>} */
export function* bounce(k, span) {
  yield k.mutex_lock({ name: 'dmirror->mutex' });
  const { done, pieces } = yield* accessPages(k, span, null);
  yield k.mutex_unlock({ name: 'dmirror->mutex' });
  if (done < span.pages) return k.fail(k.E.ENOENT, 'dmirror_do_read(): !page');
  return { cpages: done, faults: 0, ...contents(k, pieces) };
}

/** What every ioctl checks first. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps<any>} */
export function* begin(k, { addr, npages, task }) {
  const mm = yield* taskMm(k, task === undefined ? {} : { task });
  const mirror = mm === null ? null : mirrorOf(k, mm);
  if (mirror === null) return k.fail(k.E.EBADF, '!f.file');
  if (addr % bytesOf(k, 1) !== 0n) return k.fail(k.E.EINVAL, 'cmd.addr & ~PAGE_MASK');
  if (npages < 1) return k.fail(k.E.EINVAL, 'cmd.addr >= cmd.addr + (cmd.npages << PAGE_SHIFT)');
  return { ...mirror, address: addr, pages: npages };
}
