import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** Address spaces: faults, copy on write, fork. */
export const mmSwitches = {
  user_fault_entry: eraSwitch({
    title: 'Name of the function where a page fault of a user address arrives (x86)',
    changed: [{ commit: 'x86/mm: Break out user address space handling', release: '4.20' }],
    value: ({ version, arch }) =>
      arch.startsWith('x86') && since(version, '4.20') ? 'do_user_addr_fault' : 'do_page_fault',
  }),
  kernel_clone: eraSwitch({
    title: 'Name of the function behind fork() and clone()',
    changed: [{ commit: 'fork: introduce kernel_clone()', release: '5.10' }],
    value: ({ version }) => (since(version, '5.10') ? 'kernel_clone' : '_do_fork'),
  }),
  mprotect_keeps_writable: eraSwitch({
    title: 'mprotect leaves exclusive anonymous pages writable: none, dirty ones, or all',
    changed: [
      {
        commit:
          'mm/mprotect: try avoiding write faults for exclusive anonymous pages when changing protection',
        release: '6.0',
      },
      {
        commit: 'mm/mprotect: allow clean exclusive anon pages to be writable',
        release: '6.2',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.2')) return 'all';
      return since(version, '6.0') ? 'dirty' : 'none';
    },
  }),
  thp_migration: eraSwitch({
    title: 'Huge pages migrate whole, with migration entries in the PMD; before, they are split',
    changed: [{ commit: 'mm: thp: enable thp migration in generic path', release: '4.14' }],
    value: ({ version }) => since(version, '4.14'),
  }),
  migrate_batched: eraSwitch({
    title: 'Pages are unmapped together before they are moved (migrate_pages_batch)',
    changed: [{ commit: 'migrate_pages: batch _unmap and _move', release: '6.3' }],
    value: ({ version }) => since(version, '6.3'),
  }),
  device_pages_counted_extra: eraSwitch({
    title: 'Migration expects one reference more of a device page (idle at 1)',
    changed: [{ commit: 'mm: remove the extra ZONE_DEVICE struct page refcount', release: '5.18' }],
    value: ({ version }) => !since(version, '5.18'),
  }),
  folio_try_share_anon_rmap: eraSwitch({
    title:
      'Name of the function that keeps exclusive pages which may be pinned from being unmapped',
    changed: [
      {
        commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
        release: '5.19',
      },
      {
        commit:
          'mm/rmap: convert page_try_share_anon_rmap() to folio_try_share_anon_rmap_[pte|pmd]()',
        release: '6.8',
      },
    ],
    value: ({ version }) =>
      since(version, '6.8') ? 'folio_try_share_anon_rmap_pte' : 'page_try_share_anon_rmap',
  }),
  vma_migratable_refuses_dax: eraSwitch({
    title: 'Pages of files whose data is device memory are not for move_pages(2) or NUMA balancing',
    changed: [{ commit: 'mm: disable numa migration faults for dax vmas', release: '4.10' }],
    value: ({ version }) => since(version, '4.10'),
  }),
  add_folio_for_migration: eraSwitch({
    title: 'Name of the function in which move_pages(2) looks pages up and isolates them',
    changed: [
      { commit: 'mm, numa: rework do_pages_move', release: '4.17' },
      {
        commit: 'mm/migrate: convert add_page_for_migration() from follow_page() to folio_walk',
        release: '6.12',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.12')) return 'add_folio_for_migration';
      return since(version, '4.17') ? 'add_page_for_migration' : 'do_move_page_to_node_array';
    },
  }),
  move_pages_skips_device: eraSwitch({
    title: 'move_pages(2) passes device pages over before it tries to isolate them',
    changed: [{ commit: 'mm: handling Non-LRU pages returned by vm_normal_pages', release: '6.0' }],
    value: ({ version }) => since(version, '6.0'),
  }),
  do_munmap: eraSwitch({
    title: 'Name of the function that unmaps a range',
    changed: [
      { commit: 'mm/mmap: reorganize munmap to use maple states', release: '6.1' },
      {
        commit: 'mmap: change do_mas_munmap and do_mas_aligned_munmap() to use vma iterator',
        release: '6.3',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.3')) return 'do_vmi_munmap';
      return since(version, '6.1') ? 'do_mas_munmap' : 'do_munmap';
    },
  }),
  madvise_advice: eraSwitch({
    title: 'Advice of madvise(2) on pages: MADV_FREE, MADV_COLD',
    changed: [
      { commit: 'mm: support madvise(MADV_FREE)', release: '4.5' },
      { commit: 'mm: introduce MADV_COLD', release: '5.4' },
    ],
    value: ({ version }) => {
      if (since(version, '5.4')) return 'free cold';
      return since(version, '4.5') ? 'free' : '';
    },
  }),
  madvise_large_folios: eraSwitch({
    title:
      'MADV_FREE and MADV_COLD take a large folio mapped by single entries whole where the range holds all of it; before, they split it, and stop at one that is shared',
    changed: [
      { commit: 'mm/madvise: enhance lazyfreeing with mTHP in madvise_free', release: '6.10' },
      { commit: 'mm: madvise: avoid split during MADV_PAGEOUT and MADV_COLD', release: '6.10' },
    ],
    value: ({ version }) => (since(version, '6.10') ? 'whole' : 'split'),
  }),
  zap_page_range_single: eraSwitch({
    title: 'MADV_DONTNEED zaps with zap_page_range_single; before, with zap_page_range',
    changed: [
      {
        commit: 'madvise: use zap_page_range_single for madvise dontneed',
        release: '6.2',
      },
    ],
    value: ({ version }) => since(version, '6.2'),
  }),
  vma_alloc_folio: eraSwitch({
    title: 'User pages come from vma_alloc_folio; before, alloc_pages_vma',
    changed: [{ commit: 'mm: Add vma_alloc_folio()', release: '5.18' }],
    value: ({ version }) => since(version, '5.18'),
  }),
  anon_starts_active: eraSwitch({
    title: 'New anonymous pages start on the active list',
    changed: [
      {
        commit: 'mm/vmscan: protect the workingset on anonymous LRU',
        release: '5.9',
      },
    ],
    value: ({ version }) => !since(version, '5.9'),
  }),
  anon_page_exclusive: eraSwitch({
    title: 'An anonymous page remembers that it belongs to one process alone (PG_anon_exclusive)',
    changed: [
      {
        commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
        release: '5.19',
      },
    ],
    value: ({ version }) => since(version, '5.19'),
  }),
  wp_reuse: eraSwitch({
    title: 'What lets a write fault reuse an anonymous page: its map count, its count, or its flag',
    changed: [
      { commit: 'mm: do_wp_page() simplification', release: '5.9' },
      {
        commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
        release: '5.19',
      },
    ],
    value: ({ version }): string => {
      if (since(version, '5.19')) return 'exclusive';
      return since(version, '5.9') ? 'refcount' : 'mapcount';
    },
  }),
  fork_copies_pinned: eraSwitch({
    title: 'fork copies a page that may be pinned for DMA at once',
    changed: [
      { commit: 'mm: Do early cow for pinned pages during fork() for ptes', release: '5.9' },
    ],
    value: ({ version }) => since(version, '5.9'),
  }),
  copy_pte_split: eraSwitch({
    title: 'copy_pte_range calls copy_present_pte and copy_nonpresent_pte; before, copy_one_pte',
    changed: [{ commit: 'mm: split out the non-present case from copy_one_pte()', release: '5.9' }],
    value: ({ version }) => since(version, '5.9'),
  }),
  device_exclusive_types: eraSwitch({
    title: 'Types of device exclusive entries: none, read and write, or one',
    changed: [
      { commit: 'mm: device exclusive memory access', release: '5.14' },
      {
        commit: 'mm/rmap: keep mapcount untouched for device-exclusive entries',
        release: 'between 6.12 and 6.15',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 1;
      return since(version, '5.14') ? 2 : 0;
    },
  }),
  migration_read_exclusive: eraSwitch({
    title: 'A migration entry remembers that its page was exclusive',
    changed: [
      {
        commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
        release: '5.19',
      },
    ],
    value: ({ version }) => since(version, '5.19'),
  }),
  isolate_lru: eraSwitch({
    title: 'Name of the function that takes a page off its LRU list',
    changed: [{ commit: 'mm: Turn isolate_lru_page() into folio_isolate_lru()', release: '5.18' }],
    value: ({ version }) => (since(version, '5.18') ? 'folio_isolate_lru' : 'isolate_lru_page'),
  }),
  lock_page: eraSwitch({
    title: 'Pages are locked as folios: folio_lock, folio_trylock, folio_unlock',
    changed: [{ commit: 'mm/filemap: Add folio_lock()', release: '5.16' }],
    value: ({ version }) => since(version, '5.16'),
  }),
  try_to_migrate: eraSwitch({
    title: 'Mappings are replaced by migration entries in try_to_migrate; before, try_to_unmap',
    changed: [{ commit: 'mm/rmap: split migration into its own function', release: '5.14' }],
    value: ({ version }) => (since(version, '5.14') ? 'try_to_migrate' : 'try_to_unmap'),
  }),
} as const;
