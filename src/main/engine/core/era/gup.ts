import { since, steps, until } from './switch.ts';
import { subject } from './subject.ts';

export const gup = subject('get_user_pages() and pin_user_pages()', {
  pin_user_pages: since('5.6', {
    title: 'pin_user_pages() stands beside get_user_pages(): pages that are read or written by DMA',
    commit: 'mm/gup: introduce pin_user_pages*() and FOLL_PIN',
  }),
  foll_pin: since('5.7', {
    title:
      'FOLL_PIN counts GUP_PIN_COUNTING_BIAS (1024) a pin; a large page has a pincount instead',
    commit: [
      'mm/gup: track FOLL_PIN pages',
      'mm/gup: page->hpage_pinned_refcount: exact pin counts for huge pages',
    ],
  }),
  longterm_api: steps({
    title: 'How a caller says that it keeps pages: it cannot, by a function, or by FOLL_LONGTERM',
    first: 'none',
    '4.15': {
      to: 'get_user_pages_longterm',
      commit: 'mm: introduce get_user_pages_longterm',
      backports: ['4.14.4'],
    },
    '5.2': {
      to: 'FOLL_LONGTERM',
      commit: 'mm/gup: replace get_user_pages_longterm() with FOLL_LONGTERM',
    },
  }),
  longterm_looks_at_vma_first: since('5.11', {
    title:
      'FOLL_LONGTERM on fsdax fails in check_vma_flags; before, pages were pinned and put again',
    commit: 'mm/gup: remove the vma allocation from gup_longterm_locked()',
  }),
  longterm_unpinnable: steps({
    title: 'Pages that must move, or must not be held, before they are pinned for long',
    first: '',
    '5.1': {
      to: 'CMA',
      commit: 'mm: update get_user_pages_longterm to migrate pages allocated from CMA region',
    },
    '5.13': {
      to: 'CMA ISOLATE ZONE_MOVABLE',
      commit: 'mm/gup: migrate pinned pages out of movable zone',
    },
    '6.0': {
      to: 'CMA ISOLATE ZONE_MOVABLE COHERENT',
      commit: 'mm/gup: migrate device coherent pages when pinning instead of failing',
    },
    '6.15': {
      to: 'CMA ISOLATE ZONE_MOVABLE COHERENT FS_DAX',
      commit: "gup: don't allow FOLL_LONGTERM pinning of FS DAX pages",
    },
  }),
  check_and_migrate: steps({
    title: 'Names of the functions that move pages away before they are pinned for long',
    also: {
      '5.1': 'mm: update get_user_pages_longterm to migrate pages allocated from CMA region',
    },
    first: 'cma',
    '5.13': { to: 'movable', commit: 'mm/gup: migrate pinned pages out of movable zone' },
    '6.1': { to: 'pages', commit: 'mm/gup.c: refactor check_and_migrate_movable_pages()' },
    '6.11': { to: 'folios', commit: 'mm/gup: introduce check_and_migrate_movable_folios()' },
  }),
  longterm_skips_unlisted: steps({
    title:
      'A longterm pin goes on where no unpinnable page could be isolated, coherent ones included',
    first: false,
    '6.14': {
      to: true,
      commit: 'mm: gup: fix infinite loop within __get_longterm_locked',
      backports: ['6.12.14', '6.1.129'],
    },
    '6.16': {
      to: false,
      commit: 'mm/gup: revert "mm: gup: fix infinite loop within __get_longterm_locked"',
      backports: ['6.12.36', '6.1.155'],
    },
  }),
  follow_huge_pmd: since('6.10', {
    title: 'One function follows huge entries of any kind; before, devmap and THP had their own',
    commit: 'mm/gup: handle huge pmd for follow_pmd_mask()',
  }),
  migrate_device_coherent_folio: since('6.12', {
    title: 'Name of the function that moves coherent memory out of the way of a long pin',
    commit: 'mm: migrate_device: convert to migrate_device_coherent_folio()',
  }),
  gup_pfn_errno: steps({
    title: 'Errno of a present entry without a struct page, for callers that ask for pages',
    first: 'EFAULT',
    '5.18': { to: 'EEXIST', commit: 'mm/gup: follow_pfn_pte(): -EEXIST cleanup' },
  }),
  gup_fast_walk: steps({
    title: 'GUP-fast: by the architecture (x86, without a second look), in mm/gup.c, or renamed',
    first: { x86_64: 'arch', x86_32: 'arch', others: 'gup_pte_range' },
    '4.13': {
      to: 'gup_pte_range',
      arch: ['x86_64', 'x86_32'],
      commit: 'x86/mm/gup: Switch GUP to the generic get_user_page_fast() implementation',
    },
    '6.10': { to: 'gup_fast_pte_range', commit: 'mm/gup: consistently name GUP-fast functions' },
  }),
  gup_fast_entry: steps({
    title: 'Function behind get_user_pages_fast and pin_user_pages_fast',
    first: 'get_user_pages_fast',
    '5.6': {
      to: 'internal_get_user_pages_fast',
      commit: 'mm/gup: factor out duplicate code from four routines',
    },
    '5.11': {
      to: 'lockless_pages_from_mm',
      commit: 'mm/gup: reorganize internal_get_user_pages_fast()',
      backports: ['5.10.4'],
    },
    '6.10': { to: 'gup_fast_fallback', commit: 'mm/gup: consistently name GUP-fast functions' },
  }),
  gup_fast_checks_longterm: since('5.7', {
    title: 'GUP-fast leaves pages that may not be pinned for long to the slow path',
    commit: 'mm/gup: fix omission of check on FOLL_LONGTERM in gup fast path',
  }),
  gup_unshares: steps({
    title: 'Reading pins break copy on write first: no, of anonymous pages, of all for long ones',
    first: 'no',
    '5.19': {
      to: 'anon',
      commit:
        'mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page',
    },
    '6.2': { to: 'cow', commit: 'mm/gup: reliable R/O long-term pinning in COW mappings' },
  }),
  foll_pci_p2pdma: steps({
    title:
      'Peer pages need FOLL_PCI_P2PDMA, which excludes FOLL_LONGTERM: said of the VMA, or at once',
    first: 'none',
    '6.2': {
      to: 'vma',
      commit: 'mm: introduce FOLL_PCI_P2PDMA to gate getting PCI P2PDMA pages',
    },
    '6.3': {
      to: 'arguments',
      commit: 'mm/gup: simplify the external interface functions and consolidate invariants',
    },
  }),
  longterm_needs_pin: since('6.3', {
    title: 'FOLL_LONGTERM is for pin_user_pages only',
    commit: 'mm/gup: simplify the external interface functions and consolidate invariants',
  }),
  longterm_refuses_dirty_tracking: since('6.5', {
    title: 'No long writing pin of file pages whose file system tracks what is dirty',
    commit: [
      'mm/gup: disallow FOLL_LONGTERM GUP-nonfast writing to file-backed mappings',
      'mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings',
    ],
  }),
  zero_page_pins: until('6.5', {
    title: 'pin_user_pages counts references on the zero page',
    commit: "mm: Don't pin ZERO_PAGE in pin_user_pages()",
    backports: ['6.1.130'],
  }),
  try_grab_page: steps({
    title: 'Name of the function by which the slow path takes a reference',
    first: 'get_page',
    '5.1': {
      to: 'try_get_page',
      commit: 'mm: prevent get_user_pages() from overflowing page refcount',
    },
    '5.7': { to: 'try_grab_page', commit: 'mm/gup: track FOLL_PIN pages' },
    '6.10': { to: 'try_grab_folio', commit: 'mm: gup: stop abusing try_grab_folio' },
  }),
  try_grab_fast: steps({
    title: 'Name of the function by which GUP-fast takes a reference',
    first: 'page_cache_get_speculative',
    '5.1': {
      to: 'try_get_compound_head',
      commit: 'mm: prevent get_user_pages() from overflowing page refcount',
    },
    '5.7': { to: 'try_grab_compound_head', commit: 'mm/gup: track FOLL_PIN pages' },
    '5.18': { to: 'try_grab_folio', commit: 'mm/gup: Add try_get_folio() and try_grab_folio()' },
    '6.10': { to: 'try_grab_folio_fast', commit: 'mm: gup: stop abusing try_grab_folio' },
  }),
  gup_put: steps({
    title: 'Name of the function by which GUP drops a reference it took',
    first: 'put_page',
    '5.7': { to: 'put_compound_head', commit: 'mm/gup: track FOLL_PIN pages' },
    '5.18': {
      to: 'gup_put_folio',
      commit: 'mm/gup: Convert put_compound_head() to gup_put_folio()',
    },
  }),
  direct_io_pins: since('6.5', {
    title: 'Direct I/O pins the memory it reads or writes (FOLL_PIN); before, it took references',
    commit: 'block: Convert bio_iov_iter_get_pages to use iov_iter_extract_pages',
  }),
  unpin_user_pages: steps({
    title: 'Name of the function by which a caller gives its pages back',
    first: 'release_pages',
    '5.2': {
      to: 'put_user_pages',
      commit: 'mm: introduce put_user_page*(), placeholder versions',
    },
    '5.6': {
      to: 'unpin_user_pages',
      commit: 'mm, tree-wide: rename put_user_page*() to unpin_user_page*()',
    },
  }),
});
