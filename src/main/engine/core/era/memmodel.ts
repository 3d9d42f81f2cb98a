import { eraSwitch } from './switch.ts';
import { carries, since } from './version.ts';

/** Sections and the memmap at boot. */
export const memmodelSwitches = {
  arch_pfn_valid: eraSwitch({
    title: 'The architecture has a pfn_valid() of its own that asks memblock (arm64)',
    changed: [
      { commit: 'arm64: drop pfn_valid_within() and simplify pfn_valid()', release: '5.14' },
    ],
    value: ({ version, arch }) => arch === 'arm64' && !since(version, '5.14'),
  }),
  physnode_map_rounds: eraSwitch({
    title: 'x86_32 marks every 64 MiB unit a memory range touches, not those its steps meet',
    changed: [
      {
        commit: 'section boundaries in numa_32.c:memory_present()',
        release: 'between 4.3 and 4.12',
      },
    ],
    value: ({ version }) => since(version, '4.12'),
  }),
  section_flags: eraSwitch({
    title:
      'Flag bits of section_mem_map: "present mem_map online early taint preinit" as far as known',
    changed: [
      { commit: 'mm: consider zone which is not fully populated to have holes', release: '4.13' },
      { commit: 'mm/sparsemem: introduce a SECTION_IS_EARLY flag', release: '5.3' },
      {
        commit: 'mm: teach pfn_to_online_page() about ZONE_DEVICE section collisions',
        release: '5.12',
      },
    ],
    value: ({ version }) =>
      since(version, '5.12') ? 5 : since(version, '5.3') ? 4 : since(version, '4.13') ? 3 : 2,
  }),
  sparse_init_by_node: eraSwitch({
    title: 'The memmap of a whole node is set up by sparse_init_nid()',
    changed: [{ commit: 'mm/sparse: add sparse_init_nid()', release: '4.19' }],
    value: ({ version }) => since(version, '4.19'),
  }),
  memblocks_present: eraSwitch({
    title: 'sparse_init() itself marks the sections present',
    changed: [
      { commit: 'mm/sparse: cleanup the code surrounding memory_present()', release: '5.9' },
    ],
    value: ({ version }) => since(version, '5.9'),
  }),
  sizeof_section_usage: eraSwitch({
    title: 'sizeof(struct mem_section_usage) with its pageblock flags, x86_64, bytes',
    changed: [
      { commit: 'mm/sparsemem: introduce struct mem_section_usage', release: '5.3' },
      {
        commit: 'mm/sparsemem: fix race in accessing memory_section->usage',
        release: '6.8, and in 6.7.3, 6.6.15 and 6.1.76',
      },
      {
        commit: 'mm/page_isolation: make page isolation a standalone bit',
        release: '6.17',
      },
    ],
    value: ({ version }) =>
      since(version, '6.17')
        ? 88
        : carries(version, '6.8', ['6.7.3', '6.6.15', '6.1.76'])
          ? 56
          : since(version, '5.3')
            ? 40
            : 32,
  }),
  sparse_init_in_free_area_init: eraSwitch({
    title: 'free_area_init() asks for the zone limits and calls sparse_init() itself',
    changed: [
      {
        commit: 'arch, mm: consolidate initialization of SPARSE memory model',
        release: '7.0',
      },
    ],
    value: ({ version }) => since(version, '7.0'),
  }),
  free_area_init_nodes: eraSwitch({
    title: 'The function is called free_area_init_nodes()',
    changed: [
      {
        commit: 'mm: free_area_init: use maximal zone PFNs rather than zone sizes',
        release: '5.8',
      },
    ],
    value: ({ version }) => !since(version, '5.8'),
  }),
  hole_struct_pages: eraSwitch({
    title:
      'What becomes of struct pages without memory: walked, zeroed, zone0, or reserved in the zone of the walk',
    changed: [
      { commit: 'mm: zero reserved and unavailable struct pages', release: '4.15' },
      {
        commit: 'mm/page_alloc.c: initialize memmap of unavailable memory directly',
        release: '5.6',
      },
      {
        commit:
          'mm/page_alloc.c: refactor initialization of struct page for holes in memory layout',
        release: '5.12',
      },
    ],
    value: ({ version }) =>
      since(version, '5.12')
        ? 'reserved'
        : since(version, '5.6')
          ? 'zone0'
          : since(version, '4.15')
            ? 'zeroed'
            : 'walked',
  }),
  memmap_init_by_memblock: eraSwitch({
    title: 'memmap_init() walks memblock regions, not every PFN of a zone',
    changed: [
      {
        commit: 'mm: memmap_init: iterate over memblock regions rather that check each PFN',
        release: '5.8',
      },
    ],
    value: ({ version }) => since(version, '5.8'),
  }),
  deferred_init: eraSwitch({
    title:
      'How much of a node is initialised early: one section, 2 GiB, or 2 GiB and its reservations',
    changed: [
      {
        commit:
          'mm: meminit: initialise a subset of struct pages if CONFIG_DEFERRED_STRUCT_PAGE_INIT is set',
        release: '4.2',
      },
      {
        commit: 'mm: consider memblock reservations for deferred memory initialization sizing',
        release: '4.12',
      },
      { commit: 'mm: initialize pages on demand during boot', release: '4.17' },
    ],
    value: ({ version }) =>
      since(version, '4.17') ? 'section' : since(version, '4.12') ? '2GiB+reserved' : '2GiB',
  }),
  memmap_boot_counter: eraSwitch({
    title: 'nr_memmap_boot_pages counts the memmap of the boot',
    changed: [{ commit: 'mm: report per-page metadata information', release: '6.11' }],
    value: ({ version }) => since(version, '6.11'),
  }),
  mem_init_calls_memblock_free_all: eraSwitch({
    title: 'mm_core_init() frees memblock memory itself, before mem_init()',
    changed: [
      {
        commit: 'arch, mm: make releasing of memory to page allocator more explicit',
        release: '6.15',
      },
    ],
    value: ({ version }) => !since(version, '6.15'),
  }),
  mm_core_init: eraSwitch({
    title: 'mm_init() is called mm_core_init()',
    changed: [
      {
        commit: 'init,mm: move mm_init() to mm/mm_init.c and rename it to mm_core_init()',
        release: '6.4',
      },
    ],
    value: ({ version }) => since(version, '6.4'),
  }),
  memmap_init_range: eraSwitch({
    title: 'memmap_init_zone() is called memmap_init_range()',
    changed: [{ commit: 'mm: rename memmap_init() and memmap_init_zone()', release: '5.12' }],
    value: ({ version }) => since(version, '5.12'),
  }),
  init_page_from_nid: eraSwitch({
    title: 'init_reserved_page() works through __init_page_from_nid()',
    changed: [
      { commit: 'mm: define __init_reserved_page_zone function (renamed later)', release: '6.15' },
    ],
    value: ({ version }) => since(version, '6.15'),
  }),
  free_pages_core: eraSwitch({
    title: '__free_pages_boot_core() is called __free_pages_core()',
    changed: [
      { commit: 'mm/page_alloc.c: memory hotplug: free pages as higher order', release: '5.1' },
    ],
    value: ({ version }) => since(version, '5.1'),
  }),
  memory_block_zone: eraSwitch({
    title: 'A memory block of the boot remembers its zone (none when it has several)',
    changed: [
      {
        commit: 'drivers/base/memory: determine and store zone for single-zone memory blocks',
        release: '5.18',
      },
    ],
    value: ({ version }) => since(version, '5.18'),
  }),
  memory_block_probe: eraSwitch({
    title: 'Bare metal with 64 GiB and more always has 2 GiB memory blocks',
    changed: [
      {
        commit: 'x86/mm/memory_hotplug: determine block size based on the end of boot memory',
        release: '4.17',
      },
      { commit: 'x86/mm: use max memory block size on bare metal', release: '5.9' },
    ],
    value: ({ version }) =>
      since(version, '5.9') ? 'hypervisor' : since(version, '4.17') ? 'boot_mem_end' : 'totalram',
  }),
  iomem_reserved_name: eraSwitch({
    title: 'Reserved ranges of the firmware map are called "Reserved" in /proc/iomem',
    changed: [
      {
        commit: 'arch/x86/kernel/e820.c:e820_type_to_string, title not pinned',
        release: 'between 4.4 and 4.14',
      },
    ],
    value: ({ version }) => since(version, '4.12'),
  }),
  unavailable_log: eraSwitch({
    title: 'Log line about struct pages without memory',
    changed: [
      {
        commit: 'zero_resv_unavail() prints its count, title not pinned',
        release: 'between 4.14 and 4.18',
      },
      {
        commit:
          'mm/page_alloc.c: refactor initialization of struct page for holes in memory layout',
        release: '5.12',
      },
    ],
    value: ({ version }) =>
      since(version, '5.12') ? 'per-zone' : since(version, '4.17') ? 'zeroed' : 'none',
  }),
  totalpages_log: eraSwitch({
    title: '"On node N totalpages" and the zones\' sizes are in the log',
    changed: [
      {
        commit: 'calculate_node_totalpages() uses pr_debug, title not pinned',
        release: 'between 4.18 and 6.1',
      },
    ],
    value: ({ version }) => !since(version, '5.13'),
  }),
} as const;
