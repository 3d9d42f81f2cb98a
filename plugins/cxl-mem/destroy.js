// SPDX-License-Identifier: MIT
// `cxl destroy-region`: the DAX device, the decoders, the addresses.
import { unregister_region } from './create.js';
import { device_release_driver } from './dax.js';
import { REGION, TOOL, isError, patchRegion, region, regionAt, slotOf } from './names.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* cxl_region_decode_reset(k, { index }) {
  patchRegion(k, index, { state: 'active' });
  return 0;
}

/**
 * Unbinding always succeeds: memory that is still online stays behind without the decoders that
 * lead to it, and cannot go until the next boot.
 * @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>}
 */
function* disable(k, { index }) {
  const { driver, mode, start, size } = region(k, index);
  if (driver !== '') {
    const rc = yield k.fn('device_release_driver', 'drivers/base/dd.c', device_release_driver, {
      index,
    });
    if (isError(rc)) k.note('the memory is still online: the kernel ends the region all the same');
  }
  if (mode === 'pmem') {
    const found = yield k.walk_iomem_res_desc({
      desc: 'PERSISTENT_MEMORY',
      start,
      end: start + size - 1n,
    });
    for (const { id } of found) if (id !== undefined) yield k.remove_resource({ id });
  }
  return yield k.fn('cxl_region_decode_reset', REGION, cxl_region_decode_reset, { index });
}

/** @param {Kernel} k @param {{ child: string, force: boolean }} args @returns {Steps<number>} */
function* destroyed(k, { child, force }) {
  const index = slotOf('region', child);
  const found = index < 0 ? null : regionAt(k, index);
  if (found === null) return k.fail(k.E.ENODEV, `there is no ${child}`);
  if (found.driver !== '' && !force) {
    return k.fail(k.E.EBUSY, `${child} is active: disable it first, or give force`);
  }
  const off = yield* disable(k, { index });
  if (isError(off)) return off;
  return yield k.fn('unregister_region', REGION, unregister_region, { index });
}

/** @param {Kernel} k @param {{ child: string, force: boolean }} args @returns {Steps<number>} */
export function* destroyRegion(k, args) {
  return yield k.fn('cxl_region_destroy', 'cxl/region.c', destroyed, args, TOOL);
}
