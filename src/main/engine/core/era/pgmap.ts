import { eraSwitch } from './switch.ts';
import { carries, since } from './version.ts';

/** What memremap_pages and the hotplug path under it did differently over time. */
export const pgmapSwitches = {
  memory_device_types: eraSwitch({
    title: 'Values of enum memory_type',
    changed: [
      { commit: 'mm: introduce MEMORY_DEVICE_FS_DAX and CONFIG_DEV_PAGEMAP_OPS', release: '4.18' },
      { commit: 'PCI/P2PDMA: Support peer-to-peer memory', release: '4.20' },
      { commit: 'mm: remove MEMORY_DEVICE_PUBLIC support', release: '5.3' },
      {
        commit: 'memremap: rename MEMORY_DEVICE_DEVDAX to MEMORY_DEVICE_GENERIC',
        release: 'between 5.3 and 5.10',
      },
      { commit: 'mm: add zone device coherent type memory support', release: '6.0' },
    ],
    value: ({ version }) => {
      if (since(version, '6.0')) return 'PRIVATE=1 COHERENT=2 FS_DAX=3 GENERIC=4 PCI_P2PDMA=5';
      if (since(version, '5.10')) return 'PRIVATE=1 FS_DAX=2 GENERIC=3 PCI_P2PDMA=4';
      if (since(version, '5.3')) return 'PRIVATE=1 FS_DAX=2 DEVDAX=3 PCI_P2PDMA=4';
      if (since(version, '4.20')) return 'PRIVATE=1 PUBLIC=2 FS_DAX=3 PCI_P2PDMA=4';
      if (since(version, '4.18')) return 'PRIVATE=1 PUBLIC=2 FS_DAX=3';
      return 'HOST=0 PRIVATE=1 PUBLIC=2';
    },
  }),
  pagemap_free_op: eraSwitch({
    title: 'Name of the dev_pagemap_ops callback that takes a free page back',
    changed: [
      {
        commit: 'mm/zone_device: rename page_free callback to folio_free',
        release: 'between 6.18 and 7.2',
      },
    ],
    value: ({ version }) => (since(version, '6.19') ? 'folio_free' : 'page_free'),
  }),
  pagemap_type_checked: eraSwitch({
    title: 'memremap_pages checks what each type demands',
    changed: [
      {
        commit: 'memremap: validate the pagemap type passed to devm_memremap_pages',
        release: '5.3',
      },
    ],
    value: ({ version }) => since(version, '5.3'),
  }),
  pagemap_owner_required: eraSwitch({
    title: 'MEMORY_DEVICE_PRIVATE needs an owner',
    changed: [
      {
        commit: 'mm: handle multiple owners of device private pages in migrate_vma',
        release: '5.7',
      },
    ],
    value: ({ version }) => since(version, '5.7'),
  }),
  fsdax_free_op_required: eraSwitch({
    title: 'MEMORY_DEVICE_FS_DAX needs a page_free callback',
    changed: [
      { commit: 'mm: Cleanup __put_devmap_managed_page() vs ->page_free()', release: '5.6' },
    ],
    value: ({ version }) => !since(version, '5.6'),
  }),
  check_pfn_span_reason: eraSwitch({
    title: 'The warning about a misaligned span says "add" or "remove", not the function',
    changed: [
      {
        commit: "mm/memory_hotplug: drop 'reason' argument from check_pfn_span()",
        release: '6.0',
      },
    ],
    value: ({ version }) => !since(version, '6.0'),
  }),
  pagemap_has_ranges: eraSwitch({
    title: 'One dev_pagemap may hold several ranges',
    changed: [
      { commit: 'mm/memremap_pages: support multiple ranges per invocation', release: '5.10' },
    ],
    value: ({ version }) => since(version, '5.10'),
  }),
  pagemap_conflict_errno: eraSwitch({
    title: 'Errno for a range that another pagemap has; before 4.20 every page is looked at',
    changed: [{ commit: 'memremap: Convert to XArray', release: '4.20' }],
    value: ({ version }) => (since(version, '4.20') ? 'ENOMEM' : 'EBUSY'),
  }),
  pagemap_on_ram: eraSwitch({
    title: 'memremap_pages on a range of System RAM returns the direct mapping',
    changed: [
      {
        commit: 'mm, devm_memremap_pages: kill mapping "System RAM" support',
        release: 'between 4.20 and 5.1',
      },
    ],
    value: ({ version }) => !since(version, '5.1'),
  }),
  pagemap_ref_per_page: eraSwitch({
    title: 'Every device page holds a reference on its pagemap until its own count is 0',
    changed: [
      {
        commit:
          'mm, zone_device: Replace {get, put}_zone_device_page() with a single reference to fix pmem crash',
        release: '4.12',
      },
      { commit: 'mm: remove the extra ZONE_DEVICE struct page refcount', release: '5.18' },
    ],
    value: ({ version }) => since(version, '4.12') && !since(version, '5.18'),
  }),
  pagemap_ref_skips_private: eraSwitch({
    title: 'Idle PRIVATE and COHERENT pages hold no reference on their pagemap',
    changed: [
      { commit: 'mm/memremap.c: take a pgmap reference on page allocation', release: '6.1' },
    ],
    value: ({ version }) => since(version, '6.1'),
  }),
  private_idle_refcount: eraSwitch({
    title: 'Reference count of an idle device-private or device-coherent page',
    changed: [{ commit: 'mm: free device private pages have zero refcount', release: '6.1' }],
    value: ({ version }) => (since(version, '6.1') ? 0 : 1),
  }),
  p2pdma_idle_refcount: eraSwitch({
    title: 'Reference count of an idle PCI peer-to-peer page',
    changed: [{ commit: "pci/p2pdma: don't initialise page refcount to one", release: '6.15' }],
    value: ({ version }) => (since(version, '6.15') ? 0 : 1),
  }),
  pagemap_pfn_tracking: eraSwitch({
    title: 'What tells PAT about a pagemap: track_pfn_remap or pfnmap_track',
    changed: [
      {
        commit: 'x86/mm/pat: introduce pfnmap_track() and pfnmap_untrack()',
        release: 'between 6.14 and 6.18',
      },
    ],
    value: ({ version }) => (since(version, '6.16') ? 'pfnmap' : 'track_pfn'),
  }),
  region_intersects_descends: eraSwitch({
    title: 'region_intersects looks below resources that do not match',
    changed: [
      {
        commit: 'resource: fix region_intersects() vs add_memory_driver_managed()',
        release: '6.12, and in 6.1.113 and 5.15.168',
      },
    ],
    value: ({ version }) => carries(version, '6.12', ['6.1.113', '5.15.168']),
  }),
  request_free_mem_region: eraSwitch({
    title: 'The search for a free range is a function of the resource tree, not of hmm_devmem_add',
    changed: [{ commit: 'mm: factor out a devm_request_free_mem_region helper', release: '5.3' }],
    value: ({ version }) => since(version, '5.3'),
  }),
  free_region_aligned: eraSwitch({
    title: 'request_free_mem_region steps by sections; older kernels step by the size',
    changed: [{ commit: 'resource: introduce alloc_free_mem_region()', release: '6.0' }],
    value: ({ version }) => since(version, '6.0'),
  }),
  mhp_range_checked: eraSwitch({
    title: 'memremap_pages asks mhp_range_allowed before it adds memory',
    changed: [
      {
        commit: 'mm/memory_hotplug: prevalidate the address range being added with platform',
        release: '5.12',
      },
    ],
    value: ({ version }) => since(version, '5.12'),
  }),
  section_taint_zone_device: eraSwitch({
    title: 'Sections that a ZONE_DEVICE range fills in part are marked',
    changed: [
      {
        commit: 'mm: teach pfn_to_online_page() about ZONE_DEVICE section collisions',
        release: '5.12',
      },
    ],
    value: ({ version }) => since(version, '5.12'),
  }),
  device_zone_shrinks: eraSwitch({
    title: 'Zone Device gives up its span when memory at its ends goes',
    changed: [
      {
        commit: "mm/memory_hotplug: don't access uninitialized memmaps in shrink_zone_span()",
        release: '5.4',
      },
    ],
    value: ({ version }) => !since(version, '5.4'),
  }),
  compound_devmap_dedup: eraSwitch({
    title: 'The memmap of compound device pages shares its tail pages',
    changed: [
      {
        commit: 'mm/sparse-vmemmap: improve memory savings for compound devmaps',
        release: '5.19',
      },
    ],
    value: ({ version }) => since(version, '5.19'),
  }),
  compound_devmap: eraSwitch({
    title: 'dev_pagemap has vmemmap_shift: device pages may be compound',
    changed: [
      { commit: 'mm/memremap: add ZONE_DEVICE support for compound pages', release: '5.17' },
    ],
    value: ({ version }) => since(version, '5.17'),
  }),
  vmemmap_shift_bounded: eraSwitch({
    title: 'memremap_pages refuses a vmemmap_shift above MAX_FOLIO_ORDER',
    changed: [
      {
        commit: 'mm/memremap: reject unreasonable folio/compound page sizes in memremap_pages()',
        release: 'between 6.12 and 7.2',
      },
    ],
    value: ({ version }) => since(version, '6.18'),
  }),
  nr_memmap_pages: eraSwitch({
    title: '/proc/vmstat counts memmap pages; a failed populate takes off what it never added',
    changed: [
      { commit: "mm: don't account memmap per-node", release: '6.11' },
      {
        commit: 'mm/sparse-vmemmap: fix vmemmap accounting underflow',
        release: 'between 6.18 and 7.2',
      },
    ],
    value: ({ version }) =>
      since(version, '7.2') ? 'counted' : since(version, '6.11') ? 'underflows' : 'none',
  }),
} as const;
