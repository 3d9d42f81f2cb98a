// SPDX-License-Identifier: MIT
// A GPU with memory of its own: private, which the CPU cannot address, or coherent, which it can. Its
// driver is a sketch of what drivers do with migrate_vma and hmm_range_fault; the kernel functions it
// calls are the kernel's.
import { isError } from 'pfnlab:runs';
import { evict, gpu_evict } from './evict.js';
import { alloc_and_copy, finalize_and_map, migrate_to_ram } from './migrate.js';
import { device_read, device_write, gpu_svm_fini, invalidate } from './mirror.js';
import { DRIVER } from './driver.js';
import { migrate_to_device, migrate_to_system } from './svm.js';
import { folio_free, gpu_vram_fini, gpu_vram_init } from './vram.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

const FILE = 'drivers/gpu/model/driver.c';

/** @param {Kernel} k @returns {Steps<number>} */
function* gpu_probe(k) {
  if (k.read('bound') === true) return k.fail(k.E.EBUSY, 'dev->driver');
  return yield k.fn('gpu_vram_init', FILE, gpu_vram_init, {}, DRIVER);
}

/** What the driver does when it goes: processes get their memory back before the pages go. @param {Kernel} k @returns {Steps<number>} */
function* gpu_remove(k) {
  yield k.mutex_lock({ name: 'migrate_mutex' });
  k.write('bound', false);
  const moved = yield k.fn('gpu_vram_evict', FILE, gpu_evict, {}, DRIVER);
  yield k.mutex_unlock({ name: 'migrate_mutex' });
  if (isError(moved)) k.note('not everything could be moved: the removal waits');
  yield k.fn('gpu_svm_fini', FILE, gpu_svm_fini, {}, DRIVER);
  return yield k.fn('gpu_vram_fini', FILE, gpu_vram_fini, {}, DRIVER);
}

/** @param {Kernel} k @returns {Steps} */
function* probe(k) {
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
    ...{ bind: probe, unbind, evict, fail, recover },
    'migrate-to-device': migrate_to_device,
    'migrate-to-system': migrate_to_system,
    'device-read': device_read,
    'device-write': device_write,
  },
};

export const models = { gpu: model, 'coherent-gpu': model };
