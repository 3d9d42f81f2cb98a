// SPDX-License-Identifier: MIT
// A GPU with memory of its own: private, which the CPU cannot address, or coherent, which it can. Its
// driver is a sketch of what drivers do with migrate_vma and hmm_range_fault; the kernel functions it
// calls are the kernel's.
import { allocate, free, publish } from 'pfnlab:p2p-provider';
import { isError } from 'pfnlab:runs';
import { addToBus, gpu_bar_fini, gpu_bar_init, isPci } from './bar.js';
import { evict, gpu_evict } from './evict.js';
import { alloc_and_copy, finalize_and_map, migrate_to_ram } from './migrate.js';
import { device_read, device_write, gpu_svm_fini, invalidate } from './mirror.js';
import { DRIVER } from './driver.js';
import { gpu_numa_fini, gpu_numa_init, isNode } from './numa.js';
import { migrate_to_device, migrate_to_system } from './svm.js';
import { folio_free, gpu_vram_fini, gpu_vram_init } from './vram.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

const FILE = 'drivers/gpu/model/driver.c';

/** @param {Kernel} k @returns {Steps<number>} */
function* gpu_probe(k) {
  if (k.read('bound') === true) return k.fail(k.E.EBUSY, 'dev->driver');
  if (isNode(k)) return yield k.fn('gpu_numa_init', FILE, gpu_numa_init, {}, DRIVER);
  const rc = yield k.fn('gpu_vram_init', FILE, gpu_vram_init, {}, DRIVER);
  if (isError(rc) || !isPci(k)) return rc;
  const bar = yield k.fn('gpu_bar_init', FILE, gpu_bar_init, {}, DRIVER);
  if (isError(bar)) yield k.fn('gpu_vram_fini', FILE, gpu_vram_fini, {}, DRIVER);
  return bar;
}

/** What the driver does when it goes: processes get their memory back before the pages go. @param {Kernel} k @returns {Steps<number>} */
function* gpu_remove(k) {
  if (isNode(k)) {
    const kept = yield k.fn('gpu_numa_fini', FILE, gpu_numa_fini, {}, DRIVER);
    return isError(kept) ? kept : yield k.fn('gpu_svm_fini', FILE, gpu_svm_fini, {}, DRIVER);
  }
  if (isPci(k)) yield k.fn('gpu_bar_fini', FILE, gpu_bar_fini, {}, DRIVER);
  yield k.mutex_lock({ name: 'migrate_mutex' });
  k.write('bound', false);
  const moved = yield k.fn('gpu_vram_evict', FILE, gpu_evict, {}, DRIVER);
  yield k.mutex_unlock({ name: 'migrate_mutex' });
  if (isError(moved)) k.note('not everything could be moved: the removal waits');
  yield k.fn('gpu_svm_fini', FILE, gpu_svm_fini, {}, DRIVER);
  return yield k.fn('gpu_vram_fini', FILE, gpu_vram_fini, {}, DRIVER);
}

/** The device is found: on its bus, where it stands on one, and its driver binds. @param {Kernel} k @returns {Steps} */
function* probe(k) {
  if (isPci(k)) {
    const rc = yield* addToBus(k);
    if (isError(rc)) return rc;
  }
  return yield* bind(k);
}

/** @param {Kernel} k @returns {Steps} */
function* bind(k) {
  yield k.mutex_lock({ name: 'device_lock' });
  const ret = yield k.fn('gpu_probe', FILE, gpu_probe, {}, DRIVER);
  yield k.mutex_unlock({ name: 'device_lock' });
  return ret;
}

/** @param {Kernel} k @returns {Steps} */
function* unbind(k) {
  // The driver core lets one bind or unbind at a time.
  yield k.mutex_lock({ name: 'device_lock' });
  const ret =
    k.read('bound') === true
      ? yield k.fn('gpu_remove', FILE, gpu_remove, {}, DRIVER)
      : k.fail(k.E.ENODEV, '!dev->driver');
  yield k.mutex_unlock({ name: 'device_lock' });
  return ret;
}

/** @param {Kernel} k @returns {Steps} */
function* fail(k) {
  k.write('error', true);
  k.log('err', `${k.device.id}: device lost`);
  return 0;
}

/** @param {Kernel} k @returns {Steps} */
function* recover(k) {
  k.write('error', false);
  return 0;
}

const model = {
  callbacks: { probe, folio_free, migrate_to_ram, invalidate, alloc_and_copy, finalize_and_map },
  actions: {
    ...{ bind, unbind, evict, fail, recover },
    'migrate-to-device': migrate_to_device,
    'migrate-to-system': migrate_to_system,
    'device-read': device_read,
    'device-write': device_write,
  },
};

export const models = {
  gpu: { ...model, actions: { ...model.actions, publish, allocate, free } },
  'coherent-gpu': model,
};
