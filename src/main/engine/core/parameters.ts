import { parseArgs } from './command-line.ts';

/** Parameters of the command line that the model follows, and what each is for. */
export const PARAMETERS = {
  mem: 'How much memory the kernel uses',
  memmap: 'Changes the firmware map, or takes the whole map from the command line (x86)',
  kernelcore: 'How much memory stays outside ZONE_MOVABLE',
  movablecore: 'How much memory becomes ZONE_MOVABLE',
  movable_node: 'Hot-pluggable nodes become ZONE_MOVABLE',
  numa: '`off`: one node, whatever firmware says',
  pci: '`disable_acs_redir=`: bridges that let peers talk directly',
  swiotlb: '`force` or `noforce`: bounce buffers',
  memhp_default_state: 'What becomes of memory right after it was added',
  'memory_hotplug.memmap_on_memory': 'Added memory may hold its own memmap',
  'memory_hotplug.online_policy': 'Which zone added memory goes to: contig-zones or auto-movable',
  'memory_hotplug.auto_movable_ratio': 'Movable to kernel memory, in percent, for auto-movable',
  'memory_hotplug.auto_movable_numa_aware': 'Whether auto-movable looks at each node too',
} as const;

export type ParameterName = keyof typeof PARAMETERS;

/**
 * Parameters that change memory and that the model does not follow: a machine with one of them
 * would come out wrong. Where the kernel reads them, as file:function.
 */
const UNMODELLED: Readonly<Record<string, string>> = {
  hugepages: 'sets huge pages aside (mm/hugetlb.c:hugepages_setup)',
  hugepagesz: 'chooses the size of huge pages to set aside (mm/hugetlb.c:hugepagesz_setup)',
  default_hugepagesz: 'chooses the size of huge pages (mm/hugetlb.c:default_hugepagesz_setup)',
  hugetlb_cma: 'reserves memory for huge pages (mm/hugetlb.c:cmdline_parse_hugetlb_cma)',
  cma: 'reserves memory for contiguous allocations (kernel/dma/contiguous.c:early_cma)',
  cma_pernuma: 'reserves memory on each node (kernel/dma/contiguous.c:early_cma_pernuma)',
  numa_cma: 'reserves memory on nodes (kernel/dma/contiguous.c:early_numa_cma)',
  crashkernel: 'reserves memory for a crash kernel (kernel/crash_reserve.c:parse_crashkernel)',
  reserve_mem: 'reserves memory by name (mm/memblock.c:reserve_mem)',
  reservelow: 'reserves low memory (arch/x86/kernel/setup.c:parse_reservelow, to 5.12)',
  highmem: 'chooses the size of ZONE_HIGHMEM (arch/x86/mm/init_32.c:parse_highmem)',
  vmalloc: 'moves the end of low memory (arch/x86/mm/pgtable_32.c:parse_vmalloc)',
  reservetop: 'moves the end of low memory (arch/x86/mm/pgtable_32.c:parse_reservetop)',
  add_efi_memmap: 'adds EFI ranges to the map (arch/x86/platform/efi/efi.c:setup_add_efi_memmap)',
  hugetlb_free_vmemmap: 'frees memmap of huge pages (mm/hugetlb_vmemmap.c)',
};

/** `numa=` values that make other nodes than firmware says (arch/x86/mm/numa.c:numa_setup). */
const UNMODELLED_NUMA = /^(fake=|noacpi)/;

/** What one parameter would change that the model does not follow; undefined for nothing. */
export function unmodelledEffect(name: string, value = ''): string | undefined {
  if (name === 'numa' && UNMODELLED_NUMA.test(value)) {
    return 'makes other nodes than firmware says (arch/x86/mm/numa.c:numa_setup)';
  }
  return Object.hasOwn(UNMODELLED, name) ? UNMODELLED[name] : undefined;
}

/** A command line without what changes memory in ways that are not modelled, and those words. */
export function withoutUnmodelled(cmdline: string): { cmdline: string; left: string[] } {
  const left = parseArgs(cmdline).flatMap(({ name, value }) => {
    if (unmodelledEffect(name, value) === undefined) return [];
    return [value === undefined ? name : `${name}=${value}`];
  });
  if (left.length === 0) return { cmdline, left };
  const words = cmdline.split(/\s+/).filter((word) => !left.includes(word.replaceAll('"', '')));
  return { cmdline: words.join(' '), left };
}

/** Values a command line gives a parameter the model follows, in order; '' for one without. */
export function valuesOf(cmdline: string, name: ParameterName): string[] {
  return parseArgs(cmdline).flatMap((param) => (param.name === name ? [param.value ?? ''] : []));
}
