// SPDX-License-Identifier: MIT
// The label area of the DIMM.
import { region } from './namespace.js';

/** @import { Kernel } from '../api.d.ts' */
/** @import { Namespace } from './namespace.js' */

/** Writes an integer, lowest byte first. @param {Kernel} k @param {number} offset @param {bigint} value @param {number} bytes */
export function putBytes(k, offset, value, bytes) {
  for (let i = 0; i < bytes; i += 1)
    k.write('labels', offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
}

/** One slot of struct nd_namespace_label (drivers/nvdimm/label.h), after two index blocks. */
export function putLabel(
  /** @type {Kernel} */ k,
  /** @type {number} */ index,
  /** @type {Namespace | null} */ ns,
) {
  const base = 512 + index * 256;
  putBytes(k, base, ns ? BigInt(`0x${ns.uuid.split('-').join('')}`) : 0n, 16);
  putBytes(k, base + 84, ns ? 1n : 0n, 2);
  putBytes(k, base + 104, ns ? ns.start - region(k).start : 0n, 8);
  putBytes(k, base + 112, ns ? ns.size : 0n, 8);
  putBytes(k, base + 120, ns ? BigInt(index) : 0n, 4);
}
