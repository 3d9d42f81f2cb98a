// SPDX-License-Identifier: MIT
// A process's memory goes to the GPU and comes back: the driver's half of migrate_vma, with callbacks
// (4.14 to 5.3) or between setup, pages and finalize.
import { wholeFolios } from 'pfnlab:migration';
import { mirrorOf } from 'pfnlab:page-table';
import { bytesOf, hugeOrder, isError, pairs } from 'pfnlab:runs';
import { DRIVER } from './driver.js';
import { allocate, isMine, ownerOf, selectDevice } from './vram.js';

/** @import { Kernel, MigrateDst, MigrateRun, MigrateSelect, Steps } from '../api.d.ts' */

const FILE = 'drivers/gpu/model/svm.c';

/** @typedef {{ mm: string, start: bigint, size: bigint, toDevice: boolean, peers?: boolean, fault?: { pfn: number, pages: number } }} Move */
// `peers`: only what lies in the memory of other GPUs of the hive.

/**
 * Device pages or RAM for what was collected, with its contents. 'VM_FAULT_OOM' where RAM is out.
 * @param {Kernel} k @param {{ src: readonly MigrateRun[], toDevice: boolean, peers?: boolean }} args @returns {Steps<any>}
 */
export function* alloc_and_copy(k, { src, toDevice, peers = false }) {
  const dst = [];
  for (const { index, count, pfn, migrate, write, compound } of src) {
    if (!migrate || (pfn === null && !toDevice)) continue;
    const device = pfn !== null && (yield k.page_pgmap({ pfn })) !== null;
    if (device === toDevice || (peers && pfn !== null && isMine(k, pfn))) continue;
    let [done, large] = [0, compound];
    while (done < count) {
      const order = large ? hugeOrder(k) : 0;
      const runs = toDevice
        ? yield* allocate(k, count - done, large)
        : yield k.alloc_pages({ pages: count - done, order });
      if (isError(runs) || runs.length === 0) {
        if (!large) break;
        large = false;
        continue;
      }
      for (const run of runs) {
        const pages = run.end - run.pfn;
        if (!toDevice) yield k.lock_page(run);
        if (pfn === null) yield k.clear_highpage(run);
        else yield k.copy_highpage({ from: pfn + done, to: run.pfn, pages });
        dst.push({ index: index + done, count: pages, pfn: run.pfn, write, compound: large });
        done += pages;
      }
    }
    if (done < count) k.note(toDevice ? 'VRAM is full' : 'no RAM for what is on the device');
  }
  return dst;
}

/**
 * What moved goes into the GPU's page table, or out of it.
 * @param {Kernel} k
 * @param {{ mm: string, start: bigint, toDevice: boolean, src: readonly MigrateRun[], dst: readonly MigrateDst[] }} args
 * @returns {Steps<number>}
 */
export function* finalize_and_map(k, { mm, start, toDevice, src, dst }) {
  const mirror = mirrorOf(k, mm);
  let moved = 0;
  yield k.mutex_lock({ name: 'svm->lock' });
  for (const { index, count, dst: to } of pairs(src, dst)) {
    const address = start + bytesOf(k, index);
    moved += count;
    if (mirror === null) continue;
    const range = { notifier: mirror.notifier, address, pages: count };
    if (!toDevice) yield k.xa_erase(range);
    else {
      const pfn = to.pfn + index - to.index;
      // Pages that are shared since a fork are not the GPU's to write to, either.
      yield k.xa_store({ ...range, pfn, tag: to.write ? 'write' : '' });
    }
  }
  yield k.mutex_unlock({ name: 'svm->lock' });
  return moved;
}

/** One range of one VMA. @param {Kernel} k @param {Move} move @returns {Steps<any>} pages moved, or an errno, or VM_FAULT_* */
function* gpu_migrate_range(k, { mm, start, size, toDevice, peers, fault }) {
  if (k.switch('migrate_vma_api') === 'callbacks') {
    return yield k.migrate_vma({ mm, start, size, to_device: toDevice });
  }
  /** @type {MigrateSelect[]} */
  const flags = [toDevice ? 'system' : selectDevice(k), 'compound'];
  const migration = yield k.migrate_vma_setup({
    ...{ mm, start, size },
    flags,
    pgmap_owner: ownerOf(k),
    ...(fault === undefined ? {} : { fault_pfn: fault.pfn, fault_pages: fault.pages }),
  });
  if (isError(migration)) return migration;
  const dst = yield* alloc_and_copy(k, { src: migration.src, toDevice, peers });
  const { src } = yield k.migrate_vma_pages({ id: migration.id, dst });
  const moved = yield* finalize_and_map(k, { mm, start, toDevice, src, dst });
  yield k.migrate_vma_finalize({ id: migration.id });
  // A fault whose page somebody else is moving collects nothing; one that has no page for it is out of RAM.
  const short = fault !== undefined && migration.cpages > 0 && dst.length === 0;
  return short ? k.fail(k.E.ENOMEM, '!dpage') : moved;
}

/** @param {Kernel} k @param {Move} move @returns {Steps<any>} */
function* migrateRange(k, { fault, ...move }) {
  const args = fault === undefined ? move : { ...move, fault };
  return yield k.fn('gpu_svm_migrate_range', FILE, gpu_migrate_range, args, DRIVER);
}

/** VMA by VMA, with mmap_lock held for reading. @param {Kernel} k @param {{ mm: string, va: bigint, size: bigint, toDevice: boolean, peers?: boolean }} args @returns {Steps<any>} */
export function* migrateAll(k, { mm, va, size, toDevice, peers }) {
  if ((yield k.mmget_not_zero({ mm })) !== true) return k.fail(k.E.ESRCH, '!mmget_not_zero(mm)');
  yield k.mmap_read_lock({ mm });
  let moved = 0;
  let error = 0;
  let at = va;
  while (at < va + size && error === 0) {
    const vma = yield k.vma_lookup({ mm, address: at });
    if (vma === null) {
      error = k.fail(k.E.EFAULT, '!vma');
      break;
    }
    const end = vma.end < va + size ? vma.end : va + size;
    const from = peers === true ? { peers } : {};
    const got = yield* migrateRange(k, { mm, start: at, size: end - at, toDevice, ...from });
    if (isError(got)) error = got;
    else moved += got;
    at = end;
  }
  yield k.mmap_read_unlock({ mm });
  yield k.mmput({ mm });
  return error !== 0 ? error : moved;
}

/**
 * The CPU touched private memory. A driver that cannot bring it back has SIGBUS left, nothing else.
 * @param {Kernel} k
 * @param {{ mm: string, address: bigint, pages: number, pfn: number, order: number }} vmf
 * @returns {Steps<string | number>}
 */
export function* migrate_to_ram(k, { mm, address, pages, pfn, order }) {
  if (k.read('error') === true) {
    k.note('the device is in error: its memory cannot be read');
    return 'VM_FAULT_SIGBUS';
  }
  const vma = yield k.vma_lookup({ mm, address });
  if (vma === null) return 'VM_FAULT_SIGBUS';
  const range = wholeFolios(k, { address, pages, order }, vma);
  const move = { mm, ...range, toDevice: false, fault: { pfn, pages } };
  const moved = yield* migrateRange(k, move);
  if (moved === -k.E.ENOMEM) return 'VM_FAULT_OOM';
  return isError(moved) ? 'VM_FAULT_SIGBUS' : 0;
}
