// SPDX-License-Identifier: MIT
// What an administrator writes to sysfs: bind and unbind, alignment.
import { isError } from 'pfnlab:runs';
import { probeOf, unbindSlot } from './bus.js';
import { PMEM, at, pageSize, patch, present, region, slotOf, typedName } from './namespace.js';
import { nd_pmem_probe } from './pmem.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @param {{ child: string }} args @returns {Steps<number>} */
export function* bind(k, { child }) {
  const index = slotOf(child);
  if (index < 0) return k.fail(k.E.ENODEV, `there is no ${child}`);
  const ns = at(k, index);
  const claim = ns === null ? typedName(k, 'pfn', index) : ns.claim;
  return yield probeOf(k, ns !== null && claim === '' ? ns.name : claim, index);
}

/** @param {Kernel} k @param {{ child?: string }} args @returns {Steps<number>} */
export function* unbind(k, { child }) {
  const slots =
    child === undefined ? present(k).filter((i) => at(k, i)?.state === 'enabled') : [slotOf(child)];
  for (const index of slots) {
    const rc =
      index < 0 ? k.fail(k.E.ENODEV, `there is no ${child}`) : yield* unbindSlot(k, { index });
    if (isError(rc)) return rc;
  }
  return 0;
}

/** @param {Kernel} k @param {{ child: string }} args @returns {Steps<number>} */
export function* disable(k, { child }) {
  const index = slotOf(child);
  const bdev = index < 0 ? '' : (at(k, index)?.blockdev ?? '');
  // ndctl/lib/libndctl.c:ndctl_namespace_disable_safe(): a mounted disk cannot be opened alone.
  if (bdev !== '' && (yield k.bd_mounted({ bdev }))) {
    return k.fail(k.E.EBUSY, `ndctl_namespace_disable_safe: ${bdev} is mounted`);
  }
  const rc = yield* unbind(k, { child });
  if (!isError(rc)) patch(k, index, { claim: '' });
  return rc;
}

/** @param {Kernel} k @param {{ child: string }} args @returns {Steps<number>} */
export function* enable(k, { child }) {
  const index = slotOf(child);
  const ns = index < 0 ? null : at(k, index);
  if (ns === null) return k.fail(k.E.ENODEV, `there is no ${child}`);
  const rc = yield k.fn('nd_pmem_probe', PMEM, nd_pmem_probe, { dev: ns.name, index });
  const claim = at(k, index)?.claim ?? '';
  if (claim === '' || rc !== -k.E.ENXIO) return rc;
  return yield probeOf(k, claim, index);
}

/** drivers/nvdimm/region_devs.c:align_store. @param {Kernel} k @param {{ align: bigint }} args @returns {Steps<number>} */
export function* set_align(k, { align }) {
  const { size } = region(k);
  if (align < pageSize(k) || align > size || (align & (align - 1n)) !== 0n) {
    return k.fail(
      k.E.EINVAL,
      '!val || val > region_size || !is_power_of_2(val) || val < PAGE_SIZE',
    );
  }
  k.write('align', align);
  return 0;
}
