// SPDX-License-Identifier: MIT
// A DAX device of a region: system RAM by default, or a character device.
import { isError, patchRegion, region, slotOf, regionAt } from './names.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

const PMD = 0x200000n;
const BUS = 'drivers/dax/bus.c';

/** @typedef {{ index: number, name: string, start: bigint, size: bigint, nid: number }} Dax */

/** @param {Kernel} k @param {Dax} dax @returns {Steps<number>} */
function* alloc_dax_region(k, { start, size }) {
  return start % PMD === 0n && size % PMD === 0n
    ? 0
    : k.fail(
        k.E.ENOMEM,
        '!IS_ALIGNED(range->start, align) || !IS_ALIGNED(range_len(range), align)',
      );
}

/** devm_create_dev_dax(): the driver for memory takes it (IORESOURCE_DAX_KMEM). @param {Kernel} k @param {Dax} dax @returns {Steps<number>} */
export function* create_dev_dax(k, dax) {
  const fits = yield k.fn('alloc_dax_region', BUS, alloc_dax_region, /** @type {never} */ (dax));
  if (isError(fits)) return fits;
  const { index, name } = dax;
  patchRegion(k, index, { dax: name });
  const rc = yield* toKmem(k, dax);
  // A driver that does not take the device leaves it without one.
  if (isError(rc)) k.note(`${name} has no driver`);
  return 0;
}

/** @param {Kernel} k @param {Dax} dax @returns {Steps<number>} */
function* toKmem(k, { index, name, start, size, nid }) {
  const rc = yield k.dev_dax_kmem_probe({ name, start, size, node: nid, memmap_on_memory: true });
  if (isError(rc)) return rc;
  patchRegion(k, index, { driver: 'kmem' });
  return 0;
}

/** @param {Kernel} k @param {Dax} dax @returns {Steps<number>} */
function* dev_dax_probe(k, { index, name, start, size, nid }) {
  const busy = yield k.request_mem_region({ start, size, name });
  if (isError(busy)) return busy;
  const range = { start, end: start + size - 1n };
  const pages = yield k.devm_memremap_pages({
    type: 'GENERIC',
    ranges: [range],
    nid,
    vmemmap_shift: 9,
  });
  if (isError(pages)) {
    yield k.release_mem_region({ start, size });
    return pages;
  }
  yield k.alloc_dax({ name, kind: 'char', start, size, pgmap: pages.pgmap, align: PMD });
  patchRegion(k, index, { driver: 'device_dax', pgmap: pages.pgmap });
  return 0;
}

/** @param {Kernel} k @param {number} index @returns {Dax} */
function daxOf(k, index) {
  const { dax, start, size, nid } = region(k, index);
  return { index, name: dax, start, size, nid };
}

/** The driver goes from the DAX device; it goes in any case, whatever the memory does. @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* device_release_driver(k, { index }) {
  const { driver, pgmap } = region(k, index);
  const { name, start, size, nid } = daxOf(k, index);
  patchRegion(k, index, { driver: '' });
  if (driver === 'kmem') return yield k.dev_dax_kmem_remove({ name, start, size, node: nid });
  if (driver === 'device_dax') {
    yield k.kill_dax({ name });
    yield k.unmap_dax_mapping({ name });
    yield k.put_dax({ name });
    yield k.memunmap_pages({ pgmap });
    yield k.release_mem_region({ start, size });
    patchRegion(k, index, { pgmap: '' });
  }
  return 0;
}

/** `daxctl reconfigure-device`. @param {Kernel} k @param {{ child: string, mode: string }} args @returns {Steps<number>} */
export function* reconfigure_device(k, { child, mode }) {
  const index = slotOf('region', child);
  const found = index < 0 ? null : regionAt(k, index);
  if (found === null || found.dax === '')
    return k.fail(k.E.ENODEV, `there is no DAX device of ${child}`);
  const now = found.driver === 'kmem' ? 'system-ram' : found.driver === '' ? 'disabled' : 'devdax';
  if (now === mode) return k.fail(k.E.EINVAL, `dax device is already in ${mode} mode`);
  if (now !== 'disabled') {
    const rc = yield k.fn('device_release_driver', 'drivers/base/dd.c', device_release_driver, {
      index,
    });
    if (isError(rc)) return rc;
  }
  const dax = daxOf(k, index);
  if (mode === 'system-ram') return yield* toKmem(k, dax);
  return yield k.fn(
    'dev_dax_probe',
    'drivers/dax/device.c',
    dev_dax_probe,
    /** @type {never} */ (dax),
  );
}
