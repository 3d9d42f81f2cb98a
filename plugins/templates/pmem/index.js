// SPDX-License-Identifier: MIT
// Memory of a device that the CPU reaches like RAM: the driver gives it struct pages, in ZONE_DEVICE.
/** @import { Kernel, MappedPages, Steps } from '../../api.d.ts' */

/**
 * The driver binds: its range becomes a resource, and gets a pagemap.
 * @param {Kernel} k
 * @returns {Steps<number>}
 */
function* probe(k) {
  const { range, id } = k.device;
  if (range === null) return k.fail(k.E.EINVAL, 'the device has no range');
  /** @type {number} */
  const region = yield k.request_mem_region({ ...range, name: id });
  if (region < 0) return region;
  const end = range.start + range.size - 1n;
  /** @type {MappedPages | number} */
  const mapped = yield k.devm_memremap_pages({
    type: 'GENERIC',
    ranges: [{ start: range.start, end }],
  });
  if (typeof mapped === 'number') {
    yield k.release_mem_region(range);
    return mapped;
  }
  k.write('pgmap', mapped.pgmap);
  return 0;
}

/**
 * The driver goes. The kernel waits here until nobody holds a page of the device any more.
 * @param {Kernel} k
 * @returns {Steps<number>}
 */
function* unbind(k) {
  const { range } = k.device;
  const pgmap = String(k.read('pgmap'));
  if (range === null || pgmap === '') return k.fail(k.E.ENODEV, '!dev->driver');
  yield k.devm_memunmap_pages({ pgmap });
  yield k.release_mem_region(range);
  k.write('pgmap', '');
  return 0;
}

export const models = { mydevice: { callbacks: { probe }, actions: { unbind } } };
