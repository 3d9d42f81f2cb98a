// SPDX-License-Identifier: MIT
// The flush: a request in the virtqueue, and the wait until the host acknowledges it.

/** @import { Kernel, Steps } from '../api.d.ts' */

const ND_VIRTIO = 'drivers/nvdimm/nd_virtio.c';
const LOCK = { name: 'flush_lock' };

/** The host has written its file, or could not: fsync(2) there. @param {Kernel} k @returns {Steps<number>} */
function* host_fsync(k) {
  if (k.read('host_fails') === true) return -1;
  k.write('flushes', /** @type {number} */ (k.read('flushes')) + 1);
  return 0;
}

/** The interrupt of the virtqueue: the request is done, who waits for it wakes. @param {Kernel} k @param {{ ret: number }} args @returns {Steps<number>} */
function* virtio_pmem_host_ack(k, { ret }) {
  return ret;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_pmem_flush(k) {
  if (k.switch('virtio_pmem_flush_lock')) yield k.mutex_lock(LOCK);
  const rc = yield* submit(k);
  if (k.switch('virtio_pmem_flush_lock')) yield k.mutex_unlock(LOCK);
  return rc;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* submit(k) {
  if (k.read('needs_reset') === true && k.switch('virtio_pmem_checks_reset')) {
    k.log('info', `virtio_pmem ${k.device.id}: virtio pmem device needs a reset`);
    return k.fail(k.E.EIO, 'vdev->config->get_status(vdev) & VIRTIO_CONFIG_S_NEEDS_RESET');
  }
  if (k.read('needs_reset') === true) {
    return k.fail(
      k.E.EIO,
      'a limit of this model, not of the kernel: here the flush waits for ever',
    );
  }
  const ret = yield k.fn('host_fsync', 'the host', host_fsync, {}, { basis: 'model' });
  return yield k.fn('virtio_pmem_host_ack', ND_VIRTIO, virtio_pmem_host_ack, { ret });
}

/** @param {Kernel} k @returns {Steps<number>} */
export function* async_pmem_flush(k) {
  const rc = yield k.fn('virtio_pmem_flush', ND_VIRTIO, virtio_pmem_flush);
  return rc === 0 ? 0 : k.fail(k.E.EIO, 'virtio_pmem_flush(nd_region) != 0');
}
