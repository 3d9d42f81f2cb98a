// SPDX-License-Identifier: MIT
// The driver core: which driver has a device, and what its release takes back.
import { isError } from 'pfnlab:runs';
import { dax_pmem_probe } from './dax.js';
import { kmem_remove } from './kmem.js';
import { DEVRES, PMEM, at, nothing, patch } from './namespace.js';
import { nd_pmem_probe } from './pmem.js';
import { cleanup, kill, killsFirst, waitsAfter } from './queue.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { Namespace } from './namespace.js' */

/** The driver core gives a device to the driver of its type. @param {Kernel} k @param {string} dev @param {number} index */
export function probeOf(k, dev, index) {
  return dev.startsWith('dax')
    ? k.fn('dax_pmem_probe', 'drivers/dax/pmem.c', dax_pmem_probe, { index })
    : k.fn('nd_pmem_probe', PMEM, nd_pmem_probe, { dev, index });
}

/** Before the pages go: nobody new reaches them. @param {Kernel} k @param {{ blockdev: string }} args @returns {Steps<void>} */
function* pmem_release_disk(k, { blockdev }) {
  yield k.kill_dax({ name: blockdev });
  yield k.put_dax({ name: blockdev });
}

/** @param {Kernel} k @param {{ chardev: string }} args @returns {Steps<void>} */
function* unregister_dev_dax(k, { chardev }) {
  yield k.kill_dax({ name: chardev });
  yield k.unmap_dax_mapping({ name: chardev });
  yield k.put_dax({ name: chardev });
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<void>} */
function* devres_release_all(k, { index }) {
  const { pgmap, start, size, chardev, blockdev, kmem, data_offset, usable, ref, start_pad } =
    /** @type {Namespace} */ (at(k, index));
  if (blockdev !== '') yield k.fn('pmem_release_disk', PMEM, pmem_release_disk, { blockdev });
  if (ref !== '' && killsFirst(k)) yield* kill(k, { ref });
  if (pgmap !== '') yield k.memunmap_pages({ pgmap });
  if (ref !== '' && waitsAfter(k)) yield* cleanup(k, { ref });
  if (kmem !== '') yield k.release_mem_region({ start, size: data_offset });
  else if (chardev === '') yield k.release_mem_region({ start, size });
  else {
    yield k.release_mem_region({ start: start + start_pad + data_offset, size: usable });
    yield k.release_mem_region({ start, size: data_offset });
  }
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* unbindSlot(k, { index }) {
  const ns = at(k, index);
  if (ns === null || ns.state !== 'enabled') return k.fail(k.E.ENODEV, 'dev->driver != drv');
  const dev = ns.claim === '' ? ns.name : ns.claim;
  if (ns.kmem !== '') {
    const rc = yield k.fn('unregister_dev_dax', 'drivers/dax/bus.c', kmem_remove, { index });
    if (isError(rc)) return rc;
  } else if (ns.chardev === '') yield k.fn('nd_pmem_remove', PMEM, nothing, { dev });
  else {
    const { chardev } = ns;
    yield k.fn('unregister_dev_dax', 'drivers/dax/bus.c', unregister_dev_dax, { chardev });
  }
  yield k.fn('devres_release_all', DEVRES, devres_release_all, { index });
  if (ns.kmem !== '') patch(k, index, { mode: 'devdax' });
  patch(k, index, {
    state: 'disabled',
    ref: '',
    kmem: '',
    start_pad: 0n,
    pgmap: '',
    data_offset: 0n,
    npfns: 0,
    usable: 0n,
    blockdev: '',
    chardev: '',
  });
  return 0;
}
