// SPDX-License-Identifier: MIT
// Bad blocks of a namespace, direct access to its data, and who is told of damage.
import { pagesIn } from 'pfnlab:runs';
import { PMEM, at, present, slotOf } from './namespace.js';

/** @import { Kernel, Steps, Value } from '../api.d.ts' */
/** @import { Namespace } from './namespace.js' */

/** The disk of a namespace; '' without one. @param {Kernel} k @param {string} child */
function diskOf(k, child) {
  const index = slotOf(child);
  return (index < 0 ? null : at(k, index))?.blockdev ?? '';
}

/** `ndctl inject-error`: sectors that a read of the media fails on. @param {Kernel} k @param {{ child: string, block: number, count: number }} args @returns {Steps<number>} */
export function* inject_error(k, { child, block, count }) {
  const name = diskOf(k, child);
  if (name === '') return k.fail(k.E.ENODEV, `${child} has no block device: is it enabled?`);
  const rc = yield k.badblocks_set({ name, sector: block, count });
  return typeof rc === 'number' ? rc : 0;
}

/** The memory_failure op of pmem's pagemap (6.0). @param {Kernel} k @param {{ pgmap: string, pfn: number, nr_pages: number }} args @returns {Steps<number>} */
function* pmem_pagemap_memory_failure(k, { pgmap, pfn, nr_pages }) {
  const index = present(k).find((i) => at(k, i)?.pgmap === pgmap) ?? -1;
  if (index < 0) return k.fail(k.E.ENXIO, `no namespace has the pagemap ${pgmap}`);
  const { start, start_pad, data_offset, blockdev } = /** @type {Namespace} */ (at(k, index));
  const pgoff = pfn - pagesIn(k, start + start_pad + data_offset);
  const rc = yield k.dax_holder_notify_failure({ name: blockdev, pgoff, nr_pages });
  return typeof rc === 'number' ? rc : 0;
}

/** @param {Kernel} k @param {{ pgmap: string, pfn: number, nr_pages: number }} args @returns {Steps<number>} */
export function* memory_failure(k, args) {
  return yield k.fn('pmem_pagemap_memory_failure', PMEM, pmem_pagemap_memory_failure, args);
}

/** Direct access to a namespace by name. @param {Kernel} k @param {{ child: string, pgoff: number, pages: number, recovery: boolean }} args @returns {Steps<Value>} */
export function* direct_access_of(k, { child, pgoff, pages, recovery }) {
  const name = diskOf(k, child);
  if (name === '') return k.fail(k.E.ENXIO, `${child} is no block device`);
  return yield k.__pmem_direct_access({ name, pgoff, nr_pages: pages, recovery });
}
