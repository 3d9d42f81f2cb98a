import { since, steps, until } from './switch.ts';
import { subject } from './subject.ts';

export const pgmap = subject('memremap_pages() and the hotplug path under it', {
  memory_device_types: steps({
    title: 'Values of enum memory_type',
    first: 'HOST=0 PRIVATE=1 PUBLIC=2',
    '4.18': {
      to: 'PRIVATE=1 PUBLIC=2 FS_DAX=3',
      commit: 'mm: introduce MEMORY_DEVICE_FS_DAX and CONFIG_DEV_PAGEMAP_OPS',
    },
    '4.20': {
      to: 'PRIVATE=1 PUBLIC=2 FS_DAX=3 PCI_P2PDMA=4',
      commit: 'PCI/P2PDMA: Support peer-to-peer memory',
    },
    '5.3': {
      to: 'PRIVATE=1 FS_DAX=2 DEVDAX=3 PCI_P2PDMA=4',
      commit: 'mm: remove MEMORY_DEVICE_PUBLIC support',
    },
    '5.9': {
      to: 'PRIVATE=1 FS_DAX=2 GENERIC=3 PCI_P2PDMA=4',
      commit: 'memremap: rename MEMORY_DEVICE_DEVDAX to MEMORY_DEVICE_GENERIC',
    },
    '6.0': {
      to: 'PRIVATE=1 COHERENT=2 FS_DAX=3 GENERIC=4 PCI_P2PDMA=5',
      commit: 'mm: add zone device coherent type memory support',
    },
  }),
  pagemap_free_op: steps({
    title: 'Name of the dev_pagemap_ops callback that takes a free page back',
    first: 'page_free',
    '6.19': {
      to: 'folio_free',
      commit: 'mm/zone_device: rename page_free callback to folio_free',
    },
  }),
  pagemap_type_checked: since('5.3', {
    title: 'memremap_pages checks what each type demands',
    commit: 'memremap: validate the pagemap type passed to devm_memremap_pages',
  }),
  pagemap_owner_required: since('5.7', {
    title: 'MEMORY_DEVICE_PRIVATE needs an owner',
    commit: 'mm: handle multiple owners of device private pages in migrate_vma',
  }),
  fsdax_free_op_required: until('5.6', {
    title: 'MEMORY_DEVICE_FS_DAX needs a page_free callback',
    commit: 'mm: Cleanup __put_devmap_managed_page() vs ->page_free()',
  }),
  check_pfn_span_reason: until('6.0', {
    title: 'The warning about a misaligned span says "add" or "remove", not the function',
    commit: "mm/memory_hotplug: drop 'reason' argument from check_pfn_span()",
  }),
  pagemap_has_ranges: since('5.10', {
    title: 'One dev_pagemap may hold several ranges',
    commit: 'mm/memremap_pages: support multiple ranges per invocation',
  }),
  pagemap_conflict_errno: steps({
    title: 'Errno for a range that another pagemap has; before 4.20 every page is looked at',
    first: 'EBUSY',
    '4.20': { to: 'ENOMEM', commit: 'memremap: Convert to XArray' },
  }),
  pagemap_on_ram: until('5.0', {
    title: 'memremap_pages on a range of System RAM returns the direct mapping',
    commit: 'mm, devm_memremap_pages: kill mapping "System RAM" support',
  }),
  pagemap_ref_per_page: steps({
    title: 'Every device page holds a reference on its pagemap until its own count is 0',
    first: false,
    '4.12': {
      to: true,
      commit:
        'mm, zone_device: Replace {get, put}_zone_device_page() with a single reference to fix pmem crash',
    },
    '5.18': { to: false, commit: 'mm: remove the extra ZONE_DEVICE struct page refcount' },
  }),
  pagemap_ref_skips_private: since('6.1', {
    title: 'Idle PRIVATE and COHERENT pages hold no reference on their pagemap',
    commit: 'mm/memremap.c: take a pgmap reference on page allocation',
  }),
  private_idle_refcount: steps({
    title: 'Reference count of an idle device-private or device-coherent page',
    first: 1,
    '6.1': { to: 0, commit: 'mm: free device private pages have zero refcount' },
  }),
  p2pdma_idle_refcount: steps({
    title: 'Reference count of an idle PCI peer-to-peer page',
    first: 1,
    '6.15': { to: 0, commit: "pci/p2pdma: don't initialise page refcount to one" },
  }),
  pagemap_pfn_tracking: steps({
    title: 'What tells PAT about a pagemap: track_pfn_remap or pfnmap_track',
    first: 'track_pfn',
    '6.16': {
      to: 'pfnmap',
      commit: 'mm: introduce pfnmap_track() and pfnmap_untrack() and use them for memremap',
      between: ['6.14', '6.18'],
    },
  }),
  region_intersects_descends: since('6.12', {
    title: 'region_intersects looks below resources that do not match',
    commit: 'resource: fix region_intersects() vs add_memory_driver_managed()',
    backports: ['6.11.3', '6.1.113', '5.15.168', '5.10.227'],
  }),
  request_free_mem_region: since('5.3', {
    title: 'The search for a free range is a function of the resource tree, not of hmm_devmem_add',
    commit: 'mm: factor out a devm_request_free_mem_region helper',
  }),
  alloc_free_mem_region: since('6.0', {
    title: 'A bus can look for a free range below a resource of its own, from its start up',
    commit: 'resource: Introduce alloc_free_mem_region()',
  }),
  free_region_aligned: since('6.7', {
    title: 'The search for a free range steps by the alignment; older kernels step by the size',
    commit: 'kernel/resource: Increment by align value in get_free_mem_region()',
    backports: ['6.6.11'],
  }),
  free_region_of_iomem: since('6.12', {
    title: 'alloc_free_mem_region() finds a range below a resource that begins at address 0',
    commit: 'resource: Make alloc_free_mem_region() works for iomem_resource',
    between: ['6.1', '6.12'],
  }),
  mhp_range_checked: since('5.12', {
    title: 'memremap_pages asks mhp_range_allowed before it adds memory',
    commit: 'mm/memory_hotplug: prevalidate the address range being added with platform',
  }),
  section_taint_zone_device: since('5.12', {
    title: 'Sections that a ZONE_DEVICE range fills in part are marked',
    commit: 'mm: teach pfn_to_online_page() about ZONE_DEVICE section collisions',
  }),
  device_zone_shrinks: until('5.4', {
    title: 'Zone Device gives up its span when memory at its ends goes',
    commit: "mm/memory_hotplug: don't access uninitialized memmaps in shrink_zone_span()",
  }),
  compound_devmap_dedup: since('5.19', {
    title: 'The memmap of compound device pages shares its tail pages',
    commit: 'mm/sparse-vmemmap: improve memory savings for compound devmaps',
  }),
  compound_devmap: since('5.17', {
    title: 'dev_pagemap has vmemmap_shift: device pages may be compound',
    commit: 'mm/memremap: add ZONE_DEVICE support for compound pages',
  }),
  vmemmap_shift_bounded: since('6.18', {
    title: 'memremap_pages refuses a vmemmap_shift above MAX_FOLIO_ORDER',
    commit: 'mm/memremap: reject unreasonable folio/compound page sizes in memremap_pages()',
    between: ['6.12', '7.2'],
  }),
  nr_memmap_pages: steps({
    title: '/proc/vmstat counts memmap pages; a failed populate takes off what it never added',
    first: 'none',
    '6.11': { to: 'underflows', commit: "mm: don't account memmap per-node" },
    '7.2': {
      to: 'counted',
      commit: 'mm/sparse-vmemmap: fix vmemmap accounting underflow',
      backports: ['6.12.101'],
      between: ['6.18', '7.2'],
    },
  }),
});
