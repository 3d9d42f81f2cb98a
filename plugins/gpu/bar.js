// SPDX-License-Identifier: MIT
// The GPU on the PCI bus: a BAR through which the CPU and its peers reach a part of the VRAM. Where the lab
// says no PCI name it stands on no bus, and has none.
import { offerBar } from 'pfnlab:p2p-provider';
import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** The BAR, by number. */
const BAR = 0;

/** @param {Kernel} k */
export const isPci = (k) => String(k.device.config['bdf'] ?? '') !== '';

/** The device is found on its bus. @param {Kernel} k @returns {Steps<number>} */
export function* addToBus(k) {
  const { bdf: pdev, parent } = /** @type {any} */ (k.device.config);
  if (parent === '') return k.fail(k.E.EINVAL, 'model: a GPU with a PCI name needs its parent');
  const bars = k.device.range === null ? [] : [{ bar: BAR, ...k.device.range }];
  const rc = yield k.pci_device_add({ pdev, parent, kind: 'endpoint', bars });
  return isError(rc) ? rc : 0;
}

/** A GPU without peer memory works all the same. @param {Kernel} k @returns {Steps<number>} */
export function* gpu_bar_init(k) {
  const { range } = k.device;
  if (range === null) return 0;
  const claimed = yield k.request_mem_region({ ...range, name: k.device.id });
  if (isError(claimed)) return claimed;
  const rc = yield* offerBar(k, { bar: BAR, size: range.size, offset: 0n });
  if (isError(rc)) k.log('warn', `${k.device.id}: its BAR cannot be peer memory`);
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
export function* gpu_bar_fini(k) {
  const { bdf: pdev } = /** @type {any} */ (k.device.config);
  if (k.device.range === null) return 0;
  yield k.pci_p2pdma_release({ pdev });
  yield k.release_mem_region(k.device.range);
  return 0;
}
