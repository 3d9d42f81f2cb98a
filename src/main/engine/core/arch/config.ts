import { since, type KernelVersion } from '../era/version.ts';

/** Kconfig symbols without `CONFIG_`: 'y', 'n', 'm', a number, or a text. */
export type KernelConfig = Readonly<Record<string, string | number | boolean>>;

/**
 * Symbols the model follows, and what each decides. Others may be written, and are told as not used.
 */
export const SYMBOLS = {
  ARCH_MEMORY_PROBE: '/sys/devices/system/memory/probe',
  ARM64_4K_PAGES: 'Page size',
  ARM64_16K_PAGES: 'Page size',
  ARM64_64K_PAGES: 'Page size',
  ARM64_MTE: 'Page flags of memory tags',
  ARM64_PA_BITS: 'Physical address bits',
  ARM64_VA_BITS: 'Virtual address bits',
  CXL_ACPI: 'CXL windows and host bridges',
  CXL_REGION: 'Regions of CXL memory',
  DEFERRED_STRUCT_PAGE_INIT: 'Most struct pages are initialised after the boot',
  DEVICE_PRIVATE: 'Device memory the CPU cannot address',
  DEVICE_PUBLIC: 'Coherent device memory, 4.14 to 5.2, which the model has there in any case',
  DISCONTIGMEM: 'Memory model',
  FLATMEM: 'Memory model',
  FS_DAX: 'Files mapped directly',
  FS_DAX_LIMITED: 'Files mapped directly without struct pages',
  HIGHMEM: 'ZONE_HIGHMEM',
  HUGETLB_PAGE: 'hugetlbfs',
  KASAN_HW_TAGS: 'Page flags of memory tags',
  KASAN_SW_TAGS: 'Page flags of memory tags',
  LRU_GEN: 'Page flags of generations',
  MAX_PHYSMEM_BITS: 'Physical address bits (s390x)',
  MAXSMP: 'As many CPUs and nodes as there may be',
  MEMCG: 'Size of struct page',
  MEMORY_FAILURE: 'The hwpoison page flag',
  MEMORY_HOTPLUG: 'Memory can be added',
  MEMORY_HOTPLUG_DEFAULT_ONLINE: 'Added memory goes online',
  MEMORY_HOTREMOVE: 'Memory can be removed',
  MHP_DEFAULT_ONLINE_TYPE_OFFLINE: 'Added memory stays offline',
  MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO: 'Added memory goes online',
  MHP_DEFAULT_ONLINE_TYPE_ONLINE_KERNEL: 'Added memory goes online for the kernel',
  MHP_DEFAULT_ONLINE_TYPE_ONLINE_MOVABLE: 'Added memory goes online as ZONE_MOVABLE',
  MHP_MEMMAP_ON_MEMORY: 'Added memory may hold its own memmap',
  MOVABLE_NODE: 'Nodes of ZONE_MOVABLE alone (to 4.12)',
  NODES_SHIFT: 'How many nodes there may be',
  NR_CPUS: 'How many CPUs there may be',
  NUMA: 'Nodes',
  NUMA_BALANCING: 'Page flags of the last CPU',
  PAGE_EXTENSION: 'Size of struct mem_section',
  PAGE_IDLE_FLAG: 'The young and idle page flags',
  PCI_P2PDMA: 'Peer memory',
  SPARSEMEM: 'Memory model',
  SPARSEMEM_EXTREME: 'Two levels of sections',
  SPARSEMEM_STATIC: 'Sections in a static array',
  SPARSEMEM_VMEMMAP: 'Memory model',
  SPARSEMEM_VMEMMAP_PREINIT: 'Sections whose memmap is there before the others',
  TRANSPARENT_HUGEPAGE: 'Huge pages of processes',
  TRANSPARENT_HUGEPAGE_ALWAYS: 'Huge pages without madvise(2)',
  VA_BITS: 'Virtual address bits (riscv64)',
  X86_5LEVEL: '5-level page tables',
  X86_PAE: 'Addresses over 4 GiB (x86_32)',
  X86_PMEM_LEGACY: 'Legacy persistent memory',
  ZONE_DEVICE: 'struct pages of device memory',
  ZONE_DMA: 'ZONE_DMA',
  ZONE_DMA32: 'ZONE_DMA32',
} as const;

export type KconfigSymbol = keyof typeof SYMBOLS;

/** Is the symbol built in (`y`)? Labs may also write true. */
export function enabled(config: KernelConfig, symbol: KconfigSymbol): boolean {
  const value = config[symbol];
  return value === 'y' || value === true;
}

/** An integer symbol; hexadecimal and decimal texts are read too. `fallback` where it is not set. */
export function configNumber(
  config: KernelConfig,
  symbol: KconfigSymbol,
  fallback: number,
): number {
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
    CXL_ACPI: since(version, '6.1') ? 'm' : 'n',
    CXL_REGION: on(since(version, '6.1')),
    X86_5LEVEL: on(since(version, '4.14')),
    X86_PMEM_LEGACY: 'm',
  };
}
