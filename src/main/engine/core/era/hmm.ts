import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** 27674ef6c73f, merged for 5.18. */
const NO_EXTRA_REFERENCE = '5.18';

/** Device memory, migration to it, mirrors of address spaces. */
export const hmmSwitches = {
  migrate_vma_api: eraSwitch({
    title: 'migrate_vma: absent, one call with callbacks, or setup, pages and finalize',
    changed: [
      {
        commit: 'mm/migrate: new memory migration helper for use with device memory',
        release: '4.14',
      },
      { commit: 'mm: turn migrate_vma upside down', release: '5.4' },
    ],
    value: ({ version }) => {
      if (since(version, '5.4')) return 'setup';
      return since(version, '4.14') ? 'callbacks' : 'none';
    },
  }),
  hmm_devmem: eraSwitch({
    title: 'hmm_devmem_add and hmm_devmem_add_resource make device memory',
    changed: [
      { commit: 'mm/hmm/devmem: device memory hotplug using ZONE_DEVICE', release: '4.14' },
      { commit: 'mm: remove the HMM config option; mm/hmm: remove hmm_devmem_add', release: '5.3' },
    ],
    value: ({ version }) => since(version, '4.14') && !since(version, '5.3'),
  }),
  device_fault_op: eraSwitch({
    title: 'Name of the callback that brings a device page back when the CPU faults on it',
    changed: [
      {
        commit: 'memremap: add a migrate_to_ram method to struct dev_pagemap_ops',
        release: '5.3',
      },
    ],
    value: ({ version }) => (since(version, '5.3') ? 'migrate_to_ram' : 'page_fault'),
  }),
  migrate_vma_select: eraSwitch({
    title:
      'How migrate_vma chooses sources: everything, src_owner, or select flags and pgmap_owner',
    changed: [
      {
        commit: 'mm: handle multiple owners of device private pages in migrate_vma',
        release: '5.7',
      },
      { commit: 'mm/migrate: add a flags parameter to migrate_vma', release: '5.9' },
    ],
    value: ({ version }) => {
      if (since(version, '5.9')) return 'flags';
      return since(version, '5.7') ? 'src_owner' : 'all';
    },
  }),
  migrate_coherent: eraSwitch({
    title: 'MIGRATE_VMA_SELECT_DEVICE_COHERENT, and longterm pins move coherent pages out',
    changed: [
      { commit: 'mm: add zone device coherent type memory support', release: '6.0' },
      {
        commit: 'mm/gup: migrate device coherent pages when pinning instead of failing',
        release: '6.0',
      },
    ],
    value: ({ version }) => since(version, '6.0'),
  }),
  migrate_device_range: eraSwitch({
    title: 'A driver can migrate device pages by PFN: migrate_device_range',
    changed: [
      {
        commit: 'mm/migrate_device.c: add migrate_device_range()',
        release: '6.1',
      },
    ],
    value: ({ version }) => since(version, '6.1'),
  }),
  migrate_splits_mapped_folios: eraSwitch({
    title: 'migrate_vma splits large folios that are mapped page by page; before, it leaves them',
    changed: [
      {
        commit: 'mm/migrate_device: split folios that are mapped by PTEs (migrate_vma_split_folio)',
        release: 'between 6.12 and 6.18',
      },
    ],
    value: ({ version }) => since(version, '6.15'),
  }),
  migrate_refuses_dax: eraSwitch({
    title: 'migrate_vma asks whether the file is DAX; before, VM_MIXEDMAP said so',
    changed: [{ commit: 'dax: remove VM_MIXEDMAP for fsdax and device dax', release: '4.19' }],
    value: ({ version }) => since(version, '4.19'),
  }),
  device_fault_page: eraSwitch({
    title: 'A fault on a device private page holds: nothing, a reference, a reference and its lock',
    changed: [
      {
        commit: 'mm/memory.c: fix race when faulting a device private page',
        release: '6.1',
      },
      { commit: 'mm/migrate: Trylock device page in do_swap_page', release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'locked';
      return since(version, '6.1') ? 'reference' : 'none';
    },
  }),
  migrate_check_private: eraSwitch({
    title: 'migrate_vma_check_page counts references of device private pages too',
    changed: [
      {
        commit: 'mm/migrate.c: rework migration_entry_wait() to not take a pageref',
        release: '5.17',
      },
    ],
    value: ({ version }) => since(version, '5.17'),
  }),
  device_page_allocation: eraSwitch({
    title: 'How a driver readies a free device page: get_page, as it is, or zone_device_page_init',
    changed: [
      {
        commit: 'mm: remove the extra ZONE_DEVICE struct page refcount',
        release: NO_EXTRA_REFERENCE,
      },
      { commit: 'mm: free device private pages have zero refcount', release: '6.1' },
    ],
    value: ({ version }) => {
      if (since(version, '6.1')) return 'zone_device_page_init';
      return since(version, NO_EXTRA_REFERENCE) ? 'as_is' : 'get_page';
    },
  }),
  device_exclusive: eraSwitch({
    title: 'Exclusive access for a device: absent, over a range, or page by page',
    changed: [
      { commit: 'mm: device exclusive memory access', release: '5.14' },
      {
        commit: 'mm/rmap: convert make_device_exclusive_range() to make_device_exclusive()',
        release: '6.15',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'make_device_exclusive';
      return since(version, '5.14') ? 'make_device_exclusive_range' : 'none';
    },
  }),
  device_private_folios: eraSwitch({
    title: 'Device private folios of the PMD size: MIGRATE_VMA_SELECT_COMPOUND',
    changed: [
      {
        commit: 'mm/migrate_device: implement THP migration of zone device pages',
        release: '6.19',
      },
    ],
    value: ({ version }) => since(version, '6.19'),
  }),
  hmm_range_fault: eraSwitch({
    title:
      'Names of the functions that fill a mirror: hmm_vma_*, hmm_range_snapshot, hmm_range_fault',
    changed: [
      {
        commit: 'mm/hmm: improve and rename hmm_vma_get_pfns() to hmm_range_snapshot()',
        release: '5.2',
      },
      {
        commit: 'mm/hmm: remove hmm_range_snapshot and hmm_range_fault differences',
        release: '5.4',
      },
    ],
    value: ({ version }) => {
      if (since(version, '5.4')) return 'hmm_range_fault';
      return since(version, '5.2') ? 'hmm_range_snapshot' : 'hmm_vma_get_pfns';
    },
  }),
  hmm_mirror: eraSwitch({
    title: 'Drivers mirror through hmm_mirror_register; later through mmu_interval_notifier_insert',
    changed: [
      {
        commit: 'mm/hmm/mirror: mirror process address space on device with HMM helpers',
        release: '4.14',
      },
      { commit: 'mm/hmm: remove hmm_mirror and related', release: '5.5' },
    ],
    value: ({ version }) => since(version, '4.14') && !since(version, '5.5'),
  }),
  swp_migration_num: eraSwitch({
    title: 'Swap types that migration takes (SWP_MIGRATION_NUM)',
    changed: [
      {
        commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
        release: '5.19',
      },
    ],
    value: ({ version }) => (since(version, '5.19') ? 3 : 2),
  }),
  swp_device_num: eraSwitch({
    title: 'Swap types of device private and device exclusive entries (SWP_DEVICE_NUM)',
    changed: [
      {
        commit: 'mm/ZONE_DEVICE: new type of ZONE_DEVICE for unaddressable memory',
        release: '4.14',
      },
      { commit: 'mm: device exclusive memory access', release: '5.14' },
      { commit: 'mm: use single SWP_DEVICE_EXCLUSIVE entry type', release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 3;
      if (since(version, '5.14')) return 4;
      return since(version, '4.14') ? 2 : 0;
    },
  }),
  swp_pte_marker_num: eraSwitch({
    title: 'Swap types of PTE markers (SWP_PTE_MARKER_NUM)',
    changed: [{ commit: 'mm: introduce PTE_MARKER swap entry', release: '5.19' }],
    value: ({ version }) => (since(version, '5.19') ? 1 : 0),
  }),
  swp_swapin_error_num: eraSwitch({
    title: 'Swap types of swap-in errors (SWP_SWAPIN_ERROR_NUM)',
    changed: [
      { commit: 'mm/swapfile: unuse_pte can map random data if swap read fails', release: '5.19' },
      { commit: 'mm: use pte markers for swap errors', release: '6.2' },
    ],
    value: ({ version }) => (since(version, '5.19') && !since(version, '6.2') ? 1 : 0),
  }),
} as const;
