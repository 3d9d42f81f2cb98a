// SPDX-License-Identifier: MIT
// The driver core: which driver has a device, and what its release takes back.
import { dax_pmem_probe } from './dax.js';
import { DEVRES, PMEM, at, nothing, patch } from './namespace.js';
import { nd_pmem_probe } from './pmem.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { Namespace } from './namespace.js' */

/** The driver core gives a device to the driver of its type. @param {Kernel} k @param {string} dev @param {number} index */
export function probeOf(k, dev, index) {
  return dev.startsWith('dax')
    ? k.fn('dax_pmem_probe', 'drivers/dax/pmem.c', dax_pmem_probe, { index })
    : k.fn('nd_pmem_probe', PMEM, nd_pmem_probe, { dev, index });
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<void>} */
function* devres_release_all(k, { index }) {
  const { pgmap, start, size, chardev, data_offset, usable } = /** @type {Namespace} */ (
    at(k, index)
  );
  if (pgmap !== '') yield k.memunmap_pages({ pgmap });
  if (chardev === '') yield k.release_mem_region({ start, size });
  else {
    yield k.release_mem_region({ start: start + data_offset, size: usable });
    yield k.release_mem_region({ start, size: data_offset });
  }
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* unbindSlot(k, { index }) {
  const ns = at(k, index);
  if (ns === null || ns.state !== 'enabled') return k.fail(k.E.ENODEV, 'dev->driver != drv');
  const dev = ns.claim === '' ? ns.name : ns.claim;
  if (ns.chardev === '') yield k.fn('nd_pmem_remove', PMEM, nothing, { dev });
  else yield k.fn('unregister_dev_dax', 'drivers/dax/bus.c', nothing, { dev });
  yield k.fn('devres_release_all', DEVRES, devres_release_all, { index });
  patch(k, index, {
    state: 'disabled',
    pgmap: '',
    data_offset: 0n,
    npfns: 0,
    usable: 0n,
    blockdev: '',
    chardev: '',
  });
  return 0;
}
