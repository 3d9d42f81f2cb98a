// SPDX-License-Identifier: MIT
// struct dev_pagemap, as a driver fills it in: what is said, and for the rest what this kernel demands.

import { pagesIn } from 'pfnlab:runs';

/** @import { Kernel, Range } from '../api.d.ts' */

/**
 * Arguments of the action `map`, as the manifest declares them.
 * @typedef {{
 *   name: string, type: string, start?: bigint, size?: bigint,
 *   ranges?: readonly { start: bigint, size: bigint }[],
 *   reserve?: number, free?: number, base_pfn?: number,
 *   ops?: string, owner?: string, ref?: boolean,
 *   vmemmap_shift: number, nid?: number, devm: boolean,
 * }} MapArgs
 */

const PREFIX = 'MEMORY_DEVICE_';

/** @param {string} type */
export const bare = (type) => (type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type);

/** struct range as the kernel adds it up: in 64 bits. @param {{ start: bigint, size: bigint }} given @returns {Range} */
const rangeOf = ({ start, size }) => ({ start, end: BigInt.asUintN(64, start + size - 1n) });

/**
 * What is to be mapped, where the lab says so: `ranges`, `start` and `size`, or the device's range.
 * null: a free range of `size` is to be found.
 * @param {Kernel} k @param {MapArgs} args @returns {readonly Range[] | null}
 */
export function rangesOf(k, { start, size, ranges }) {
  if (ranges !== undefined) return ranges.map(rangeOf);
  if (start !== undefined) return [rangeOf({ start, size: size ?? 0n })];
  if (size !== undefined) return null;
  return k.device.range === null ? [] : [rangeOf(k.device.range)];
}

/** Does this kernel want the driver to bring the reference that counts the users? @param {Kernel} k */
const wantsRef = (k) => String(k.switch('pagemap_ref')).startsWith('driver');

/** Whether the driver brings a reference. @param {Kernel} k @param {MapArgs} args */
export const bringsRef = (k, { ref, type }) =>
  ref ?? (wantsRef(k) && !['PRIVATE', 'PUBLIC', 'PCI_P2PDMA'].includes(bare(type)));

/** The callbacks this kernel demands of a type. @param {Kernel} k @param {string} type @param {boolean} ref */
function demanded(k, type, ref) {
  const fault = String(k.switch('device_fault_op'));
  const free = String(k.switch('pagemap_free_op'));
  const needsFree = type === 'FS_DAX' && k.switch('fsdax_free_op_required') === true;
  const teardown = k.switch('pagemap_ref') === 'driver' ? [] : ['kill', 'cleanup'];
  return [
    ...(type === 'PRIVATE' ? [fault] : []),
    ...(type === 'PRIVATE' || type === 'COHERENT' || needsFree ? [free] : []),
    ...(ref ? teardown : []),
  ];
}

/**
 * The struct dev_pagemap of a mapping.
 * @param {Kernel} k @param {MapArgs} args @param {readonly Range[]} ranges @param {string} ref
 */
export function pagemapOf(k, args, ranges, ref) {
  const { type, reserve, free, base_pfn, ops, owner, vmemmap_shift, nid } = args;
  const altmap = reserve !== undefined || free !== undefined;
  const first = pagesIn(k, ranges[0]?.start ?? 0n);
  return {
    ...{ type, ranges, vmemmap_shift },
    ops: ops?.split(' ').filter((op) => op !== '') ?? demanded(k, bare(type), ref !== ''),
    owner: owner ?? k.device.id,
    ...(altmap
      ? { altmap: { base_pfn: base_pfn ?? first, reserve: reserve ?? 0, free: free ?? 0 } }
      : {}),
    ...(ref === '' ? {} : { ref }),
    ...(nid === undefined ? {} : { nid }),
  };
}
