import { since, steps, until } from './switch.ts';
import { subject } from './subject.ts';

export const mm = subject('Address spaces: faults, copy on write, fork', {
  user_fault_entry: steps({
    title: 'Name of the function where a page fault of a user address arrives (x86)',
    first: 'do_page_fault',
    '4.20': {
      to: 'do_user_addr_fault',
      arch: ['x86_64', 'x86_32'],
      commit: 'x86/mm: Break out user address space handling',
    },
  }),
  kernel_clone: steps({
    title: 'Name of the function behind fork() and clone()',
    first: '_do_fork',
    '5.10': { to: 'kernel_clone', commit: 'fork: introduce kernel_clone()' },
  }),
  insert_page_into_pte_locked: since('5.8', {
    title: 'vm_insert_page() has a part that runs under the page table lock',
    // Sent in January 2020, so after 5.4; the 5.10 source has it.
    commit: 'mm/memory.c: refactor insert_page to prepare for batched-lock insert',
    between: ['5.4', '5.10'],
  }),
  copy_present_pte: steps({
    title: 'Name of the function in which fork() shares present entries',
    first: 'copy_present_pte',
    '6.9': {
      to: 'copy_present_ptes',
      commit: 'mm/memory: optimize fork() with PTE-mapped THP',
      between: ['6.1', '6.12'],
    },
  }),
  get_huge_zero_page: steps({
    title: 'Name of the function that makes the huge zero page',
    first: 'get_huge_zero_page',
    '6.18': {
      to: 'get_huge_zero_folio',
      commit: 'get_huge_zero_page() is get_huge_zero_folio()',
      between: ['6.12', '7.2'],
      untitled: true,
    },
  }),
  mmap_prepare: since('6.18', {
    title: 'f_op->mmap_prepare() of ext4, XFS, tmpfs and device dax in place of mmap()',
    commit: 'ext4_file_mmap_prepare() and its like',
    between: ['6.12', '7.2'],
    untitled: true,
  }),
  unmap_page_range: steps({
    title: 'Name of the function that unmaps a range of a VMA',
    first: 'unmap_page_range',
    '7.2': {
      to: '__zap_vma_range',
      commit: '__zap_vma_range() in place of unmap_page_range()',
      between: ['6.12', '7.2'],
      untitled: true,
    },
  }),
  mprotect_keeps_writable: steps({
    title: 'mprotect leaves exclusive anonymous pages writable: none, dirty ones, or all',
    first: 'none',
    '6.0': {
      to: 'dirty',
      commit:
        'mm/mprotect: try avoiding write faults for exclusive anonymous pages when changing protection',
    },
    '6.2': { to: 'all', commit: 'mm/mprotect: allow clean exclusive anon pages to be writable' },
  }),
  thp_migration: since('4.14', {
    title: 'Huge pages migrate whole, with migration entries in the PMD; before, they are split',
    commit: 'mm: thp: enable thp migration in generic path',
  }),
  migrate_batched: since('6.3', {
    title: 'Pages are unmapped together before they are moved (migrate_pages_batch)',
    commit: 'migrate_pages: batch _unmap and _move',
  }),
  device_pages_counted_extra: until('5.18', {
    title: 'Migration expects one reference more of a device page (idle at 1)',
    commit: 'mm: remove the extra ZONE_DEVICE struct page refcount',
  }),
  folio_try_share_anon_rmap: steps({
    title:
      'Name of the function that keeps exclusive pages which may be pinned from being unmapped',
    also: { '5.19': 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive' },
    first: 'page_try_share_anon_rmap',
    '6.8': {
      to: 'folio_try_share_anon_rmap_pte',
      commit:
        'mm/rmap: convert page_try_share_anon_rmap() to folio_try_share_anon_rmap_[pte|pmd]()',
    },
  }),
  vma_migratable_refuses_dax: since('4.10', {
    title: 'Pages of files whose data is device memory are not for move_pages(2) or NUMA balancing',
    commit: 'mm: disable numa migration faults for dax vmas',
  }),
  add_folio_for_migration: steps({
    title: 'Name of the function in which move_pages(2) looks pages up and isolates them',
    first: 'do_move_page_to_node_array',
    '4.17': { to: 'add_page_for_migration', commit: 'mm, numa: rework do_pages_move' },
    '6.12': {
      to: 'add_folio_for_migration',
      commit: 'mm/migrate: convert add_page_for_migration() from follow_page() to folio_walk',
    },
  }),
  move_pages_skips_device: since('6.0', {
    title: 'move_pages(2) passes device pages over before it tries to isolate them',
    commit: 'mm: handling Non-LRU pages returned by vm_normal_pages',
  }),
  do_munmap: steps({
    title: 'Name of the function that unmaps a range',
    first: 'do_munmap',
    '6.1': { to: 'do_mas_munmap', commit: 'mm/mmap: reorganize munmap to use maple states' },
    '6.3': {
      to: 'do_vmi_munmap',
      commit: 'mmap: change do_mas_munmap and do_mas_aligned_munmap() to use vma iterator',
    },
  }),
  madvise_advice: steps({
    title: 'Advice of madvise(2) on pages: MADV_FREE, MADV_COLD',
    first: '',
    '4.5': { to: 'free', commit: 'mm: support madvise(MADV_FREE)' },
    '5.4': { to: 'free cold', commit: 'mm: introduce MADV_COLD' },
  }),
  madvise_large_folios: steps({
    title:
      'MADV_FREE and MADV_COLD take a large folio mapped by single entries whole where the range holds all of it; before, they split it, and stop at one that is shared',
    first: 'split',
    '6.10': {
      to: 'whole',
      commit: [
        'mm/madvise: enhance lazyfreeing with mTHP in madvise_free',
        'mm: madvise: avoid split during MADV_PAGEOUT and MADV_COLD',
      ],
    },
  }),
  zap_page_range_single: steps({
    title: 'Name of the function with which MADV_DONTNEED zaps',
    first: 'zap_page_range',
    '6.2': {
      to: 'zap_page_range_single',
      commit: 'madvise: use zap_page_range_single for madvise dontneed',
    },
    '7.2': {
      to: 'zap_vma_range',
      commit: 'zap_vma_range() in place of zap_page_range_single()',
      between: ['6.12', '7.2'],
      untitled: true,
    },
  }),
  vma_alloc_folio: since('5.18', {
    title: 'User pages come from vma_alloc_folio; before, alloc_pages_vma',
    commit: 'mm: Add vma_alloc_folio()',
  }),
  anon_starts_active: until('5.9', {
    title: 'New anonymous pages start on the active list',
    commit: 'mm/vmscan: protect the workingset on anonymous LRU',
  }),
  anon_page_exclusive: since('5.19', {
    title: 'An anonymous page remembers that it belongs to one process alone (PG_anon_exclusive)',
    commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
  }),
  wp_reuse: steps({
    title: 'What lets a write fault reuse an anonymous page: its map count, its count, or its flag',
    first: 'mapcount',
    '5.9': { to: 'refcount', commit: 'mm: do_wp_page() simplification' },
    '5.19': {
      to: 'exclusive',
      commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
    },
  }),
  fork_copies_pinned: since('5.9', {
    title: 'fork copies a page that may be pinned for DMA at once',
    commit: 'mm: Do early cow for pinned pages during fork() for ptes',
  }),
  copy_pte_split: since('5.9', {
    title: 'copy_pte_range calls copy_present_pte and copy_nonpresent_pte; before, copy_one_pte',
    commit: 'mm: split out the non-present case from copy_one_pte()',
  }),
  device_exclusive_types: steps({
    title: 'Types of device exclusive entries: none, read and write, or one',
    first: 0,
    '5.14': { to: 2, commit: 'mm: device exclusive memory access' },
    '6.15': {
      to: 1,
      commit: 'mm: use single SWP_DEVICE_EXCLUSIVE entry type',
    },
  }),
  migration_read_exclusive: since('5.19', {
    title: 'A migration entry remembers that its page was exclusive',
    commit: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
  }),
  folio_mc_copy: since('6.11', {
    title: 'A folio that migrates is copied before its mapping is moved; before, after it',
    commit: 'mm: migrate: support poisoned recover from migrate folio',
    between: ['6.1', '6.12'],
  }),
  // Of the machines a lab has: x86 CPUs with L1TF have no bits left for it (swapfile_init()).
  migration_entry_young: since('6.1', {
    title:
      'A migration entry remembers that its page was accessed and dirty; before, pages come back old',
    commit: 'mm: remember young/dirty bit for page migrations',
  }),
  migrate_vma_marks_dirty: since('6.0', {
    title: 'migrate_vma_collect_pmd() marks the page of a dirty entry dirty',
    commit: 'mm/migrate_device.c: copy pte dirty bit to page',
    between: ['5.10', '6.1'],
  }),
  isolate_lru: steps({
    title: 'Name of the function that takes a page off its LRU list',
    first: 'isolate_lru_page',
    '5.18': {
      to: 'folio_isolate_lru',
      commit: 'mm: Turn isolate_lru_page() into folio_isolate_lru()',
    },
  }),
  lock_page: since('5.16', {
    title: 'Pages are locked as folios: folio_lock, folio_trylock, folio_unlock',
    commit: 'mm/filemap: Add folio_lock()',
  }),
  try_to_migrate: steps({
    title: 'Mappings are replaced by migration entries in try_to_migrate; before, try_to_unmap',
    first: 'try_to_unmap',
    '5.14': { to: 'try_to_migrate', commit: 'mm/rmap: split migration into its own function' },
  }),
});
