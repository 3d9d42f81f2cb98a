// A PCI device whose BAR others reach by peer-to-peer DMA: what its driver does with pci/p2pdma. The model
// says its PCI name in the configuration `bdf`.
import { isError } from './runs.js';

/** @import { Kernel, Steps } from '../../../../plugins/api.d.ts' */

/** @param {Kernel} k */
const bdf = (k) => String(k.device.config['bdf'] ?? '');

/**
 * Gives a part of a BAR to the pool of peer memory and publishes it.
 *
 * @param {Kernel} k
 * @param {{ bar: number, size: bigint, offset: bigint }} part bytes; size 0: all from the offset on
 * @returns {Steps<number>} 0, or a negative errno
 */
export function* offerBar(k, { bar, size, offset }) {
  const rc = yield k.pci_p2pdma_add_resource({ pdev: bdf(k), bar, size, offset });
  if (isError(rc)) return rc;
  yield k.pci_p2pmem_publish({ pdev: bdf(k), publish: true });
  return 0;
}

/**
 * An action: whether others may find its peer memory.
 *
 * @param {Kernel} k
 * @param {{ publish: boolean }} args
 * @returns {Steps<number>}
 */
export function* publish(k, { publish: wanted }) {
  yield k.pci_p2pmem_publish({ pdev: bdf(k), publish: wanted });
  return 0;
}

/**
 * An action: takes peer memory out of the pool.
 *
 * @param {Kernel} k
 * @param {{ size: bigint }} args
 * @returns {Steps<bigint | number>} its address, or -ENOMEM
 */
export function* allocate(k, { size }) {
  const address = yield k.pci_alloc_p2pmem({ pdev: bdf(k), size });
  return address === null ? k.fail(k.E.ENOMEM, 'pci_alloc_p2pmem() == NULL') : address;
}

/**
 * An action: gives peer memory back to the pool.
 *
 * @param {Kernel} k
 * @param {{ address: bigint, size: bigint }} args
 * @returns {Steps<number>}
 */
export function* free(k, { address, size }) {
  const rc = yield k.pci_free_p2pmem({ pdev: bdf(k), address, size });
  return isError(rc) ? rc : 0;
}
