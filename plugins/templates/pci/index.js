// SPDX-License-Identifier: MIT
// A PCI device whose BAR 2 is memory that other devices may use: a provider of peer-to-peer memory.
/** @import { Kernel, Steps } from '../../api.d.ts' */

const BAR = 2;

/**
 * The name of the PCI device, as the lab gives it.
 * @param {Kernel} k
 * @returns {string}
 */
const bdf = (k) => String(k.device.config['bdf']);

/**
 * The device is found on its bus; its driver claims the BAR and publishes it.
 * @param {Kernel} k
 * @returns {Steps<number>}
 */
function* probe(k) {
  const { range, config, id } = k.device;
  if (range === null) return k.fail(k.E.EINVAL, 'the device has no range for its BAR');
  const pdev = bdf(k);
  const bars = [{ bar: BAR, ...range }];
  /** @type {number} */
  const added = yield k.pci_device_add({
    pdev,
    parent: String(config['parent']),
    kind: 'endpoint',
    bars,
  });
  if (added < 0) return added;
  /** @type {number} */
  const region = yield k.request_mem_region({ ...range, name: id });
  if (region < 0) return region;
  yield k.dma_set_mask_and_coherent({ mask: 2n ** 64n - 1n });
  const { size } = range;
  /** @type {number | void} */
  const offered = yield k.pci_p2pdma_add_resource({
    pdev,
    bar: BAR,
    size,
    offset: 0n,
  });
  if (typeof offered === 'number' && offered < 0) {
    yield k.release_mem_region(range);
    return offered;
  }
  yield k.pci_p2pmem_publish({ pdev, publish: true });
  k.write('bound', true);
  return 0;
}

/**
 * Peer memory for whoever asks: its address as CPUs see it.
 * @param {Kernel} k
 * @param {{ size: bigint }} args
 * @returns {Steps}
 */
function* allocate(k, { size }) {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  /** @type {bigint | null} */
  const address = yield k.pci_alloc_p2pmem({ pdev: bdf(k), size });
  return address === null ? k.fail(k.E.ENOMEM, 'pci_alloc_p2pmem() == NULL') : { address };
}

/**
 * The driver goes, and its peer memory with it.
 * @param {Kernel} k
 * @returns {Steps<number>}
 */
function* unbind(k) {
  const { range } = k.device;
  if (range === null || k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  k.write('bound', false);
  yield k.release_mem_region(range);
  yield k.pci_p2pdma_release({ pdev: bdf(k) });
  return 0;
}

export const models = { mydevice: { callbacks: { probe }, actions: { allocate, unbind } } };
