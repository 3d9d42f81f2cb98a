// SPDX-License-Identifier: MIT
// Any PCI device: a BAR, and a driver that can make peer memory of it.
import { allocate, free, offerBar, publish } from 'pfnlab:p2p-provider';
import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  const { bdf: pdev, parent, vendor, device_id, bar } = /** @type {any} */ (k.device.config);
  const { range } = k.device;
  const bars = range === null ? [] : [{ bar, ...range }];
  const rc = yield k.pci_device_add({ pdev, parent, kind: 'endpoint', vendor, device_id, bars });
  if (isError(rc)) return rc;
  const claimed = range === null ? 0 : yield k.request_mem_region({ ...range, name: k.device.id });
  if (isError(claimed)) return claimed;
  k.write('bound', true);
  return 0;
}

/** @param {Kernel} k @param {{ size: bigint, offset: bigint }} part @returns {Steps<number>} */
function* offer(k, part) {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  return yield* offerBar(k, { bar: Number(k.device.config['bar']), ...part });
}

/** What devm_ calls made goes: the peer memory, when nobody uses it any more. @param {Kernel} k @returns {Steps<number>} */
function* unbind(k) {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  k.write('bound', false);
  const rc = yield k.pci_p2pdma_release({ pdev: String(k.device.config['bdf']) });
  if (k.device.range !== null) yield k.release_mem_region(k.device.range);
  return isError(rc) ? rc : 0;
}

export const endpoint = {
  callbacks: { probe },
  actions: { 'offer-bar': offer, unbind, publish, allocate, free },
};
