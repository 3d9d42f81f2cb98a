// SPDX-License-Identifier: MIT
// An RDMA NIC that sends a drive's data: straight out of the drive's peer memory, or out of RAM that
// the drive wrote first. Each way, the bytes that cross a link are counted on the device below it.

import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps, DmaDirection, Mapped, NotMapped, PhysRange, UserPages } from '../api.d.ts' */

const DRIVER = 'plugins/rdma-nic/index.js';
const CHOICE = /** @type {const} */ ({ basis: 'model' });

/** @typedef {{ from: string, bytes: bigint, buffer: bigint }} CopyArgs */

/**
 * Peer memory, mapped for this NIC while the data goes; what the transfer came to.
 * @param {Kernel} k @param {CopyArgs} args @returns {Steps<Mapped | number>}
 */
function* copyFromPeer(k, { from, bytes }) {
  /** @type {{ sg: readonly PhysRange[] } | null} */
  const sgl = yield k.pci_p2pmem_alloc_sgl({ pdev: from, size: bytes });
  if (sgl === null) return k.fail(k.E.ENOMEM, 'pci_p2pmem_alloc_sgl() == NULL');
  /** @type {Mapped | number} */
  const mapped = yield k.dma_map_sgtable({ sg: sgl.sg, dir: 'DMA_TO_DEVICE' });
  /** @type {Mapped | number} */
  let result = mapped;
  if (typeof mapped !== 'number') {
    const through_host_bridge = mapped.type === 'THRU_HOST_BRIDGE';
    const to = k.device.id;
    const rc = yield k.pcie_transfer({ from, to, size: bytes, through_host_bridge });
    if (isError(rc)) result = rc;
    yield k.dma_unmap_sg({ mapping: mapped.mapping });
  }
  yield k.pci_p2pmem_free_sgl({ pdev: from, sg: sgl.sg });
  return result;
}

/**
 * Memory, mapped for one device while it reads or writes there.
 * @param {Kernel} k
 * @param {{ dev: string, bytes: bigint, buffer: bigint, writes: boolean }} args
 * @returns {Steps<Mapped | number>}
 */
function* throughMemory(k, { dev, bytes, buffer, writes }) {
  const dir = writes ? 'DMA_FROM_DEVICE' : 'DMA_TO_DEVICE';
  /** @type {Mapped | number} */
  const mapped = yield k.dma_map_sgtable({ dev, phys: buffer, size: bytes, dir });
  if (typeof mapped === 'number') return mapped;
  const rc = yield k.pcie_transfer({ [writes ? 'from' : 'to']: dev, size: bytes });
  yield k.dma_unmap_sg({ mapping: mapped.mapping });
  return isError(rc) ? rc : mapped;
}

/** @param {Kernel} k @param {CopyArgs} args @returns {Steps<Mapped | number>} */
function* copyThroughMemory(k, { from, bytes, buffer }) {
  const written = yield* throughMemory(k, { dev: from, bytes, buffer, writes: true });
  if (isError(written)) return written;
  return yield* throughMemory(k, { dev: k.device.id, bytes, buffer, writes: false });
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

/**
 * @param {Kernel} k @param {{ address: bigint, size: bigint, dir: DmaDirection }} args
 * @returns {Steps<Mapped | number>}
 */
function* map_resource(k, { address, size, dir }) {
  return yield k.dma_map_resource({ phys: address, size, dir });
}

/** @param {Kernel} k @param {{ mapping: number }} args @returns {Steps<number>} */
function* unmap_resource(k, { mapping }) {
  return yield k.dma_unmap_resource({ mapping });
}

/** @typedef {{ segments: { address: bigint, size: bigint }[], dir: DmaDirection, api: string }} MapArgs */

/** @param {Kernel} k @param {MapArgs} args @returns {Steps<Mapped | NotMapped | number>} */
function* map(k, { segments, dir, api }) {
  const sg = segments.map(({ address, size }) => ({ phys: address, size }));
  return api === 'dma_map_sg'
    ? yield k.dma_map_sg({ sg, dir })
    : yield k.dma_map_sgtable({ sg, dir });
}

/** @param {Kernel} k @param {{ mapping: number }} args @returns {Steps<number>} */
function* unmap(k, { mapping }) {
  return yield k.dma_unmap_sg({ mapping });
}

/** @param {Kernel} k @param {{ mapping: number, for: string }} args @returns {Steps<{ synced: number } | number>} */
function* sync(k, { mapping, for: whom }) {
  const synced =
    whom === 'cpu'
      ? yield k.dma_sync_sg_for_cpu({ mapping })
      : yield k.dma_sync_sg_for_device({ mapping });
  return isError(synced) ? synced : { synced };
}

/**
 * ib_umem_get(): memory of the calling process, held until it is deregistered, and mapped for the NIC.
 * @param {Kernel} k
 * @param {{ va: bigint, size: bigint, access: string }} args
 * @returns {Steps<{ mr: string, mapping: number, pages: number } | number>}
 */
function* ibUmemGet(k, { va, size, access }) {
  const page = 1n << BigInt(k.arch.page_shift);
  const first = va - (va % page);
  const pages = Number((va + size - first + page - 1n) / page);
  const write = access === 'local-write';
  /** @type {UserPages | number} */
  const held = yield k.pin_user_pages({ address: first, pages, write, longterm: true, fast: true });
  if (typeof held === 'number') return held;
  /** @type {Mapped | number} */
  let mapped = k.fail(k.E.EFAULT, 'pin_user_pages_fast() of the rest');
  if (held.pages === pages) {
    const sg = held.ranges.map(({ start, end }) => ({
      phys: BigInt(start) * page,
      size: BigInt(end - start) * page,
    }));
    mapped = yield k.dma_map_sgtable({ sg, dir: 'DMA_BIDIRECTIONAL' });
  }
  if (typeof mapped !== 'number') return { mr: held.pin, mapping: mapped.mapping, pages };
  yield k.unpin_user_pages({ pin: held.pin });
  return mapped;
}

/** @param {Kernel} k @param {{ va: bigint, size: bigint, access: string }} args @returns {Steps} */
function* reg_mr(k, args) {
  return yield k.fn('ib_umem_get', 'drivers/infiniband/core/umem.c', ibUmemGet, args);
}

/** @param {Kernel} k @param {{ mr: string, mapping: number }} args @returns {Steps<number>} */
function* ibUmemRelease(k, { mr, mapping }) {
  const rc = yield k.dma_unmap_sg({ mapping });
  if (isError(rc)) return rc;
  return yield k.unpin_user_pages({ pin: mr, make_dirty: true });
}

/** @param {Kernel} k @param {{ mr: string, mapping: number }} args @returns {Steps} */
function* dereg_mr(k, args) {
  return yield k.fn('ib_umem_release', 'drivers/infiniband/core/umem.c', ibUmemRelease, args);
}

/** @param {Kernel} k @returns {Steps<{ limited: boolean } | number>} */
function* addressing(k) {
  return yield k.dma_addressing_limited({});
}

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  const { bdf: pdev, parent, dma_bits } = /** @type {any} */ (k.device.config);
  const rc = yield k.pci_device_add({ pdev, parent, kind: 'endpoint' });
  if (isError(rc)) return rc;
  const mask = 2n ** BigInt(dma_bits) - 1n;
  const set = yield k.dma_set_mask_and_coherent({ mask });
  if (isError(set)) return set;
  // RDMA devices take segments up to 2 GiB (ib_register_device).
  yield k.dma_set_max_seg_size({ size: 0x80000000n });
  return 0;
}

export const models = {
  'rdma-nic': {
    callbacks: { probe },
    actions: {
      ...{ copy, distance, find, map, unmap, sync, addressing },
      ...{ 'map-resource': map_resource, 'unmap-resource': unmap_resource },
      ...{ 'reg-mr': reg_mr, 'dereg-mr': dereg_mr },
    },
  },
};
