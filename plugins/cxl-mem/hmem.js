// SPDX-License-Identifier: MIT
// Soft Reserved memory as DAX devices (drivers/dax/hmem), where CXL does not take it.

/** @import { Kernel, Steps } from '../api.d.ts' */

const HMEM = 'drivers/dax/hmem/hmem.c';

/** @typedef {{ start: bigint, size: bigint }} Reserved */

/** @param {Kernel} k @param {Reserved} range @returns {Steps<number>} */
function* dax_hmem_probe(k, { start, size }) {
  const name = `dax${yield k.memregion_alloc({})}.0`;
  const found = yield k.phys_to_target_node({ start });
  const rc = yield k.dev_dax_kmem_probe({ name, start, size, node: found });
  if (typeof rc === 'number' && rc < 0) return rc;
  k.write('dax', { name, start, size, driver: 'kmem', nid: found });
  return 0;
}

/** @param {Kernel} k @param {Reserved} range @returns {Steps<number>} */
function* hmem_register_device(k, { start, size }) {
  /** @type {readonly { start: bigint, end: bigint }[]} */
  const windows = yield k.walk_iomem_res_desc({ desc: 'CXL' });
  const within = windows.some((one) => one.start < start + size && one.end >= start);
  if (within && k.config('CXL_REGION') !== 'n') {
    if (k.switch('hmem_waits_for_cxl')) {
      return k.fail(
        k.E.ENOSYS,
        'a limit of this model, not of the kernel: 7.1 asks CXL whether a region has the range',
      );
    }
    k.log('debug', 'hmem_platform hmem_platform.0: deferring range to CXL');
    return 0;
  }
  return yield k.fn('dax_hmem_probe', HMEM, dax_hmem_probe, { start, size });
}

/** The nth range of "Soft Reserved", by address. @param {Kernel} k @returns {Steps<number>} */
export function* probeHmem(k) {
  /** @type {readonly { start: bigint, end: bigint }[]} */
  const found = yield k.walk_iomem_res_desc({ desc: 'SOFT_RESERVED' });
  const range = found[k.device.index];
  if (range === undefined) {
    return k.fail(k.E.ENXIO, `the memory map has no Soft Reserved range ${k.device.index}`);
  }
  if (!k.switch('dax_kmem_default')) {
    return k.fail(
      k.E.ENOSYS,
      'a limit of this model, not of the kernel: before 6.3 the range is a character device',
    );
  }
  const size = range.end - range.start + 1n;
  return yield k.fn('hmem_register_device', HMEM, hmem_register_device, {
    start: range.start,
    size,
  });
}
