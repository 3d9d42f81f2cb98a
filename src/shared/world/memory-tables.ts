import {
  address,
  choice,
  count,
  flags,
  grows,
  list,
  mask,
  nid,
  numberRef,
  orNull,
  OWN,
  pages,
  pfn,
  record,
  ref,
  scalar,
  text,
  truth,
  word,
} from './field.ts';
import { extents, keyed } from './table.ts';

/** Physical memory: what firmware says of it, and what the kernel keeps about it. */
export const MEMORY_TABLES = {
  vars: keyed(
    'name',
    { title: 'Kernel variables', meaning: 'max_pfn, max_low_pfn, totalram_pages and so on' },
    { name: text('As the kernel names it'), value: scalar('What it holds') },
  ),
  e820: extents(
    'address',
    { title: 'e820 table', meaning: 'The kernel’s own e820 table', struct: 'e820_entry' },
    {
      type: text('What firmware says the memory is'),
      // e820.c:e820_nomerge
      entry: count('Keeps entries of types that are never merged apart; 0 for the others', OWN),
    },
  ),
  numa_meminfo: extents(
    'address',
    {
      title: 'NUMA memory',
      meaning: 'Memory affinity as numa_cleanup_meminfo() left it',
      struct: 'numa_memblk',
    },
    { nid: nid('The node the memory belongs to') },
  ),
  memblock_memory: extents(
    'address',
    { title: 'memblock.memory', meaning: 'Memory memblock knows', struct: 'memblock_region' },
    {
      nid: nid('The node the memory belongs to'),
      flags: flags('MEMBLOCK_* flags: hotplug, mirror, nomap'),
    },
  ),
  memblock_reserved: extents(
    'address',
    {
      title: 'memblock.reserved',
      meaning: 'What memblock gave away or was told to keep',
      struct: 'memblock_region',
    },
    { nid: nid('The node it was reserved on'), owner: text('For whom', OWN) },
  ),
  resources: keyed(
    'id',
    { title: 'Resources', meaning: 'The iomem resource tree', struct: 'resource' },
    {
      id: count('In order of creation, from 1', OWN),
      parent: numberRef('resources', 'The resource it lies in; 0 at the top'),
      start: address('First byte'),
      end: address('Last byte, inclusive'),
      name: text('As /proc/iomem prints it'),
      flags: flags('IORESOURCE_* flags'),
      desc: text('IORES_DESC_* it is searched by'),
    },
  ),
  nodes: keyed(
    'nid',
    { title: 'Nodes', meaning: 'NUMA nodes', struct: 'pglist_data' },
    {
      nid: nid('Number of the node', { member: 'node_id' }),
      online: truth('Is it in N_ONLINE?', OWN),
      cpus: count('CPUs it has', OWN),
      node_start_pfn: pfn('First PFN of the node'),
      node_spanned_pages: pages('Pages from the first to the last, holes and ZONE_DEVICE included'),
      node_present_pages: pages('Pages of RAM'),
      first_deferred_pfn: orNull(pfn('First struct page that was left to page_alloc_init_late()')),
    },
  ),
  zones: keyed(
    'key',
    { title: 'Zones', meaning: 'Zones of every node', struct: 'zone' },
    {
      key: count('nid * 8 + index', OWN),
      nid: nid('The node it belongs to', { member: 'node' }),
      index: count('zone_idx(): its place among the zones of its node', OWN),
      name: text('DMA, DMA32, Normal, HighMem, Movable or Device'),
      zone_start_pfn: pfn('First PFN of the span; 0 while the zone is empty'),
      spanned_pages: pages('zone_end_pfn - zone_start_pfn, holes included'),
      present_pages: pages('spanned_pages without the holes; ZONE_DEVICE never has any'),
      present_early_pages: pages('Present pages that were there at boot'),
      managed_pages: pages(
        'Pages the buddy allocator was given; what this very kernel image reserved is not modelled',
      ),
      contiguous: truth('Every page block of the zone can be walked without a check'),
    },
  ),
  section_roots: extents(
    'root',
    { title: 'Section roots', meaning: 'Roots of the EXTREME section array that are allocated' },
    { nid: nid('The node the root is allocated on') },
  ),
  sections: extents(
    'section',
    { title: 'Sections', meaning: 'Runs of equal sections', struct: 'mem_section' },
    {
      nid: nid('Node the section belongs to', OWN),
      flags: word('Low bits of section_mem_map', { member: 'section_mem_map' }),
      subsection_map: mask('One bit for each 2 MiB sub-section that has pages', {
        member: 'usage.subsection_map',
      }),
      memmap: text('Where the struct pages are stored', OWN),
    },
  ),
  vmemmap: extents(
    'pfn',
    { title: 'vmemmap', meaning: 'The populated vmemmap, by the PFNs it describes' },
    {
      phys: grows(
        orNull(address('Of the first struct page; NULL where several tables alias one page')),
        64n,
      ),
      mapping: text('Size of the pages that map it'),
      source: text('Who gave the memory'),
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
      coded: address(
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
      nid: nid('Number of the node', { member: 'node_id' }),
      start_pfn: pfn('First PFN it has a struct page for, rounded to the largest order', OWN),
      end_pfn: pfn('Behind the last one, rounded as well', OWN),
      node_mem_map: address('Virtual address of the struct page of node_start_pfn'),
      phys: address('Where the array lies', OWN),
    },
  ),
  physnode_map: extents(
    'element',
    {
      title: 'physnode_map',
      meaning: 'x86_32 DISCONTIGMEM: which node has the memory; units without a record hold -1',
    },
    { nid: nid('The node') },
  ),
  direct_map: extents(
    'pfn',
    { title: 'Direct map', meaning: 'What the kernel’s direct mapping covers' },
    { by: text('Who mapped it') },
  ),
  pages: extents(
    'pfn',
    { title: 'Pages', meaning: 'Runs of equal struct pages', struct: 'page' },
    {
      state: choice(
        ['init', 'zero', 'poison'],
        'Initialised; never initialised, all bytes 0; or filled with the poison pattern',
        OWN,
      ),
      nid: nid('Node in the flags word', { member: 'flags' }),
      zone: count('Zone index in the flags word', { member: 'flags' }),
      flags: flags('PG_* bits that are set'),
      refcount: count('Users; a device page is free at its idle value', { member: '_refcount' }),
      mapcount: count('Page table entries that map it, counted from −1', { member: '_mapcount' }),
      pgmap: orNull(
        ref('pgmaps', 'The pagemap in the words of a list head; NULL where they hold a list head'),
      ),
      buddy: truth('Free in the buddy allocator; the blocks follow from the extents', {
        member: 'page_type',
      }),
      compound_order: count(
        'Order of the compound pages or allocations the extent is made of; the first of each 2^order pages has refcount, the others count 0',
        OWN,
      ),
      migratetype: text('Migratetype of its page block', OWN),
    },
  ),
  pgmaps: keyed(
    'id',
    { title: 'Pagemaps', meaning: 'Device memory with struct pages', struct: 'dev_pagemap' },
    {
      id: text('How the bench names it', OWN),
      type: text('enum memory_type without MEMORY_DEVICE_'),
      type_value: count('The number of the type in this kernel', { member: 'type' }),
      ranges: list(
        record(
          { start: address('First byte'), end: address('Last byte, inclusive') },
          'struct range',
        ),
        'What it covers',
      ),
      nr_range: count('Number of ranges'),
      flags: word('PGMAP_* flags'),
      ops: text('Which dev_pagemap_ops; empty for NULL'),
      owner: text('Whose device-private memory it is; empty for NULL'),
      vmemmap_shift: count('Order of the compound pages; 0 for single pages'),
      altmap: orNull(
        record(
          {
            base_pfn: pfn('First PFN of the memory that is set aside'),
            end_pfn: pfn('Behind the last PFN that may be used'),
            reserve: pages('Kept at the start for the driver'),
            free: pages('May hold the memmap'),
            align: pages('Used up by alignment'),
            alloc: pages('Hold the memmap'),
          },
          'struct vmem_altmap; NULL without one',
        ),
      ),
      ref: count('percpu_ref: pages or users, with external_ref those through this pagemap'),
      ref_dead: truth('percpu_ref: was it killed?', { member: 'ref' }),
      external_ref: ref(
        'percpu_refs',
        'The driver’s own reference that stands in for it (4.5 to 5.16)',
        { member: 'ref' },
      ),
      device: ref('devices', 'Whose memory it is', OWN),
      nid: nid('The node its pages are on', OWN),
    },
  ),
  pgmap_array: extents(
    'pfn',
    { title: 'pgmap_array', meaning: 'Which pagemap get_dev_pagemap() finds for a PFN' },
    { pgmap: ref('pgmaps', 'The pagemap') },
  ),
  memory_blocks: extents(
    'block',
    { title: 'Memory blocks', meaning: 'Memory blocks with equal state', struct: 'memory_block' },
    {
      state: text('online, offline, or what it is going to be'),
      nid: nid('Its node'),
      zone: orNull(text('The zone of all its pages; NULL: several zones or nodes')),
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
      mgid: count('Number of the group', OWN),
      nid: nid('Its node'),
      is_dynamic: truth('Does it grow and shrink in units?'),
      pages: pages('At most, in a static group; of a unit, in a dynamic one', {
        member: 's.max_pages',
      }),
      present_kernel_pages: pages('Online outside ZONE_MOVABLE'),
      present_movable_pages: pages('Online in ZONE_MOVABLE'),
    },
  ),
  memory_block_groups: extents(
    'block',
    {
      title: 'Groups of memory blocks',
      meaning: 'Memory blocks that are in a group',
      struct: 'memory_block',
    },
    { mgid: numberRef('memory_groups', 'The group', { member: 'group' }) },
  ),
};
