// SPDX-License-Identifier: MIT
// Bad blocks of a namespace, and direct access to its data.
import { PMEM, at, present, slotOf } from './namespace.js';

/** @import { Kernel, Steps, Value } from '../api.d.ts' */
/** @import { Namespace } from './namespace.js' */

/** Runs of bad sectors of 512 bytes, from the start of the data. @typedef {{ block: number, count: number }} Bad */

const SECTORS_PER_PAGE = 8;

/** @param {Kernel} k @param {number} index @returns {readonly Bad[]} */
const badBlocks = (k, index) =>
  /** @type {readonly Bad[] | null} */ (k.read('badblocks', index)) ?? [];

/** `ndctl inject-error`: sectors that a read of the media fails on. @param {Kernel} k @param {{ child: string, block: number, count: number }} args @returns {Steps<number>} */
export function* inject_error(k, { child, block, count }) {
  const index = slotOf(child);
  if (index < 0 || at(k, index) === null) return k.fail(k.E.ENODEV, `there is no ${child}`);
  if (count < 1 || block < 0) return k.fail(k.E.EINVAL, 'block and count take sectors, from 0 on');
  k.write('badblocks', index, [...badBlocks(k, index), { block, count }]);
  const { blockdev: name } = /** @type {Namespace} */ (at(k, index));
  if (name !== '') yield k.badblocks_set({ name, sector: block, count });
  return 0;
}

/**
 * __pmem_direct_access(): how many pages from `pgoff` on can be reached in one go, and the first
 * one's PFN. A bad block among those asked for is an error, unless to write over it.
 * @param {Kernel} k
 * @param {{ index: number, pgoff: number, nr_pages: number, recovery: boolean }} args
 * @returns {Steps<Value>} { pages, pfn }, or a negative errno
 */
function* __pmem_direct_access(k, { index, pgoff, nr_pages, recovery }) {
  const { start, data_offset, usable, start_pad } = /** @type {Namespace} */ (at(k, index));
  const offset = BigInt(pgoff) << 12n;
  const pages = Number((usable - offset) >> 12n);
  const errno = k.switch('pmem_poison_errno');
  const bad = errno === 'none' ? [] : badBlocks(k, index);
  const first = pgoff * SECTORS_PER_PAGE;
  const last = first + nr_pages * SECTORS_PER_PAGE;
  const hit = bad.filter(({ block, count }) => block < last && block + count > first);
  const pfn = Number((start + start_pad + data_offset + offset) >> 12n);
  if (hit.length > 0 && !recovery) {
    const value = errno === 'EIO' ? k.E.EIO : k.E.EHWPOISON;
    return k.fail(value, 'badblocks_check(bb, sector, num, &first_bad, &num_bad)');
  }
  return { pages: bad.length > 0 ? Math.min(nr_pages, pages) : pages, pfn };
}

/**
 * The direct_access op of the pmem dax device; `pgmap` says which namespace.
 * @param {Kernel} k
 * @param {{ pgmap: string, pgoff: number, nr_pages: number, recovery?: boolean }} args
 * @returns {Steps<Value>}
 */
export function* direct_access(k, { pgmap, pgoff, nr_pages, recovery = false }) {
  const index = present(k).find((i) => at(k, i)?.pgmap === pgmap) ?? -1;
  if (index < 0) return k.fail(k.E.ENXIO, `no namespace has the pagemap ${pgmap}`);
  const args = { index, pgoff, nr_pages, recovery };
  return yield k.fn('__pmem_direct_access', PMEM, __pmem_direct_access, args);
}

/**
 * dax_holder_notify_failure(): a filesystem that holds the device says whose the page is.
 * @param {Kernel} k @param {{ pgmap: string, pfn: number, nr_pages: number }} args
 * @returns {Steps<number>}
 */
function* dax_holder_notify_failure(k, { pfn }) {
  return k.fail(
    k.E.EOPNOTSUPP,
    `!dax_dev->holder_ops: no filesystem holds page 0x${pfn.toString(16)}`,
  );
}

/** The memory_failure op of pmem's pagemap (6.0). @param {Kernel} k @param {{ pgmap: string, pfn: number, nr_pages: number }} args @returns {Steps<number>} */
function* pmem_pagemap_memory_failure(k, args) {
  const source = 'drivers/dax/super.c';
  return yield k.fn('dax_holder_notify_failure', source, dax_holder_notify_failure, args);
}

/** @param {Kernel} k @param {{ pgmap: string, pfn: number, nr_pages: number }} args @returns {Steps<number>} */
export function* memory_failure(k, args) {
  return yield k.fn('pmem_pagemap_memory_failure', PMEM, pmem_pagemap_memory_failure, args);
}

/** Direct access to a namespace by name. @param {Kernel} k @param {{ child: string, pgoff: number, pages: number, recovery: boolean }} args @returns {Steps<Value>} */
export function* direct_access_of(k, { child, pgoff, pages, recovery }) {
  const index = slotOf(child);
  const ns = index < 0 ? null : at(k, index);
  if (ns === null || ns.blockdev === '') return k.fail(k.E.ENXIO, `${child} is no block device`);
  const args = { index, pgoff, nr_pages: pages, recovery };
  return yield k.fn('__pmem_direct_access', PMEM, __pmem_direct_access, args);
}
