// SPDX-License-Identifier: MIT
// Memory of the device comes to Linux and goes from it, a block at a time.
import {
  VIRTIO_MEM,
  addressOf,
  allAre,
  isError,
  patchBlock,
  patchVm,
  vm,
  MUTEX,
} from './blocks.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @param {bigint} size */
export const couldAdd = (k, size) => vm(k).offline_size + size <= vm(k).offline_threshold;

/** @param {Kernel} k @param {{ id: number }} args @returns {Steps<number>} */
function* virtio_mem_add_memory(k, { id }) {
  const { nid, mgid, unit: size, offline_size } = vm(k);
  patchVm(k, { offline_size: offline_size + size });
  const rc = yield k.add_memory_driver_managed({
    ...{
      nid,
      start: addressOf(k, id),
      size,
      resource_name: 'System RAM (virtio_mem)',
      merge: true,
    },
    ...(mgid < 0 ? {} : { mgid }),
  });
  if (isError(rc)) {
    patchVm(k, { offline_size: vm(k).offline_size - size });
    k.log('warn', `virtio_mem ${k.device.id}: adding memory failed: ${rc}`);
    return rc;
  }
  return 0;
}

/** @param {Kernel} k @param {number} id @returns {Steps<number>} */
export function* add(k, id) {
  return yield k.fn('virtio_mem_add_memory', VIRTIO_MEM, virtio_mem_add_memory, { id });
}

/** @param {Kernel} k @param {{ id: number }} args @returns {Steps<number>} */
function* virtio_mem_remove_memory(k, { id }) {
  const { unit: size } = vm(k);
  const rc = yield k.remove_memory({ start: addressOf(k, id), size });
  if (isError(rc)) return rc;
  patchVm(k, { offline_size: vm(k).offline_size - size });
  return 0;
}

/** @param {Kernel} k @param {number} id @returns {Steps<number>} */
export function* remove(k, id) {
  return yield k.fn('virtio_mem_remove_memory', VIRTIO_MEM, virtio_mem_remove_memory, { id });
}

/** @param {Kernel} k @param {{ id: number }} args @returns {Steps<number>} */
function* virtio_mem_offline_and_remove_memory(k, { id }) {
  const { unit: size } = vm(k);
  const rc = yield k.offline_and_remove_memory({ start: addressOf(k, id), size });
  if (isError(rc))
    return rc === -k.E.ENOMEM ? rc : k.fail(k.E.EBUSY, 'offline_and_remove_memory() failed');
  patchVm(k, { offline_size: vm(k).offline_size - size });
  return 0;
}

/** @param {Kernel} k @param {number} id @returns {Steps<number>} */
export function* offlineAndRemove(k, id) {
  return yield k.fn(
    'virtio_mem_offline_and_remove_memory',
    VIRTIO_MEM,
    virtio_mem_offline_and_remove_memory,
    { id },
  );
}

/** A block without a plugged sub-block goes, online or not. The mutex is held. @param {Kernel} k @param {{ id: number }} args @returns {Steps<number>} */
export function* virtio_mem_sbm_try_remove_unplugged_mb(k, { id }) {
  if (!allAre(k, id, '0')) return 0;
  yield k.mutex_unlock(MUTEX);
  const rc = yield* offlineAndRemove(k, id);
  yield k.mutex_lock(MUTEX);
  if (!isError(rc)) patchBlock(k, id, { state: 'UNUSED' });
  return rc;
}
