// SPDX-License-Identifier: MIT
// Device memory: which part of a memory device an endpoint decoder maps (drivers/cxl/core/hdm.c).
import { memdev, memdevAt, patchMemdev, slotOf } from './names.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { Decoder, Memdev } from './names.js' */

/** The decoders of one partition. @param {Memdev} dev @param {string} mode */
const ofMode = ({ decoders }, mode) => decoders.filter((one) => one.mode === mode);

/** First free byte of a partition: behind its last allocation. @param {Memdev} dev @param {string} mode */
function freeStart(dev, mode) {
  const last = ofMode(dev, mode).at(-1);
  if (last !== undefined) return last.dpa + last.size;
  return mode === 'ram' ? 0n : dev.ram;
}

/** Bytes left in a partition. @param {Memdev} dev @param {string} mode */
export function available(dev, mode) {
  const end = mode === 'ram' ? dev.ram : dev.ram + dev.pmem;
  return end - freeStart(dev, mode);
}

/** Only modes the partitions have. @param {Kernel} k @param {{ mem: string, mode: string }} args @returns {Steps<number>} */
export function* cxl_dpa_set_mode(k, { mem, mode }) {
  const dev = memdev(k, mem);
  if ((mode === 'ram' ? dev.ram : dev.pmem) === 0n) {
    return k.fail(k.E.ENXIO, `no available ${mode} capacity`);
  }
  return 0;
}

/**
 * The next piece of a partition. What lies unused below it is skipped: decoders map device memory in
 * order, and one that maps persistent memory shuts off the volatile memory that is still free.
 * @param {Kernel} k @param {{ mem: string, mode: string, size: bigint, region: string }} args
 * @returns {Steps<number>}
 */
export function* cxl_dpa_alloc(k, { mem, mode, size, region }) {
  const index = slotOf('mem', mem);
  const dev = /** @type {Memdev} */ (memdevAt(k, index));
  const start = freeStart(dev, mode);
  if (size > available(dev, mode)) return k.fail(k.E.ENOSPC, 'size > avail');
  if (size === 0n) return k.fail(k.E.EINVAL, '!len: empty reservation attempted');
  const most = /** @type {number} */ (k.device.config['decoders']);
  if (dev.decoders.length >= most) {
    return k.fail(k.E.EBUSY, `all ${most} decoders of ${mem} are in use`);
  }
  const reached = dev.decoders.at(-1);
  const below = reached === undefined ? 0n : reached.dpa + reached.size;
  if (start < below) {
    // __cxl_dpa_reserve(): allocations go up; RAM behind persistent memory finds its range skipped.
    return k.fail(k.E.EBUSY, 'failed to reserve allocation: a decoder above it is in use');
  }
  /** @type {Decoder} */
  const decoder = { mode, dpa: start, size, skip: start - below, region };
  patchMemdev(k, index, { decoders: [...dev.decoders, decoder] });
  return 0;
}

/** Only the last decoder can be given back. @param {Kernel} k @param {{ mem: string, region: string }} args @returns {Steps<number>} */
export function* cxl_dpa_free(k, { mem, region }) {
  const index = slotOf('mem', mem);
  const dev = /** @type {Memdev} */ (memdevAt(k, index));
  const at = dev.decoders.findIndex((one) => one.region === region);
  if (at < 0) return 0;
  if (at !== dev.decoders.length - 1) {
    return k.fail(
      k.E.EBUSY,
      `cxled->cxld.id != port->hdm_end: decoder ${at} of ${mem} is not its last`,
    );
  }
  patchMemdev(k, index, { decoders: dev.decoders.slice(0, -1) });
  return 0;
}
