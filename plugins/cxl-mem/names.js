// SPDX-License-Identifier: MIT
// Memory devices, regions and windows as the registers hold them, and what every part of the model asks.

/** @import { CxlWindow, Kernel } from '../api.d.ts' */

/**
 * An endpoint decoder with device memory (DPA) of its own. Bytes.
 * @typedef {object} Decoder
 * @property {string} mode ram or pmem
 * @property {bigint} dpa first byte of device memory
 * @property {bigint} size
 * @property {bigint} skip device memory below `dpa` that this decoder leaves out
 * @property {string} region the region it decodes for
 */

/**
 * struct access_coordinate: nanoseconds, MB/s.
 * @typedef {{ read_latency: number, write_latency: number, read_bandwidth: number, write_bandwidth: number }} Perf
 */

/**
 * One entry of the register `memdevs`: a type 3 device. Bytes.
 * @typedef {object} Memdev
 * @property {string} name
 * @property {number} bridge _UID of the host bridge above it
 * @property {bigint} ram its volatile partition, from DPA 0 on
 * @property {bigint} pmem its persistent partition behind that
 * @property {Perf | null} perf what its CDAT and the path to it come to
 * @property {readonly Decoder[]} decoders in the order they must be committed in
 */

/**
 * One entry of the register `regions`. Bytes.
 * @typedef {object} Region
 * @property {string} name
 * @property {string} mode ram or pmem
 * @property {number} window number of the root decoder
 * @property {number} ways
 * @property {bigint} granularity
 * @property {bigint} start
 * @property {bigint} size
 * @property {number} resource its id in the resource tree; 0 for none
 * @property {readonly string[]} targets memory devices by position
 * @property {string} state created, interleave, active or committed
 * @property {string} dax its DAX device, or nothing
 * @property {string} driver what has the DAX device: kmem, device_dax, or nothing
 * @property {number} nid the node its memory is on
 * @property {string} pgmap of device_dax
 */

export const REGION = 'drivers/cxl/core/region.c';
export const HDM = 'drivers/cxl/core/hdm.c';
export const SLOTS = 16;
export const SZ_256M = 1n << 28n;
export const TOOL = /** @type {const} */ ({ basis: 'model' });

/** @param {unknown} value @returns {value is number} */
export const isError = (value) => typeof value === 'number' && value < 0;
/** @param {number} n */
export const isPowerOfTwo = (n) => n > 0 && Number.isInteger(Math.log2(n));

/** @param {Kernel} k @param {number} index @returns {Memdev | null} */
export const memdevAt = (k, index) => /** @type {Memdev | null} */ (k.read('memdevs', index));
/** @param {Kernel} k @param {number} index @returns {Region | null} */
export const regionAt = (k, index) => /** @type {Region | null} */ (k.read('regions', index));
/** @param {Kernel} k @returns {readonly CxlWindow[]} */
export const windows = (k) => /** @type {never} */ (k.read('windows') ?? []);

/** @param {Kernel} k @param {number} index @param {Partial<Region>} change */
export const patchRegion = (k, index, change) => {
  k.write('regions', index, /** @type {never} */ ({ ...regionAt(k, index), ...change }));
};
/** @param {Kernel} k @param {number} index @param {Partial<Memdev>} change */
export const patchMemdev = (k, index, change) => {
  k.write('memdevs', index, /** @type {never} */ ({ ...memdevAt(k, index), ...change }));
};

/** The number in `mem3` or `region3`; -1 for another name. @param {string} kind @param {string} name */
export function slotOf(kind, name) {
  const index =
    name.startsWith(kind) && name.length > kind.length ? Number(name.slice(kind.length)) : NaN;
  return Number.isInteger(index) && index >= 0 && index < SLOTS ? index : -1;
}

/** A memory device by its name. @param {Kernel} k @param {string} name @returns {Memdev} */
export function memdev(k, name) {
  return /** @type {Memdev} */ (memdevAt(k, slotOf('mem', name)));
}

/** The region of a slot that is known to hold one. @param {Kernel} k @param {number} index @returns {Region} */
export const region = (k, index) => /** @type {Region} */ (regionAt(k, index));
