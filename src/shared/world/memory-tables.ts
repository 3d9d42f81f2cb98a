import * as f from './field.ts';
import { extents, keyed } from './table.ts';

export const ALTMAP = f.record(
  {
    base_pfn: f.pfn('First PFN of the memory that is set aside'),
    end_pfn: f.pfn('Behind the last PFN that may be used'),
    reserve: f.pages('Kept at the start for the driver'),
    free: f.pages('May hold the memmap'),
    align: f.pages('Used up by alignment'),
    alloc: f.pages('Hold the memmap'),
  },
  'struct vmem_altmap; NULL without one',
);
export type Altmap = f.TypeOf<typeof ALTMAP>;

/** Physical memory: what firmware says of it, and what the kernel keeps about it. */
export const MEMORY_TABLES = {
  vars: keyed(
    'name',
    { title: 'Kernel variables', meaning: 'max_pfn, max_low_pfn, totalram_pages and so on' },
    { name: f.text('As the kernel names it'), value: f.scalar('What it holds') },
  ),
  e820: extents(
    'address',
    { title: 'e820 table', meaning: 'The kernel’s own e820 table', struct: 'e820_entry' },
    {
      type: f.text('What firmware says the memory is'),
      // e820.c:e820_nomerge
      entry: f.count('Keeps entries of types that are never merged apart; 0 for the others', f.OWN),
    },
  ),
  numa_meminfo: extents(
    'address',
    {
      title: 'NUMA memory',
      meaning: 'Memory affinity as numa_cleanup_meminfo() left it',
      struct: 'numa_memblk',
    },
    { nid: f.nid('The node the memory belongs to') },
  ),
  memblock_memory: extents(
    'address',
    { title: 'memblock.memory', meaning: 'Memory memblock knows', struct: 'memblock_region' },
    {
      nid: f.nid('The node the memory belongs to'),
      flags: f.flags('MEMBLOCK_* flags: hotplug, mirror, nomap'),
    },
  ),
  memblock_reserved: extents(
    'address',
    {
      title: 'memblock.reserved',
      meaning: 'What memblock gave away or was told to keep',
      struct: 'memblock_region',
    },
    { nid: f.nid('The node it was reserved on'), owner: f.text('For whom', f.OWN) },
  ),
  resources: keyed(
    'id',
    { title: 'Resources', meaning: 'The iomem resource tree', struct: 'resource' },
    {
      id: f.count('In order of creation, from 1', f.OWN),
      parent: f.numberRef('resources', 'The resource it lies in; 0 at the top'),
      start: f.address('First byte'),
      end: f.address('Last byte, inclusive'),
      name: f.text('As /proc/iomem prints it'),
      flags: f.flags('IORESOURCE_* flags'),
      desc: f.text('IORES_DESC_* it is searched by'),
    },
  ),
  nodes: keyed(
    'nid',
    { title: 'Nodes', meaning: 'NUMA nodes', struct: 'pglist_data' },
    {
      nid: f.nid('Number of the node', { member: 'node_id' }),
      online: f.truth('Is it in N_ONLINE?', f.OWN),
      cpus: f.count('CPUs it has', f.OWN),
      node_start_pfn: f.pfn('First PFN of the node'),
      node_spanned_pages: f.pages(
        'Pages from the first to the last, holes and ZONE_DEVICE included',
      ),
      node_present_pages: f.pages('Pages of RAM'),
      first_deferred_pfn: f.orNull(
        f.pfn('First struct page that was left to page_alloc_init_late()'),
      ),
    },
  ),
  zones: keyed(
    'key',
    { title: 'Zones', meaning: 'Zones of every node', struct: 'zone' },
    {
      key: f.count('nid * 8 + index', f.OWN),
      nid: f.nid('The node it belongs to', { member: 'node', lab: 'node' }),
      index: f.count('zone_idx(): its place among the zones of its node', f.OWN),
      name: f.text('DMA, DMA32, Normal, HighMem, Movable or Device', { lab: 'zone' }),
      zone_start_pfn: f.pfn('First PFN of the span; 0 while the zone is empty', {
        lab: 'start_pfn',
      }),
      spanned_pages: f.pages('zone_end_pfn - zone_start_pfn, holes included', { lab: 'spanned' }),
      present_pages: f.pages('spanned_pages without the holes; ZONE_DEVICE never has any', {
        lab: 'present',
      }),
      present_early_pages: f.pages('Present pages that were there at boot'),
      managed_pages: f.pages(
        'Pages the buddy allocator was given; what this very kernel image reserved is not modelled',
        { lab: 'managed' },
      ),
      contiguous: f.truth('Every page block of the zone can be walked without a check'),
    },
  ),
  section_roots: extents(
    'root',
    { title: 'Section roots', meaning: 'Roots of the EXTREME section array that are allocated' },
    { nid: f.nid('The node the root is allocated on') },
  ),
  sections: extents(
    'section',
    { title: 'Sections', meaning: 'Runs of equal sections', struct: 'mem_section' },
    {
      nid: f.nid('Node the section belongs to', { member: '', lab: 'node' }),
      flags: f.word('Low bits of section_mem_map', { member: 'section_mem_map' }),
      subsection_map: f.mask('One bit for each 2 MiB sub-section that has pages', {
        member: 'usage.subsection_map',
        lab: 'subsections',
      }),
      memmap: f.text('Where the struct pages are stored', f.OWN),
    },
  ),
  vmemmap: extents(
    'pfn',
    { title: 'vmemmap', meaning: 'The populated vmemmap, by the PFNs it describes' },
    {
      phys: f.orNull(
        f.address('Of the first struct page; NULL where several tables alias one page', {
          grows: 64n,
        }),
      ),
      mapping: f.text('Size of the pages that map it'),
      source: f.text('Who gave the memory'),
    },
  ),
  section_mem_maps: extents(
    'section',
    {
      title: 'Section memmaps',
      meaning: 'Classic SPARSEMEM: section_mem_map without its flag bits',
      struct: 'mem_section',
    },
    {
      coded: f.address(
        'Address of the memmap less the section’s first PFN times sizeof(struct page); equal where memmaps follow on',
        { member: 'section_mem_map' },
      ),
    },
  ),
  node_mem_maps: keyed(
    'nid',
    {
      title: 'Node memmaps',
      meaning: 'FLATMEM and DISCONTIGMEM: the array of struct pages of a node',
      struct: 'pglist_data',
    },
    {
      nid: f.nid('Number of the node', { member: 'node_id' }),
      start_pfn: f.pfn('First PFN it has a struct page for, rounded to the largest order', f.OWN),
      end_pfn: f.pfn('Behind the last one, rounded as well', f.OWN),
      node_mem_map: f.address('Virtual address of the struct page of node_start_pfn'),
      phys: f.address('Where the array lies', f.OWN),
    },
  ),
  physnode_map: extents(
    'element',
    {
      title: 'physnode_map',
      meaning: 'x86_32 DISCONTIGMEM: which node has the memory; units without a record hold -1',
    },
    { nid: f.nid('The node') },
  ),
  direct_map: extents(
    'pfn',
    { title: 'Direct map', meaning: 'What the kernel’s direct mapping covers' },
    { by: f.text('Who mapped it') },
  ),
  pages: extents(
    'pfn',
    { title: 'Pages', meaning: 'Runs of equal struct pages', struct: 'page' },
    {
      state: f.choice(
        ['init', 'zero', 'poison'],
        'Initialised; never initialised, all bytes 0; or filled with the poison pattern',
        f.OWN,
      ),
      nid: f.nid('Node in the flags word', { member: 'flags' }),
      zone: f.count('Zone index in the flags word', { member: 'flags' }),
      flags: f.flags('PG_* bits that are set'),
      refcount: f.count('Users; a device page is free at its idle value', { member: '_refcount' }),
      mapcount: f.count('Page table entries that map it, counted from −1', { member: '_mapcount' }),
      pgmap: f.orNull(
        f.ref(
          'pgmaps',
          'The pagemap in the words of a list head; NULL where they hold a list head',
        ),
      ),
      buddy: f.truth('Free in the buddy allocator; the blocks follow from the extents', {
        member: 'page_type',
      }),
      compound_order: f.count(
        'Order of the compound pages or allocations the extent is made of; the first of each 2^order pages has refcount, the others count 0',
        f.OWN,
      ),
      migratetype: f.text('Migratetype of its page block', f.OWN),
    },
  ),
  pgmaps: keyed(
    'id',
    { title: 'Pagemaps', meaning: 'Device memory with struct pages', struct: 'dev_pagemap' },
    {
      id: f.text('How the bench names it', f.OWN),
      type: f.text('enum memory_type without MEMORY_DEVICE_'),
      type_value: f.count('The number of the type in this kernel', { member: 'type' }),
      ranges: f.list(
        f.record(
          { start: f.address('First byte'), end: f.address('Last byte, inclusive') },
          'struct range',
        ),
        'What it covers',
      ),
      nr_range: f.count('Number of ranges'),
      flags: f.word('PGMAP_* flags'),
      ops: f.text('Which dev_pagemap_ops; empty for NULL'),
      owner: f.text('Whose device-private memory it is; empty for NULL'),
      vmemmap_shift: f.count('Order of the compound pages; 0 for single pages'),
      altmap: f.orNull(ALTMAP),
      ref: f.count('percpu_ref: pages or users, with external_ref those through this pagemap'),
      ref_dead: f.truth('percpu_ref: was it killed?', { member: 'ref' }),
      external_ref: f.ref(
        'percpu_refs',
        'The driver’s own reference that stands in for it (4.5 to 5.16)',
        { member: 'ref' },
      ),
      device: f.ref('devices', 'Whose memory it is', f.OWN),
      nid: f.nid('The node its pages are on', f.OWN),
    },
  ),
  pgmap_array: extents(
    'pfn',
    { title: 'pgmap_array', meaning: 'Which pagemap get_dev_pagemap() finds for a PFN' },
    { pgmap: f.ref('pgmaps', 'The pagemap') },
  ),
  memory_blocks: extents(
    'block',
    { title: 'Memory blocks', meaning: 'Memory blocks with equal state', struct: 'memory_block' },
    {
      state: f.text('online, offline, or what it is going to be'),
      nid: f.nid('Its node'),
      zone: f.orNull(f.text('The zone of all its pages; NULL: several zones or nodes')),
    },
  ),
  memory_groups: keyed(
    'mgid',
    {
      title: 'Memory groups',
      meaning: 'Memory blocks that are onlined with regard to each other',
      struct: 'memory_group',
    },
    {
      mgid: f.count('Number of the group', { member: '', lab: 'id' }),
      nid: f.nid('Its node', { lab: 'node' }),
      is_dynamic: f.truth('Does it grow and shrink in units?', { lab: 'dynamic' }),
      pages: f.pages('At most, in a static group; of a unit, in a dynamic one', {
        member: 's.max_pages',
      }),
      present_kernel_pages: f.pages('Online outside ZONE_MOVABLE', { lab: 'kernel' }),
      present_movable_pages: f.pages('Online in ZONE_MOVABLE', { lab: 'movable' }),
    },
  ),
  memregions: keyed(
    'id',
    {
      title: 'Memory regions',
      meaning: 'Numbers of regions that CXL, dax_hmem and libnvdimm share (regionN, daxN.0, pmemN)',
    },
    {
      id: f.count('The number', f.OWN),
      device: f.ref('devices', 'Whose region it is', f.OWN),
    },
  ),
  node_memory_types: keyed(
    'nid',
    {
      title: 'Memory types of nodes',
      meaning: 'Nodes whose distance a driver named; others are DRAM, or what HMAT says',
      struct: 'node_memory_type_map',
    },
    {
      nid: f.nid('The node', { member: '' }),
      adistance: f.count('Abstract distance: 576 is DRAM', { member: 'memtype.adistance' }),
      users: f.count('Drivers that named it', { member: 'map_count' }),
    },
  ),
  node_performance: keyed(
    'nid',
    {
      title: 'Performance of nodes',
      meaning: 'Latency and bandwidth that a driver knows of its memory',
      struct: 'access_coordinate',
    },
    {
      nid: f.nid('The node', { member: '' }),
      read_latency: f.count('Nanoseconds'),
      write_latency: f.count('Nanoseconds'),
      read_bandwidth: f.count('MB/s'),
      write_bandwidth: f.count('MB/s'),
    },
  ),
  memory_notifiers: keyed(
    'device',
    {
      title: 'Memory notifiers',
      meaning: 'Drivers that are told when memory goes online or offline',
      struct: 'notifier_block',
    },
    {
      device: f.ref('devices', 'Whose driver it is', f.OWN),
      n: f.count('In order of registration', f.OWN),
      priority: f.count('The highest is called first'),
      notified: f.truth('Is it on the chain?', f.OWN),
      online_page: f.truth('Does it decide which pages go online (online_page_callback)?', f.OWN),
    },
  ),
  memory_block_groups: extents(
    'block',
    {
      title: 'Groups of memory blocks',
      meaning: 'Memory blocks that are in a group',
      struct: 'memory_block',
    },
    { mgid: f.numberRef('memory_groups', 'The group', { member: 'group' }) },
  ),
};
