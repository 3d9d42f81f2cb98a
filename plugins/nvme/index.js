// SPDX-License-Identifier: MIT
// An NVMe drive as drivers/nvme/host/pci.c binds it, as far as its controller memory buffer goes:
// the range of the device is the BAR that holds the CMB. Without a range there is no CMB.

import { allocate, free, offerBar, publish } from 'pfnlab:p2p-provider';
import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @typedef {{ qid: number, memory: string, address: bigint | null, size: bigint }} Queue */

const PCI = 'drivers/nvme/host/pci.c';
/** NVME_CMBLOC of every drive here: the CMB lies in BAR 2. */
const CMB_BAR = 2;
/** 1024 submission queue entries of 64 bytes (io_queue_depth, NVM_IO_SQES). */
const SQ_SIZE = 65536n;
/** memremap_compat_align() of x86: a sub-section. */
const COMPAT_ALIGN = 0x200000n;

/** @param {Kernel} k */
const bdf = (k) => /** @type {string} */ (k.device.config['bdf']);

/** @param {Kernel} k @returns {Steps<number>} */
function* nvme_map_cmb(k) {
  const { range } = k.device;
  if (range === null) return 0;
  const { cmb_offset: offset, cmb_size } = /** @type {any} */ (k.device.config);
  if (offset >= range.size) return 0;
  // A CMB that reaches past its BAR ends with it.
  const rest = range.size - offset;
  const size = cmb_size === 0n || cmb_size > rest ? rest : cmb_size;
  if (
    k.switch('nvme_cmb_alignment_checked') &&
    (size % COMPAT_ALIGN !== 0n || (range.start + offset) % COMPAT_ALIGN !== 0n)
  ) {
    k.note('!IS_ALIGNED(size, memremap_compat_align())');
    return 0;
  }
  const rc = yield* offerBar(k, { bar: CMB_BAR, size, offset });
  if (isError(rc)) {
    k.log('warn', `nvme nvme${k.device.index}: failed to register the CMB`);
    return 0;
  }
  return 1;
}

/** @param {Kernel} k @param {{ qid: number, cmb: boolean }} args @returns {Steps<number>} */
function* nvme_alloc_sq_cmds(k, { qid, cmb }) {
  /** @type {bigint | null} */
  const address = cmb ? yield k.pci_alloc_p2pmem({ pdev: bdf(k), size: SQ_SIZE }) : null;
  const memory = address === null ? 'RAM' : 'CMB';
  k.write('queues', qid - 1, { qid, memory, address, size: SQ_SIZE });
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* nvme_probe(k) {
  const { range } = k.device;
  if (k.read('bound') === true) return k.fail(k.E.EBUSY, 'dev->driver');
  if (range !== null) {
    const rc = yield k.request_mem_region({ ...range, name: 'nvme' });
    if (isError(rc)) return k.fail(k.E.ENODEV, 'pci_request_mem_regions(pdev, "nvme")');
  }
  yield k.dma_set_mask_and_coherent({ mask: 2n ** 64n - 1n });
  const cmb = (yield k.fn('nvme_map_cmb', PCI, nvme_map_cmb)) === 1;
  const queues = /** @type {number} */ (k.device.config['io_queues']);
  for (let qid = 1; qid <= queues; qid += 1) {
    yield k.fn('nvme_alloc_sq_cmds', PCI, nvme_alloc_sq_cmds, { qid, cmb });
  }
  k.write('bound', true);
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* nvme_free_queues(k) {
  const queues = /** @type {number} */ (k.device.config['io_queues']);
  for (let index = queues - 1; index >= 0; index -= 1) {
    const queue = /** @type {Queue | null} */ (k.read('queues', index));
    if (queue !== null && queue.address !== null) {
      yield k.pci_free_p2pmem({ pdev: bdf(k), address: queue.address, size: queue.size });
    }
    k.write('queues', index, null);
  }
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* nvme_remove(k) {
  yield k.fn('nvme_free_queues', PCI, nvme_free_queues);
  if (k.device.range !== null) yield k.release_mem_region(k.device.range);
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* unbind(k) {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  k.write('bound', false);
  yield k.fn('nvme_remove', PCI, nvme_remove);
  const rc = yield k.pci_p2pdma_release({ pdev: bdf(k) });
  return isError(rc) ? rc : 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* bind(k) {
  return yield k.fn('nvme_probe', PCI, nvme_probe);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  const { bdf: pdev, parent } = /** @type {any} */ (k.device.config);
  const bars = k.device.range === null ? [] : [{ bar: CMB_BAR, ...k.device.range }];
  const rc = yield k.pci_device_add({ pdev, parent, kind: 'endpoint', bars });
  return isError(rc) ? rc : yield* bind(k);
}

export const models = {
  nvme: { callbacks: { probe }, actions: { bind, unbind, publish, allocate, free } },
};
