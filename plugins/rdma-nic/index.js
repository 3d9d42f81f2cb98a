// SPDX-License-Identifier: MIT
// An RDMA NIC that sends a drive's data: straight out of the drive's peer memory, or out of RAM that
// the drive wrote first. Each way, the bytes that cross a link are counted on the device below it.

/** @import { Kernel, Steps, Mapped } from '../api.d.ts' */

const DRIVER = 'plugins/rdma-nic/index.js';
const CHOICE = /** @type {const} */ ({ basis: 'model' });

/** @param {unknown} value @returns {value is number} */
const isError = (value) => typeof value === 'number' && value < 0;

/** @typedef {{ from: string, bytes: bigint, buffer: bigint }} CopyArgs */

/** @param {Kernel} k @param {CopyArgs} args @returns {Steps<Mapped | number>} */
function* copyFromPeer(k, { from, bytes }) {
  /** @type {bigint | null} */
  const address = yield k.pci_alloc_p2pmem({ pdev: from, size: bytes });
  if (address === null) return k.fail(k.E.ENOMEM, 'pci_alloc_p2pmem() == NULL');
  /** @type {Mapped | number} */
  const mapped = yield k.dma_map_sgtable({ phys: address, size: bytes });
  /** @type {Mapped | number} */
  let result = mapped;
  if (typeof mapped !== 'number') {
    const through_host_bridge = mapped.type === 'THRU_HOST_BRIDGE';
    const to = k.device.id;
    const rc = yield k.pcie_transfer({ from, to, size: bytes, through_host_bridge });
    if (isError(rc)) result = rc;
  }
  yield k.pci_free_p2pmem({ pdev: from, address, size: bytes });
  return result;
}

/** @param {Kernel} k @param {CopyArgs} args @returns {Steps<Mapped | number>} */
function* copyThroughMemory(k, { from, bytes, buffer }) {
  const written = yield k.dma_map_sgtable({ dev: from, phys: buffer, size: bytes });
  if (isError(written)) return written;
  let rc = yield k.pcie_transfer({ from, size: bytes });
  if (isError(rc)) return rc;
  const mapped = yield k.dma_map_sgtable({ phys: buffer, size: bytes });
  if (isError(mapped)) return mapped;
  rc = yield k.pcie_transfer({ to: k.device.id, size: bytes });
  return isError(rc) ? rc : mapped;
}

/** @param {Kernel} k @param {CopyArgs & { via: string }} args @returns {Steps<Mapped | number>} */
function* copy(k, { via, ...args }) {
  return via === 'ram'
    ? yield k.fn('copy_through_memory', DRIVER, copyThroughMemory, args, CHOICE)
    : yield k.fn('copy_from_peer', DRIVER, copyFromPeer, args, CHOICE);
}

/** @param {Kernel} k @param {{ provider: string }} args @returns {Steps<{ distance: number }>} */
function* distance(k, { provider }) {
  const clients = [k.device.id];
  return yield k.pci_p2pdma_distance_many({ provider, clients, verbose: true });
}

/** @param {Kernel} k @returns {Steps<{ provider: string | null }>} */
function* find(k) {
  return { provider: yield k.pci_p2pmem_find_many({ clients: [k.device.id] }) };
}

/** @param {Kernel} k @param {{ address: bigint, size: bigint }} args @returns {Steps<bigint | number>} */
function* map_resource(k, { address, size }) {
  return yield k.dma_map_resource({ phys: address, size });
}

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  const { bdf: pdev, parent } = /** @type {any} */ (k.device.config);
  return yield k.pci_device_add({ pdev, parent, kind: 'endpoint' });
}

export const models = {
  'rdma-nic': {
    callbacks: { probe },
    actions: { copy, distance, find, 'map-resource': map_resource },
  },
};
