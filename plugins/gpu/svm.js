// SPDX-License-Identifier: MIT
// The actions that move a process's memory to the GPU and back.
import { isError, pagesIn } from 'pfnlab:runs';
import { makeRoom } from './evict.js';
import { migrateAll } from './migrate.js';
import { taskMm } from './mirror.js';
import { isNode } from './numa.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** The driver does not go while somebody migrates. @param {Kernel} k @param {{ mm: string, va: bigint, size: bigint, toDevice: boolean }} args @returns {Steps<any>} */
export function* migrateUnlessGone(k, args) {
  yield k.mutex_lock({ name: 'migrate_mutex' });
  const moved =
    k.read('bound') === true ? yield* migrateWithRoom(k, args) : k.fail(k.E.ENODEV, '!dev->driver');
  yield k.mutex_unlock({ name: 'migrate_mutex' });
  return moved;
}

/**
 * What goes to the device needs room there; what a peer has goes through RAM, as between two devices of
 * amdkfd (svm_migrate_vram_to_vram). mmap_lock is not held yet: eviction takes that of any process.
 * @param {Kernel} k @param {{ mm: string, va: bigint, size: bigint, toDevice: boolean }} args @returns {Steps<any>}
 */
function* migrateWithRoom(k, args) {
  if (args.toDevice) {
    if (k.device.config['hive'] && k.switch('migrate_vma_api') !== 'callbacks') {
      const back = yield* migrateAll(k, { ...args, toDevice: false, peers: true });
      if (isError(back)) return back;
    }
    yield* makeRoom(k, args);
  }
  return yield* migrateAll(k, args);
}

/** @param {Kernel} k @param {{ task?: string, va: bigint, size: bigint }} args @param {boolean} toDevice @returns {Steps<any>} */
function* migrateAction(k, { task, va, size }, toDevice) {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  if (isNode(k)) return k.fail(k.E.EOPNOTSUPP, 'its memory is a node: move_pages(2) moves there');
  if (k.read('error') === true) return k.fail(k.E.EIO, 'the device is in error');
  const got = yield* taskMm(k, task);
  if (isError(got)) return got;
  const moved = yield* migrateUnlessGone(k, { mm: got.mm, va, size, toDevice });
  if (isError(moved)) return moved;
  return { moved, pages: pagesIn(k, size) };
}

/** @param {Kernel} k @param {{ task?: string, va: bigint, size: bigint }} args @returns {Steps} */
export function* migrate_to_device(k, args) {
  return yield* migrateAction(k, args, true);
}

/** @param {Kernel} k @param {{ task?: string, va: bigint, size: bigint }} args @returns {Steps} */
export function* migrate_to_system(k, args) {
  return yield* migrateAction(k, args, false);
}
