// SPDX-License-Identifier: MIT
// A virtio-mem device: memory that the hypervisor gives and takes in small pieces.
import { VIRTIO_MEM, isError, patchVm } from './blocks.js';
import { virtio_mem_init } from './init.js';
import { memory_notifier, online_page } from './notifier.js';
import { runWork } from './work.js';

/** @import { Kernel, Models, Steps } from '../api.d.ts' */

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_mem_probe(k) {
  if (!k.switch('virtio_mem')) return k.fail(k.E.ENODEV, 'the driver came with 5.8');
  const rc = yield k.fn('virtio_mem_init', VIRTIO_MEM, virtio_mem_init);
  if (isError(rc)) return rc;
  yield* runWork(k);
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  return yield k.fn('virtio_mem_probe', VIRTIO_MEM, virtio_mem_probe);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_mem_config_changed(k) {
  patchVm(k, { config_changed: true });
  return 0;
}

/** The hypervisor asks for another size; the interrupt of the configuration wakes the driver. @param {Kernel} k @param {{ requested_size: bigint, usable_region_size?: bigint }} args @returns {Steps<number>} */
function* resize(k, { requested_size, usable_region_size }) {
  const { range, config } = k.device;
  const block = /** @type {bigint} */ (config['block_size']);
  if (requested_size % block !== 0n || requested_size > (range?.size ?? 0n)) {
    return k.fail(
      k.E.EINVAL,
      'requested-size is a multiple of block-size, and no more than the region',
    );
  }
  k.write('requested_size', requested_size);
  if (usable_region_size !== undefined) k.write('usable_region_size', usable_region_size);
  yield k.fn('virtio_mem_config_changed', VIRTIO_MEM, virtio_mem_config_changed);
  return yield* runWork(k);
}

/** Until it says otherwise the hypervisor answers every request with BUSY. @param {Kernel} k @param {{ busy: boolean }} args @returns {Steps<number>} */
function* set_busy(k, { busy }) {
  k.write('host_busy', busy);
  return 0;
}

/** virtio_mem_timer_expired(): the work runs again. @param {Kernel} k @returns {Steps<number>} */
function* retry(k) {
  return yield* runWork(k);
}

/** @satisfies {Models} */
export const models = {
  'virtio-mem': {
    actions: { resize, 'set-busy': set_busy, retry },
    callbacks: { probe, memory_notifier, online_page },
  },
};
