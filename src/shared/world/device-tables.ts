import type { DmaSegment, P2pChunk, SgEntry } from './dma-records.ts';
import type { Value } from './value.ts';

/** Devices, their registers, PCI and what is mapped for them. */
export interface DeviceTables {
  /** Devices on the bench. `state`: absent, present, bound, failed. */
  devices: { id: string; model: string; node: number; state: string; note: string };
  /** Registers a hardware model declared; key `device/register[/index]`. */
  registers: { key: string; device: string; name: string; index: number; value: Value };
  /** PCI host bridges; key is the root bus: `0000:00`. `bus_offset`: CPU address - bus address. */
  pci_hosts: { id: string; device: string; cpu_family: number; iommu: boolean; bus_offset: bigint };
  /**
   * struct pci_dev; key is pci_name(): `0000:03:00.0`. `device` is the bench's, `parent` the bridge
   * above ('' on a root bus), `acs` the ACS control register, `bars` records { bar, start, size }.
   */
  pci_devices: {
    id: string;
    device: string;
    host: string;
    parent: string;
    kind: string;
    vendor: number;
    device_id: number;
    acs: number;
    bars: Value;
  };
  /**
   * struct pci_p2pdma of a provider. `chunks` of its gen_pool and what is `allocated` of them (bytes,
   * CPU physical); `map_types` as cached, by client.
   */
  p2pdma: {
    provider: string;
    published: boolean;
    chunks: readonly P2pChunk[];
    allocated: readonly { start: bigint; size: bigint }[];
    map_types: { readonly [client: string]: string };
  };
  /** What a driver set of struct device: dma_mask, and max_segment_size of dma_parms (bytes). */
  dma_devices: { id: string; dma_mask: bigint; max_segment_size: bigint };
  /**
   * DMA mappings that are live, as CONFIG_DMA_API_DEBUG keeps them. `api`: 'scatter-gather' or
   * 'resource'. `sg` as given, `dma` as mapped: fewer where an IOMMU joined them. `iova_start` null
   * where no IOMMU translates. `dir` as enum dma_data_direction names it.
   */
  dma_mappings: {
    id: number;
    dev: string;
    api: string;
    dir: string;
    sg: readonly SgEntry[];
    dma: readonly DmaSegment[];
    iova_start: bigint | null;
    iova_size: bigint;
  };
  /** A driver's struct percpu_ref: its count, and whether it was killed. */
  percpu_refs: { name: string; count: number; dead: boolean; device: string };
}
