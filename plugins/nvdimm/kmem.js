// SPDX-License-Identifier: MIT
// A devdax namespace as system RAM: what `daxctl reconfigure-device` does with the dax device.
import { isError } from 'pfnlab:runs';
import { dev_dax_probe } from './dax.js';
import { DEVRES, at, patch, slotOf } from './namespace.js';
import { __nvdimm_setup_pfn } from './pfn.js';

/** @import { Kernel, PagemapArgs, Steps } from '../api.d.ts' */
/** @import { InfoBlock, Namespace } from './namespace.js' */

const DAXCTL = 'daxctl/device.c';

/** The dax device's range: the namespace without info block and memmap. @param {Kernel} k @param {number} index */
function rangeOf(k, index) {
  const { start, data_offset, usable } = /** @type {Namespace} */ (at(k, index));
  const sb = /** @type {InfoBlock} */ (k.read('info', index));
  return { start: start + sb.start_pad + data_offset, size: usable };
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* device_dax_remove(k, { index }) {
  const { pgmap } = /** @type {Namespace} */ (at(k, index));
  const rc = yield k.memunmap_pages({ pgmap });
  if (isError(rc)) return rc;
  yield k.release_mem_region(rangeOf(k, index));
  patch(k, index, { pgmap: '', chardev: '' });
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* toSystemRam(k, { index }) {
  const { chardev } = /** @type {Namespace} */ (at(k, index));
  const gone = yield k.fn('devres_release_all', DEVRES, device_dax_remove, { index });
  if (isError(gone)) return gone;
  const rc = yield k.dev_dax_kmem_probe({ ...rangeOf(k, index), name: chardev });
  if (isError(rc)) {
    const back = yield k.fn('dev_dax_probe', 'drivers/dax/device.c', rebind, { index, chardev });
    return isError(back) ? back : rc;
  }
  patch(k, index, { mode: 'system-ram', kmem: chardev });
  return 0;
}

/** @param {Kernel} k @param {{ index: number, chardev: string }} args @returns {Steps<number>} */
function* rebind(k, { index, chardev }) {
  const { align } = /** @type {Namespace} */ (at(k, index));
  /** @type {PagemapArgs | number} */
  const pagemap = yield* __nvdimm_setup_pfn(k, { index });
  if (typeof pagemap === 'number') return pagemap;
  const args = { dev: chardev, align, pagemap, ...rangeOf(k, index) };
  const made = yield* dev_dax_probe(k, args);
  if (typeof made === 'number') return made;
  patch(k, index, { mode: 'devdax', kmem: '', chardev, ...made });
  return 0;
}

/** The RAM must be offline: -EBUSY leaves it in use, until the next boot. @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* kmem_remove(k, { index }) {
  const { kmem } = /** @type {Namespace} */ (at(k, index));
  const rc = yield k.dev_dax_kmem_remove({ ...rangeOf(k, index), name: kmem });
  return isError(rc) ? rc : 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* toDevdax(k, { index }) {
  const { kmem } = /** @type {Namespace} */ (at(k, index));
  const rc = yield* kmem_remove(k, { index });
  if (isError(rc)) return rc;
  return yield k.fn('dev_dax_probe', 'drivers/dax/device.c', rebind, { index, chardev: kmem });
}

/** @param {Kernel} k @param {{ child: string, mode: string }} args @returns {Steps<number>} */
export function* reconfigure_device(k, { child, mode }) {
  const index = slotOf(child);
  const ns = index < 0 ? null : at(k, index);
  if (ns === null) return k.fail(k.E.ENODEV, `there is no ${child}`);
  if (ns.chardev === '' && ns.kmem === '') {
    return k.fail(k.E.ENODEV, `${child} has no dax device: it is not an enabled devdax namespace`);
  }
  const now = ns.kmem === '' ? 'devdax' : 'system-ram';
  if (now === mode) return k.fail(k.E.EINVAL, `dax device is already in ${mode} mode`);
  const to = mode === 'system-ram' ? toSystemRam : toDevdax;
  return yield k.fn('reconfig_mode', DAXCTL, to, { index }, { basis: 'model' });
}
