import { since, steps, until } from './switch.ts';
import { subject } from './subject.ts';

export const memmodel = subject('Sections and the memmap at boot', {
  arch_pfn_valid: steps({
    title: 'The architecture has a pfn_valid() of its own that asks memblock (arm64)',
    first: { arm64: true, others: false },
    '5.16': {
      to: false,
      arch: ['arm64'],
      commit: 'arm64/mm: drop HAVE_ARCH_PFN_VALID',
    },
  }),
  physnode_map_rounds: since('4.12', {
    title: 'x86_32 marks every 64 MiB unit a memory range touches, not those its steps meet',
    commit: 'section boundaries in numa_32.c:memory_present()',
    between: ['4.3', '4.12'],
  }),
  section_flags: steps({
    title:
      'Flag bits of section_mem_map: "present mem_map online early taint preinit" as far as known',
    first: 2,
    '4.13': { to: 3, commit: 'mm: consider zone which is not fully populated to have holes' },
    '5.3': { to: 4, commit: 'mm/sparsemem: introduce a SECTION_IS_EARLY flag' },
    '5.12': {
      to: 5,
      commit: 'mm: teach pfn_to_online_page() about ZONE_DEVICE section collisions',
    },
  }),
  sparse_init_by_node: since('4.19', {
    title: 'The memmap of a whole node is set up by sparse_init_nid()',
    commit: 'mm/sparse: add sparse_init_nid()',
  }),
  memblocks_present: since('5.9', {
    title: 'sparse_init() itself marks the sections present',
    commit: 'mm/sparse: cleanup the code surrounding memory_present()',
  }),
  sizeof_section_usage: steps({
    title: 'sizeof(struct mem_section_usage) with its pageblock flags, x86_64, bytes',
    first: 32,
    '5.3': { to: 40, commit: 'mm/sparsemem: introduce struct mem_section_usage' },
    '6.8': {
      to: 56,
      commit: 'mm/sparsemem: fix race in accessing memory_section->usage',
      backports: ['6.7.3', '6.6.15', '6.1.76', '5.10.210'],
    },
    '6.17': { to: 88, commit: 'mm/page_isolation: make page isolation a standalone bit' },
  }),
  sparse_init_subsection_map: since('7.0', {
    title: 'subsection_map_init() is called sparse_init_subsection_map()',
    commit: 'mm: prepare to move subsection_map_init() to mm/sparse-vmemmap.c',
    backports: ['6.12.101'],
    between: ['6.12', '7.2'],
  }),
  sparse_init_in_free_area_init: since('7.0', {
    title: 'free_area_init() asks for the zone limits and calls sparse_init() itself',
    commit: 'arch, mm: consolidate initialization of SPARSE memory model',
  }),
  free_area_init_nodes: until('5.8', {
    title: 'The function is called free_area_init_nodes()',
    commit: 'mm: free_area_init: use maximal zone PFNs rather than zone sizes',
  }),
  hole_struct_pages: steps({
    title:
      'What becomes of struct pages without memory: walked, zeroed, zone0, or reserved in the zone of the walk',
    first: 'walked',
    '4.15': { to: 'zeroed', commit: 'mm: zero reserved and unavailable struct pages' },
    '5.6': {
      to: 'zone0',
      commit: 'mm/page_alloc.c: initialize memmap of unavailable memory directly',
    },
    '5.12': {
      to: 'reserved',
      commit: 'mm/page_alloc.c: refactor initialization of struct page for holes in memory layout',
    },
  }),
  memmap_init_by_memblock: since('5.8', {
    title: 'memmap_init() walks memblock regions, not every PFN of a zone',
    commit: 'mm: memmap_init: iterate over memblock regions rather that check each PFN',
  }),
  deferred_init: steps({
    title:
      'How much of a node is initialised early: one section, 2 GiB, or 2 GiB and its reservations',
    also: {
      '4.2':
        'mm: meminit: initialise a subset of struct pages if CONFIG_DEFERRED_STRUCT_PAGE_INIT is set',
    },
    first: '2GiB',
    '4.12': {
      to: '2GiB+reserved',
      commit: 'mm: consider memblock reservations for deferred memory initialization sizing',
    },
    '4.17': { to: 'section', commit: 'mm: initialize pages on demand during boot' },
  }),
  sparse_usage_init: steps({
    title: 'Name of the function that allocates struct mem_section_usage at boot',
    first: 'sparse_early_usemaps_alloc_pgdat_section',
    '7.2': {
      to: 'sparse_usage_init',
      commit: 'sparse_usage_init() in place of sparse_early_usemaps_alloc_pgdat_section()',
      between: ['6.12', '7.2'],
      untitled: true,
    },
  }),
  sparse_buffer: until('7.2', {
    title:
      'sparse_init_nid() takes one block for the memmap of a node; since, sections look for theirs (not modelled: the block stays)',
    commit: 'sparse_buffer_init() is gone',
    between: ['6.12', '7.2'],
    untitled: true,
  }),
  memmap_boot_counter: since('6.11', {
    title: 'nr_memmap_boot_pages counts the memmap of the boot',
    commit: 'mm: report per-page metadata information',
  }),
  mem_init_calls_memblock_free_all: until('6.15', {
    title: 'mm_core_init() frees memblock memory itself, before mem_init()',
    commit: 'arch, mm: make releasing of memory to page allocator more explicit',
  }),
  mm_core_init: since('6.4', {
    title: 'mm_init() is called mm_core_init()',
    commit: 'init,mm: move mm_init() to mm/mm_init.c and rename it to mm_core_init()',
  }),
  memmap_init_range: since('5.12', {
    title: 'memmap_init_zone() is called memmap_init_range()',
    commit: 'mm: rename memmap_init() and memmap_init_zone()',
  }),
  init_page_from_nid: since('6.15', {
    title: 'init_reserved_page() works through __init_page_from_nid()',
    commit: 'mm/mm_init: rename __init_reserved_page_zone to __init_page_from_nid',
  }),
  free_pages_core: since('5.1', {
    title: '__free_pages_boot_core() is called __free_pages_core()',
    commit: 'mm/page_alloc.c: memory hotplug: free pages as higher order',
  }),
  memory_block_probe: steps({
    title: 'Bare metal with 64 GiB and more always has 2 GiB memory blocks',
    first: 'totalram',
    '4.17': {
      to: 'boot_mem_end',
      commit: 'x86/mm/memory_hotplug: determine block size based on the end of boot memory',
    },
    '5.9': { to: 'hypervisor', commit: 'x86/mm: use max memory block size on bare metal' },
  }),
  iomem_reserved_name: since('4.12', {
    title: 'Reserved ranges of the firmware map are called "Reserved" in /proc/iomem',
    commit: 'arch/x86/kernel/e820.c:e820_type_to_string',
    between: ['4.4', '4.14'],
    untitled: true,
  }),
  unavailable_log: steps({
    title: 'Log line about struct pages without memory',
    first: 'none',
    '4.17': {
      to: 'zeroed',
      commit: 'zero_resv_unavail() prints its count',
      between: ['4.14', '4.18'],
      untitled: true,
    },
    '5.12': {
      to: 'per-zone',
      commit: 'mm/page_alloc.c: refactor initialization of struct page for holes in memory layout',
    },
  }),
  totalpages_log: until('5.13', {
    title: `"On node N totalpages" and the zones' sizes are in the log`,
    commit: 'calculate_node_totalpages() uses pr_debug',
    between: ['4.18', '6.1'],
    untitled: true,
  }),
});
