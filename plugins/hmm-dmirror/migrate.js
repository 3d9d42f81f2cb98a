// SPDX-License-Identifier: MIT
// lib/test_hmm.c: a process's memory goes to the device and comes back.
import { wholeFolios } from 'pfnlab:migration';
import { mirrorOf } from 'pfnlab:page-table';
import { bytesOf, hugeOrder, isError, pairs } from 'pfnlab:runs';
import { dmirror_devmem_alloc_page, selectDevice } from './devmem.js';
import { begin, bounce } from './page-table.js';

/** @import { Kernel, Migration, MigrateDst, MigrateRun, Steps } from '../api.d.ts' */
/** @import { Span } from 'pfnlab:page-table' */

const FILE = 'lib/test_hmm.c';
/** PTRS_PER_PTE: pages that one migrate_vma takes. */
const ARRAY = 512;

/** @param {Kernel} k @returns {boolean} whether an allocation of a large folio is to fail */
function failsOnce(k) {
  if (k.read('flags') !== 1) return false;
  k.write('flags', 0);
  return true;
}

/**
 * dmirror_migrate_alloc_and_copy(): device pages for what is collected, with its contents.
 * @param {Kernel} k @param {Migration} migration @param {boolean} vmWrite
 * @returns {Steps<any>}
 */
function* alloc_and_copy(k, { src }, vmWrite) {
  /** @type {any[]} */
  const dst = [];
  for (const { index, count, pfn, migrate, write, compound } of src) {
    if (!migrate) continue;
    if (pfn !== null && (yield k.page_pgmap({ pfn })) !== null) {
      k.note('page already in device');
      continue;
    }
    let [done, large] = [0, compound];
    while (done < count) {
      const huge = large && !failsOnce(k);
      // What a refused large folio would have held goes to single pages.
      const want = large && !huge ? Math.min(2 ** hugeOrder(k), count - done) : count - done;
      const args = { pages: want, large: huge };
      const runs = yield k.fn('dmirror_devmem_alloc_page', FILE, dmirror_devmem_alloc_page, args);
      if (runs.length === 0 && !huge) break;
      // No large folio at all (coherent memory is one chunk): single pages for what is left.
      if (runs.length === 0) large = false;
      for (const run of runs) {
        const pages = run.end - run.pfn;
        if (pfn === null) yield k.clear_highpage(run);
        else yield k.copy_highpage({ from: pfn + done, to: run.pfn, pages });
        const writable = write || (pfn === null && vmWrite);
        const at = { index: index + done, count: pages, pfn: run.pfn };
        dst.push({ ...at, write: writable, compound: huge });
        done += pages;
      }
    }
  }
  return dst;
}

/**
 * dmirror_migrate_finalize_and_map(): what was migrated goes into the device's page table.
 * @param {Kernel} k @param {Span} span @param {readonly MigrateRun[]} src @param {readonly MigrateDst[]} dst
 * @returns {Steps<any>}
 */
function* finalize_and_map(k, { notifier, address: addr }, src, dst) {
  yield k.mutex_lock({ name: 'dmirror->mutex' });
  for (const pair of pairs(src, dst)) {
    const pfn = pair.dst.pfn + pair.index - pair.dst.index;
    const address = addr + bytesOf(k, pair.index);
    const tag = pair.dst.write ? 'write' : '';
    yield k.xa_store({ notifier, address, pages: pair.count, pfn, tag });
  }
  yield k.mutex_unlock({ name: 'dmirror->mutex' });
}

/**
 * The VMAs of a span, in pieces that one migrate_vma takes; -EINVAL for a hole or no VM_READ.
 * @param {Kernel} k @param {Span} span
 * @param {(piece: Span, vmWrite: boolean) => Generator<any, any, any>} migrate
 * @returns {Steps<any>}
 */
function* inPieces(k, span, migrate) {
  const page = bytesOf(k, 1);
  const end = span.address + bytesOf(k, span.pages);
  let addr = span.address;
  while (addr < end) {
    const vma = yield k.vma_lookup({ mm: span.mm, address: addr });
    if (vma === null || !vma.flags.includes('read')) {
      return k.fail(k.E.EINVAL, '!vma || !(vma->vm_flags & VM_READ)');
    }
    let next = addr + bytesOf(k, ARRAY);
    if (next > end) next = end;
    if (next > vma.end) next = vma.end;
    const pages = Number((next - addr) / page);
    const ret = yield* migrate({ ...span, address: addr, pages }, vma.flags.includes('write'));
    if (isError(ret)) return ret;
    addr = next;
  }
  return 0;
}

/** @param {Kernel} k @param {Span} span @returns {Steps<number>} */
function* dmirror_migrate_to_device(k, span) {
  const { mm } = span;
  if ((yield k.mmget_not_zero({ mm })) !== true) return k.fail(k.E.EINVAL, '!mmget_not_zero(mm)');
  yield k.mmap_read_lock({ mm });
  const ret = yield* inPieces(k, span, function* (piece, vmWrite) {
    const migration = yield k.migrate_vma_setup({
      mm,
      start: piece.address,
      size: bytesOf(k, piece.pages),
      flags: ['system', 'compound'],
      pgmap_owner: k.device.id,
    });
    if (isError(migration)) return migration;
    const dst = yield* alloc_and_copy(k, migration, vmWrite);
    const { src } = yield k.migrate_vma_pages({ id: migration.id, dst });
    yield* finalize_and_map(k, piece, src, dst);
    yield k.migrate_vma_finalize({ id: migration.id });
    return 0;
  });
  yield k.mmap_read_unlock({ mm });
  yield k.mmput({ mm });
  return ret;
}

/** HMM_DMIRROR_MIGRATE_TO_DEV. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps} */
export function* migrate_to_dev(k, cmd) {
  const span = yield* begin(k, cmd);
  if (isError(span)) return span;
  const ret = yield k.fn('dmirror_migrate_to_device', FILE, dmirror_migrate_to_device, span);
  // The migrated data is returned for verification, without faulting.
  return isError(ret) ? ret : yield* bounce(k, span);
}

/**
 * dmirror_devmem_fault_alloc_and_copy(): RAM for device pages. 'VM_FAULT_OOM' where there is none.
 * @param {Kernel} k @param {Migration} migration @param {{ mm: string, address: bigint }} at
 * @returns {Steps<any>}
 */
function* fault_alloc_and_copy(k, { src }, { mm, address: addr }) {
  /** @type {any[]} */
  const dst = [];
  const notifier = mirrorOf(k, mm)?.notifier;
  for (const { index, count, pfn, migrate, write, compound } of src) {
    if (!migrate || pfn === null) continue;
    let done = 0;
    while (done < count) {
      const left = count - done;
      let large = compound && !failsOnce(k);
      let pages = compound && !large ? Math.min(2 ** hugeOrder(k), left) : left;
      let runs = yield k.alloc_pages({ pages, order: large ? hugeOrder(k) : 0 });
      if (large && runs.length === 0) {
        // Try with smaller pages if large allocation fails.
        large = false;
        pages = Math.min(2 ** hugeOrder(k), left);
        runs = yield k.alloc_pages({ pages });
      }
      if (isError(runs) || runs.length === 0) return 'VM_FAULT_OOM';
      for (const run of runs) {
        const n = run.end - run.pfn;
        yield k.lock_page(run);
        const address = addr + bytesOf(k, index + done);
        if (notifier !== undefined) yield k.xa_erase({ notifier, address, pages: n });
        yield k.copy_highpage({ from: pfn + done, to: run.pfn, pages: n });
        dst.push({ index: index + done, count: n, pfn: run.pfn, write, compound: large });
        done += n;
      }
    }
  }
  return dst;
}

/** @param {Kernel} k @param {Span} span @returns {Steps} */
function* dmirror_migrate_to_system(k, span) {
  const { mm } = span;
  if ((yield k.mmget_not_zero({ mm })) !== true) return k.fail(k.E.EINVAL, '!mmget_not_zero(mm)');
  yield k.mmap_read_lock({ mm });
  let cpages = 0;
  const ret = yield* inPieces(k, span, function* (piece) {
    const migration = yield k.migrate_vma_setup({
      mm,
      start: piece.address,
      size: bytesOf(k, piece.pages),
      flags: [selectDevice(k), 'compound'],
      pgmap_owner: k.device.id,
    });
    if (isError(migration)) return migration;
    const dst = yield* fault_alloc_and_copy(k, migration, piece);
    const list = typeof dst === 'string' ? [] : dst;
    const { src } = yield k.migrate_vma_pages({ id: migration.id, dst: list });
    for (const run of src) if (run.migrate && run.pfn !== null) cpages += run.count;
    yield k.migrate_vma_finalize({ id: migration.id });
    return typeof dst === 'string' ? k.fail(k.E.ENOMEM, '!dpage') : 0;
  });
  yield k.mmap_read_unlock({ mm });
  yield k.mmput({ mm });
  return isError(ret) ? ret : { cpages, faults: 0 };
}

/** HMM_DMIRROR_MIGRATE_TO_SYS. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps} */
export function* migrate_to_sys(k, cmd) {
  const span = yield* begin(k, cmd);
  if (isError(span)) return span;
  return yield k.fn('dmirror_migrate_to_system', FILE, dmirror_migrate_to_system, span);
}

/**
 * dmirror_devmem_fault(): the CPU touched device pages; a run of equal faults at a time.
 * @param {Kernel} k
 * @param {{ mm: string, address: bigint, pages: number, pfn: number, order: number }} vmf
 * @returns {Steps<string | number>}
 */
export function* migrate_to_ram(k, { mm, address, pages, pfn, order }) {
  const vma = yield k.vma_lookup({ mm, address });
  if (vma === null) return 'VM_FAULT_SIGBUS';
  const range = wholeFolios(k, { address, pages, order }, vma);
  const migration = yield k.migrate_vma_setup({
    mm,
    ...range,
    flags: order > 0 ? [selectDevice(k), 'compound'] : [selectDevice(k)],
    pgmap_owner: k.device.id,
    fault_pfn: pfn,
    fault_pages: pages,
  });
  if (isError(migration)) return 'VM_FAULT_SIGBUS';
  const dst = yield* fault_alloc_and_copy(k, migration, { mm, address: range.start });
  const list = typeof dst === 'string' ? [] : dst;
  yield k.migrate_vma_pages({ id: migration.id, dst: list });
  yield k.migrate_vma_finalize({ id: migration.id });
  return typeof dst === 'string' ? dst : 0;
}

/** HMM_DMIRROR_FLAGS. @param {Kernel} k @param {{ fail_alloc: boolean }} args @returns {Steps} */
export function* flags(k, { fail_alloc }) {
  k.write('flags', fail_alloc ? 1 : 0);
  return 0;
}
