// SPDX-License-Identifier: MIT
// A PCI device whose BAR 2 is memory that other devices may use: a provider of peer-to-peer memory.
import type { Kernel, Steps } from '../../api.d.ts';

const BAR = 2;

/** The name of the PCI device, as the lab gives it. */
const bdf = (k: Kernel): string => String(k.device.config['bdf']);

/** The device is found on its bus; its driver claims the BAR and publishes it. */
function* probe(k: Kernel): Steps<number> {
  const { range, config, id } = k.device;
  if (range === null) return k.fail(k.E.EINVAL, 'the device has no range for its BAR');
  const pdev = bdf(k);
  const bars = [{ bar: BAR, ...range }];
  const added: number = yield k.pci_device_add({
    pdev,
    parent: String(config['parent']),
    kind: 'endpoint',
    bars,
  });
  if (added < 0) return added;
  const region: number = yield k.request_mem_region({ ...range, name: id });
  if (region < 0) return region;
  yield k.dma_set_mask_and_coherent({ mask: 2n ** 64n - 1n });
  const { size } = range;
  const offered: number | void = yield k.pci_p2pdma_add_resource({
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

/** Peer memory for whoever asks: its address as CPUs see it. */
function* allocate(k: Kernel, { size }: { size: bigint }): Steps {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  const address: bigint | null = yield k.pci_alloc_p2pmem({ pdev: bdf(k), size });
  return address === null ? k.fail(k.E.ENOMEM, 'pci_alloc_p2pmem() == NULL') : { address };
}

/** The driver goes, and its peer memory with it. */
function* unbind(k: Kernel): Steps<number> {
  const { range } = k.device;
  if (range === null || k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  k.write('bound', false);
  yield k.release_mem_region(range);
  yield k.pci_p2pdma_release({ pdev: bdf(k) });
  return 0;
}

export const models = { mydevice: { callbacks: { probe }, actions: { allocate, unbind } } };
