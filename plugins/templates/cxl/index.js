// SPDX-License-Identifier: MIT
// Volatile memory of a CXL device, from where its window is mapped on: the dax device that stands for it
// is bound to kmem, which makes it System RAM of a node. Windows, decoders and interleave are not here.
/** @import { Kernel, Steps } from '../../api.d.ts' */

/**
 * What kmem is told of the device's memory; null where the lab gives it none.
 * @param {Kernel} k
 */
function daxOf(k) {
  const { range, index, node } = k.device;
  return range === null ? null : { ...range, name: `dax${index}.0`, node };
}

/**
 * The dax device is bound to kmem (drivers/dax/kmem.c): its memory becomes System RAM.
 * @param {Kernel} k
 * @returns {Steps<number>}
 */
function* probe(k) {
  const dax = daxOf(k);
  if (dax === null) return k.fail(k.E.EINVAL, 'the device has no range');
  /** @type {number | void} */
  const rc = yield k.dev_dax_kmem_probe(dax);
  if (typeof rc === 'number' && rc < 0) return rc;
  k.write('online', true);
  return 0;
}

/**
 * The memory goes, if every block of it is offline; else the kernel keeps it (-EBUSY).
 * @param {Kernel} k
 * @returns {Steps<number>}
 */
function* remove(k) {
  const dax = daxOf(k);
  if (dax === null || k.read('online') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  /** @type {number | void} */
  const rc = yield k.dev_dax_kmem_remove(dax);
  if (typeof rc === 'number' && rc < 0) return rc;
  k.write('online', false);
  return 0;
}

export const models = { mydevice: { callbacks: { probe }, actions: { remove } } };
