/**
 * The part of the public plugin API that is about PCI: bridges and functions, peer-to-peer memory,
 * and what a device sees of memory through the DMA API.
 */
import type { Errno, Request } from './api.d.ts';

/** A segment as a device sees it: how its memory is reached, and the address on the bus. */
export interface MappedSegment {
  readonly type: 'NONE' | 'BUS_ADDR' | 'THRU_HOST_BRIDGE';
  readonly dma_address: bigint;
  readonly length: bigint;
  /** Where swiotlb holds the copy that the device sees instead; null: it sees the memory itself. */
  readonly bounce: bigint | null;
}

/** A mapping; `type` and `dma_address` are those of its first segment. */
export interface Mapped extends Pick<MappedSegment, 'type' | 'dma_address'> {
  /** To give back to dma_unmap_sg or dma_unmap_resource. */
  readonly mapping: number;
  readonly nents: number;
  /** An IOMMU may have joined entries of the list. */
  readonly segments: readonly MappedSegment[];
}

/** What dma_map_sg() gives when it fails. */
export interface NotMapped {
  readonly mapping: null;
  readonly nents: 0;
  readonly type: null;
  readonly dma_address: null;
  readonly segments: readonly [];
}

/** Bytes from a physical address. */
export interface PhysRange {
  readonly phys: bigint;
  readonly size: bigint;
}

/**
 * One entry (`phys`, `size`) or a scatterlist (`sg`). `dev` is the device that will access them, by
 * default this one; `dir` 'DMA_BIDIRECTIONAL' unless said otherwise, 'DMA_TO_DEVICE' or
 * 'DMA_FROM_DEVICE'.
 */
export type SegmentArgs = { readonly dev?: string; readonly dir?: string } & (
  PhysRange | { readonly sg: readonly PhysRange[] }
);

/** Kernel functions for PCI devices, peer memory and DMA. */
export interface PciServices {
  /**
   * A root bus, `0000:00`. What goes through the host bridge is counted in this device's u64
   * registers `bytes_memory` (to and from RAM) and `bytes_peer`.
   */
  pci_register_host_bridge(args: {
    readonly bus: string;
    readonly cpu_family?: number;
    readonly iommu?: boolean;
    /** CPU address less bus address of what the bridge forwards; 0 on every PC. */
    readonly bus_offset?: bigint;
  }): Request<void | Errno>;
  /**
   * A PCI function, `0000:03:00.0`, below a bridge that is there already: a PCI name, a root bus or
   * a device of the lab. What crosses the link above it is counted in this device's u64 registers
   * `bytes_up` and `bytes_down`. `acs`: the ACS control register. BARs are memory, in bytes.
   */
  pci_device_add(args: {
    readonly pdev: string;
    readonly parent: string;
    readonly kind: 'host-bridge' | 'root-port' | 'upstream-port' | 'downstream-port' | 'endpoint';
    readonly vendor?: number;
    readonly device_id?: number;
    readonly acs?: number;
    readonly bars?: readonly {
      readonly bar: number;
      readonly start: bigint;
      readonly size: bigint;
    }[];
  }): Request<void | Errno>;
  pci_write_acs_ctrl(args: { readonly pdev: string; readonly ctrl: number }): Request<void | Errno>;
  /** Bytes; `size` 0 or left out: the rest of the BAR. */
  pci_p2pdma_add_resource(args: {
    readonly pdev: string;
    readonly bar: number;
    readonly size?: bigint;
    readonly offset?: bigint;
  }): Request<void | Errno>;
  /** What devres does with peer memory when the driver goes; waits for its last user. */
  pci_p2pdma_release(args: { readonly pdev: string }): Request<void | Errno>;
  pci_p2pmem_publish(args: { readonly pdev: string; readonly publish: boolean }): Request<void>;
  /** Gives the CPU physical address; null where the pool has no room. */
  pci_alloc_p2pmem(args: { readonly pdev: string; readonly size: bigint }): Request<bigint | null>;
  pci_free_p2pmem(args: {
    readonly pdev: string;
    readonly address: bigint;
    readonly size: bigint;
  }): Request<void | Errno>;
  /** The sum of the hops; -1 where a client cannot reach the provider. */
  pci_p2pdma_distance_many(args: {
    readonly provider: string;
    readonly clients: readonly string[];
    readonly verbose?: boolean;
  }): Request<{ readonly distance: number }>;
  /** PCI name of the nearest published provider. */
  pci_p2pmem_find_many(args: { readonly clients: readonly string[] }): Request<string | null>;
  /** A scatterlist of one entry over fresh peer memory; null where the pool has no room. */
  pci_p2pmem_alloc_sgl(args: {
    readonly pdev: string;
    readonly size: bigint;
  }): Request<{ readonly sg: readonly PhysRange[] } | null>;
  pci_p2pmem_free_sgl(args: {
    readonly pdev: string;
    readonly sg: readonly PhysRange[];
  }): Request<void | Errno>;
  /** Each page must have a struct page; what of it is a peer's is mapped as the peers' paths ask. */
  dma_map_sgtable(args: SegmentArgs): Request<Mapped | Errno>;
  /** The same, telling of a failure only that nothing was mapped. */
  dma_map_sg(args: SegmentArgs): Request<Mapped | NotMapped | Errno>;
  dma_unmap_sg(args: { readonly mapping: number }): Request<void | Errno>;
  /** How many segments were synced: those with a bus address are passed over. */
  dma_sync_sg_for_cpu(args: { readonly mapping: number }): Request<number | Errno>;
  dma_sync_sg_for_device(args: { readonly mapping: number }): Request<number | Errno>;
  /** Memory without struct pages: its physical address, or an IOVA. */
  dma_map_resource(
    args: PhysRange & { readonly dev?: string; readonly dir?: string },
  ): Request<Mapped | Errno>;
  dma_unmap_resource(args: { readonly mapping: number }): Request<void | Errno>;
  /** Addresses the device can put on the bus: 2n ** 64n - 1n for 64 bits. */
  dma_set_mask_and_coherent(args: {
    readonly dev?: string;
    readonly mask: bigint;
  }): Request<void | Errno>;
  /** Bytes up to which an IOMMU may join entries into one segment; 64 KiB unless set. */
  dma_set_max_seg_size(args: { readonly dev?: string; readonly size: bigint }): Request<void>;
  /** Is there memory that the device's mask does not reach? */
  dma_addressing_limited(args: { readonly dev?: string }): Request<
    | {
        readonly dma_mask: bigint;
        readonly required_mask: bigint;
        readonly limited: boolean;
      }
    | Errno
  >;
  /**
   * Moves bytes over the links between two devices, or between one and memory (the end left out),
   * and counts them. They turn around at the first bridge both ends share, unless told not to.
   */
  pcie_transfer(args: {
    readonly from?: string;
    readonly to?: string;
    readonly size: bigint;
    readonly through_host_bridge?: boolean;
  }): Request<void | Errno>;
}
