import { since, type KernelVersion } from '../era/version.ts';

/** Kconfig symbols without `CONFIG_`: 'y', 'n', 'm', a number, or a text. */
export type KernelConfig = Readonly<Record<string, string | number | boolean>>;

/** Is the symbol built in (`y`)? Labs may also write true. */
export function enabled(config: KernelConfig, symbol: string): boolean {
  const value = config[symbol];
  return value === 'y' || value === true;
}

/** An integer symbol; hexadecimal and decimal texts are read too. `fallback` where it is not set. */
export function configNumber(config: KernelConfig, symbol: string, fallback: number): number {
  const value = config[symbol];
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : fallback;
}

/**
 * The configuration a lab starts from: Debian's amd64 kernels (6.1, 6.12, 6.18 and 7.2 as shipped).
 * Older kernels get the same choices as far as that kernel has the symbol; 4.3 cannot have
 * ZONE_DEVICE beside ZONE_DMA (mm/Kconfig:ZONE_DEVICE depends on !ZONE_DMA until 4.5), so it has none.
 */
export function debianAmd64Config(version: KernelVersion): KernelConfig {
  const on = (value: boolean): string => (value ? 'y' : 'n');
  return {
    NUMA: 'y',
    MAXSMP: 'y',
    NODES_SHIFT: 10,
    NR_CPUS: 8192,
    NUMA_BALANCING: 'y',
    SPARSEMEM: 'y',
    SPARSEMEM_EXTREME: 'y',
    SPARSEMEM_VMEMMAP: 'y',
    SPARSEMEM_VMEMMAP_PREINIT: on(since(version, '6.15')),
    MEMORY_HOTPLUG: 'y',
    MEMORY_HOTREMOVE: 'y',
    MEMORY_HOTPLUG_DEFAULT_ONLINE: 'n',
    MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO: on(since(version, '6.12')),
    MHP_MEMMAP_ON_MEMORY: on(since(version, '5.13')),
    DEFERRED_STRUCT_PAGE_INIT: 'y',
    ZONE_DMA: 'y',
    ZONE_DMA32: 'y',
    ZONE_DEVICE: on(since(version, '4.14')),
    DEVICE_PRIVATE: on(since(version, '6.18')),
    PCI_P2PDMA: on(since(version, '6.18') && !since(version, '6.19')),
    FS_DAX: on(since(version, '4.14')),
    PAGE_EXTENSION: 'y',
    PAGE_IDLE_FLAG: 'y',
    MEMORY_FAILURE: 'y',
    TRANSPARENT_HUGEPAGE: 'y',
    HUGETLB_PAGE: 'y',
    LRU_GEN: on(since(version, '6.1')),
    KASAN_SW_TAGS: 'n',
    KASAN_HW_TAGS: 'n',
    X86_5LEVEL: on(since(version, '4.14')),
    X86_PMEM_LEGACY: 'm',
  };
}
