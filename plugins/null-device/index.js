// SPDX-License-Identifier: MIT
// The smallest model that is of use: a device with a range of memory. Its driver claims the range when it
// finds the device, and gives it struct pages when the lab asks for them.
import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** The device was found: its driver binds. @param {Kernel} k @returns {Steps} */
function* probe(k) {
  const { id, range } = k.device;
  if (range === null) return k.fail(k.E.ENODEV, 'the device has no range');
  const region = yield k.request_mem_region({ ...range, name: id });
  if (isError(region)) return region;
  k.write('bound', true);
  return 0;
}

/** @param {Kernel} k @returns {Steps} */
function* map(k) {
  const { range } = k.device;
  if (range === null || k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  if (k.read('pgmap') !== '') return k.fail(k.E.EBUSY, 'it has struct pages already');
  const end = range.start + range.size - 1n;
  const pages = yield k.devm_memremap_pages({
    type: 'GENERIC',
    ranges: [{ start: range.start, end }],
  });
  if (isError(pages)) return pages;
  k.write('pgmap', pages.pgmap);
  return { pgmap: pages.pgmap };
}

/** What the driver got goes back, the last first. @param {Kernel} k @returns {Steps} */
function* unbind(k) {
  const { range } = k.device;
  if (range === null || k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  const pgmap = /** @type {string} */ (k.read('pgmap'));
  if (pgmap !== '') yield k.devm_memunmap_pages({ pgmap });
  k.write('pgmap', '');
  yield k.release_mem_region(range);
  k.write('bound', false);
  return 0;
}

export const models = {
  'null-device': { callbacks: { probe }, actions: { map, unbind } },
};
