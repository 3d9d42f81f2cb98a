import { since, steps } from './switch.ts';
import { subject } from './subject.ts';

export const hmm = subject('Device memory, migration to it, mirrors of address spaces', {
  migrate_vma_api: steps({
    title: 'migrate_vma: absent, one call with callbacks, or setup, pages and finalize',
    first: 'none',
    '4.14': {
      to: 'callbacks',
      commit: 'mm/migrate: new memory migration helper for use with device memory',
    },
    '5.4': { to: 'setup', commit: 'mm: turn migrate_vma upside down' },
  }),
  hmm_devmem: steps({
    title: 'hmm_devmem_add and hmm_devmem_add_resource make device memory',
    first: false,
    '4.14': { to: true, commit: 'mm/hmm/devmem: device memory hotplug using ZONE_DEVICE' },
    '5.3': { to: false, commit: 'mm: remove the HMM config option; mm/hmm: remove hmm_devmem_add' },
  }),
  device_fault_op: steps({
    title: 'Name of the callback that brings a device page back when the CPU faults on it',
    first: 'page_fault',
    '5.3': {
      to: 'migrate_to_ram',
      commit: 'memremap: add a migrate_to_ram method to struct dev_pagemap_ops',
    },
  }),
  migrate_vma_select: steps({
    title:
      'How migrate_vma chooses sources: everything, src_owner, or select flags and pgmap_owner',
    first: 'all',
    '5.7': {
      to: 'src_owner',
      commit: 'mm: handle multiple owners of device private pages in migrate_vma',
    },
    '5.9': { to: 'flags', commit: 'mm/migrate: add a flags parameter to migrate_vma' },
  }),
  migrate_coherent: since('6.0', {
    title: 'MIGRATE_VMA_SELECT_DEVICE_COHERENT, and longterm pins move coherent pages out',
    commit: [
      'mm: add zone device coherent type memory support',
      'mm/gup: migrate device coherent pages when pinning instead of failing',
    ],
  }),
  migrate_device_range: since('6.1', {
    title: 'A driver can migrate device pages by PFN: migrate_device_range',
    commit: 'mm/migrate_device.c: add migrate_device_range()',
  }),
  migrate_device_pfn_lock: since('6.15', {
    title: 'migrate_device_range() locks pages in a function of its own',
    commit: 'migrate_device_pfn_lock(), which migrate_device_pfns() uses too',
    between: ['6.12', '7.2'],
    untitled: true,
  }),
  migrate_splits_mapped_folios: since('6.19', {
    title: 'migrate_vma splits large folios that are mapped page by page; before, it leaves them',
    commit: 'mm/migrate_device: handle partially mapped folios during collection',
    between: ['6.12', '7.2'],
  }),
  is_device_private_entry: steps({
    title: 'Name of what asks whether an entry is a device private one',
    first: 'is_device_private_entry',
    '6.19': {
      to: 'softleaf_is_device_private',
      commit: 'is_device_private_entry() is softleaf_is_device_private()',
      between: ['6.12', '7.2'],
      untitled: true,
    },
  }),
  page_pgmap: since('6.14', {
    title: 'page_pgmap() says whose a device page is; before, page->pgmap is read',
    commit: 'page_pgmap(), for a pagemap that stands in the folio',
    between: ['6.12', '7.2'],
    untitled: true,
  }),
  migrate_refuses_dax: since('4.19', {
    title: 'migrate_vma asks whether the file is DAX; before, VM_MIXEDMAP said so',
    commit: 'dax: remove VM_MIXEDMAP for fsdax and device dax',
  }),
  device_fault_page: steps({
    title:
      'A fault on a device private page holds: nothing, a reference, or a reference and its lock; ' +
      'who finds it locked faults again, or sleeps until it is not',
    first: 'none',
    '6.1': { to: 'reference', commit: 'mm/memory.c: fix race when faulting a device private page' },
    '6.15': { to: 'locked', commit: 'mm/migrate: Trylock device page in do_swap_page' },
    '7.0': {
      to: 'locked, or sleeps',
      commit: 'mm: Fix a hmm_range_fault() livelock / starvation problem',
    },
  }),
  migrate_check_private: since('5.17', {
    title: 'migrate_vma_check_page counts references of device private pages too',
    commit: 'mm/migrate.c: rework migration_entry_wait() to not take a pageref',
  }),
  device_page_allocation: steps({
    title: 'How a driver readies a free device page: get_page, as it is, or zone_device_page_init',
    first: 'get_page',
    '5.18': { to: 'as_is', commit: 'mm: remove the extra ZONE_DEVICE struct page refcount' },
    '6.1': {
      to: 'zone_device_page_init',
      commit: 'mm: free device private pages have zero refcount',
    },
  }),
  device_exclusive: steps({
    title: 'Exclusive access for a device: absent, over a range, or page by page',
    first: 'none',
    '5.14': { to: 'make_device_exclusive_range', commit: 'mm: device exclusive memory access' },
    '6.15': {
      to: 'make_device_exclusive',
      commit: 'mm/rmap: convert make_device_exclusive_range() to make_device_exclusive()',
    },
  }),
  device_private_folios: since('6.19', {
    title: 'Device private folios of the PMD size: MIGRATE_VMA_SELECT_COMPOUND',
    commit: 'mm/migrate_device: implement THP migration of zone device pages',
  }),
  hmm_range_fault: steps({
    title:
      'Names of the functions that fill a mirror: hmm_vma_*, hmm_range_snapshot, hmm_range_fault',
    first: 'hmm_vma_get_pfns',
    '5.2': {
      to: 'hmm_range_snapshot',
      commit: 'mm/hmm: improve and rename hmm_vma_get_pfns() to hmm_range_snapshot()',
    },
    '5.4': {
      to: 'hmm_range_fault',
      commit: 'mm/hmm: remove hmm_range_snapshot and hmm_range_fault differences',
    },
  }),
  hmm_mirror: steps({
    title: 'Drivers mirror through hmm_mirror_register; later through mmu_interval_notifier_insert',
    first: false,
    '4.14': {
      to: true,
      commit: 'mm/hmm/mirror: mirror process address space on device with HMM helpers',
    },
    '5.5': { to: false, commit: 'mm/hmm: remove hmm_mirror and related' },
  }),
  swp_migration_num: steps({
    title: 'Swap types that migration takes (SWP_MIGRATION_NUM)',
    first: 2,
    '5.19': {
      to: 3,
      commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
    },
  }),
  swp_device_num: steps({
    title: 'Swap types of device private and device exclusive entries (SWP_DEVICE_NUM)',
    first: 0,
    '4.14': { to: 2, commit: 'mm/ZONE_DEVICE: new type of ZONE_DEVICE for unaddressable memory' },
    '5.14': { to: 4, commit: 'mm: device exclusive memory access' },
    '6.15': { to: 3, commit: 'mm: use single SWP_DEVICE_EXCLUSIVE entry type' },
  }),
  swp_pte_marker_num: steps({
    title: 'Swap types of PTE markers (SWP_PTE_MARKER_NUM)',
    first: 0,
    '5.19': { to: 1, commit: 'mm: introduce PTE_MARKER swap entry' },
  }),
  swp_swapin_error_num: steps({
    title: 'Swap types of swap-in errors (SWP_SWAPIN_ERROR_NUM)',
    first: 0,
    '5.19': { to: 1, commit: 'mm/swapfile: unuse_pte can map random data if swap read fails' },
    '6.2': { to: 0, commit: 'mm: use pte markers for swap errors' },
  }),
});
