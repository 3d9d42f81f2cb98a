import { eraSwitch } from './switch.ts';
import { carries, since } from './version.ts';

/** get_user_pages() and pin_user_pages(): who may hold which pages, and for how long. */
export const gupSwitches = {
  pin_user_pages: eraSwitch({
    title: 'pin_user_pages() stands beside get_user_pages(): pages that are read or written by DMA',
    changed: [{ commit: 'mm/gup: introduce pin_user_pages*() and FOLL_PIN', release: '5.6' }],
    value: ({ version }) => since(version, '5.6'),
  }),
  foll_pin: eraSwitch({
    title:
      'FOLL_PIN counts GUP_PIN_COUNTING_BIAS (1024) a pin; a large page has a pincount instead',
    changed: [
      { commit: 'mm/gup: track FOLL_PIN pages', release: '5.7' },
      {
        commit: 'mm/gup: page->hpage_pinned_refcount: exact pin counts for huge pages',
        release: '5.7',
      },
    ],
    value: ({ version }) => since(version, '5.7'),
  }),
  longterm_api: eraSwitch({
    title: 'How a caller says that it keeps pages: it cannot, by a function, or by FOLL_LONGTERM',
    changed: [
      { commit: 'mm: introduce get_user_pages_longterm', release: '4.15, 4.14.4' },
      {
        commit: 'mm/gup: replace get_user_pages_longterm() with FOLL_LONGTERM',
        release: '5.2',
      },
    ],
    value: ({ version }) => {
      if (since(version, '5.2')) return 'FOLL_LONGTERM';
      return carries(version, '4.15', ['4.14.4']) ? 'get_user_pages_longterm' : 'none';
    },
  }),
  longterm_looks_at_vma_first: eraSwitch({
    title:
      'FOLL_LONGTERM on fsdax fails in check_vma_flags; before, pages were pinned and put again',
    changed: [
      {
        commit: 'mm/gup: remove the vma allocation from gup_longterm_locked()',
        release: '5.11',
      },
    ],
    value: ({ version }) => since(version, '5.11'),
  }),
  longterm_unpinnable: eraSwitch({
    title: 'Pages that must move, or must not be held, before they are pinned for long',
    changed: [
      {
        commit: 'mm: update get_user_pages_longterm to migrate pages allocated from CMA region',
        release: '5.1',
      },
      { commit: 'mm/gup: migrate pinned pages out of movable zone', release: '5.13' },
      {
        commit: 'mm/gup: migrate device coherent pages when pinning instead of failing',
        release: '6.0',
      },
      { commit: "gup: don't allow FOLL_LONGTERM pinning of FS DAX pages", release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return 'CMA ISOLATE ZONE_MOVABLE COHERENT FS_DAX';
      if (since(version, '6.0')) return 'CMA ISOLATE ZONE_MOVABLE COHERENT';
      if (since(version, '5.13')) return 'CMA ISOLATE ZONE_MOVABLE';
      return since(version, '5.1') ? 'CMA' : '';
    },
  }),
  check_and_migrate: eraSwitch({
    title: 'Names of the functions that move pages away before they are pinned for long',
    changed: [
      {
        commit: 'mm: update get_user_pages_longterm to migrate pages allocated from CMA region',
        release: '5.1',
      },
      { commit: 'mm/gup: migrate pinned pages out of movable zone', release: '5.13' },
      { commit: 'mm/gup.c: refactor check_and_migrate_movable_pages()', release: '6.1' },
      { commit: 'mm/gup: introduce check_and_migrate_movable_folios()', release: '6.11' },
    ],
    value: ({ version }) => {
      if (since(version, '6.11')) return 'folios';
      if (since(version, '6.1')) return 'pages';
      return since(version, '5.13') ? 'movable' : 'cma';
    },
  }),
  longterm_skips_unlisted: eraSwitch({
    title:
      'A longterm pin goes on where no unpinnable page could be isolated, coherent ones included',
    changed: [
      { commit: 'mm: gup: fix infinite loop within __get_longterm_locked', release: '6.14' },
      {
        commit: 'mm/gup: revert "mm: gup: fix infinite loop within __get_longterm_locked"',
        release: '6.16',
      },
    ],
    value: ({ version }) => since(version, '6.14') && !since(version, '6.16'),
  }),
  follow_huge_pmd: eraSwitch({
    title: 'One function follows huge entries of any kind; before, devmap and THP had their own',
    changed: [{ commit: 'mm/gup: handle huge pmd for follow_pmd_mask()', release: '6.10' }],
    value: ({ version }) => since(version, '6.10'),
  }),
  migrate_device_coherent_folio: eraSwitch({
    title: 'Name of the function that moves coherent memory out of the way of a long pin',
    changed: [
      {
        commit: 'mm: migrate_device: convert to migrate_device_coherent_folio()',
        release: '6.12',
      },
    ],
    value: ({ version }) => since(version, '6.12'),
  }),
  gup_pfn_errno: eraSwitch({
    title: 'Errno of a present entry without a struct page, for callers that ask for pages',
    changed: [{ commit: 'mm/gup: follow_pfn_pte(): -EEXIST cleanup', release: '5.18' }],
    value: ({ version }) => (since(version, '5.18') ? 'EEXIST' : 'EFAULT'),
  }),
  gup_fast_walk: eraSwitch({
    title: 'GUP-fast: by the architecture (x86, without a second look), in mm/gup.c, or renamed',
    changed: [
      {
        commit: 'x86/mm/gup: Switch GUP to the generic get_user_page_fast() implementation',
        release: '4.13',
      },
      { commit: 'mm/gup: consistently name GUP-fast functions', release: '6.10' },
    ],
    value: ({ version, arch }) => {
      if (since(version, '6.10')) return 'gup_fast_pte_range';
      return arch.startsWith('x86') && !since(version, '4.13') ? 'arch' : 'gup_pte_range';
    },
  }),
  gup_fast_entry: eraSwitch({
    title: 'Function behind get_user_pages_fast and pin_user_pages_fast',
    changed: [
      { commit: 'mm/gup: factor out duplicate code from four routines', release: '5.6' },
      {
        commit: 'mm/gup: reorganize internal_get_user_pages_fast()',
        release: '5.11',
      },
      { commit: 'mm/gup: consistently name GUP-fast functions', release: '6.10' },
    ],
    value: ({ version }) => {
      if (since(version, '6.10')) return 'gup_fast_fallback';
      if (since(version, '5.11')) return 'lockless_pages_from_mm';
      return since(version, '5.6') ? 'internal_get_user_pages_fast' : 'get_user_pages_fast';
    },
  }),
  gup_fast_checks_longterm: eraSwitch({
    title: 'GUP-fast leaves pages that may not be pinned for long to the slow path',
    changed: [
      {
        commit: 'mm/gup: fix omission of check on FOLL_LONGTERM in gup fast path',
        release: '5.7',
      },
    ],
    value: ({ version }) => since(version, '5.7'),
  }),
  gup_unshares: eraSwitch({
    title: 'Reading pins break copy on write first: no, of anonymous pages, of all for long ones',
    changed: [
      {
        commit:
          'mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page',
        release: '5.19',
      },
      { commit: 'mm/gup: reliable R/O long-term pinning in COW mappings', release: '6.2' },
    ],
    value: ({ version }) => {
      if (since(version, '6.2')) return 'cow';
      return since(version, '5.19') ? 'anon' : 'no';
    },
  }),
  foll_pci_p2pdma: eraSwitch({
    title:
      'Peer pages need FOLL_PCI_P2PDMA, which excludes FOLL_LONGTERM: said of the VMA, or at once',
    changed: [
      {
        commit: 'mm: introduce FOLL_PCI_P2PDMA to gate getting PCI P2PDMA pages',
        release: '6.2',
      },
      {
        commit: 'mm/gup: simplify the external interface functions and consolidate invariants',
        release: '6.3',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.3')) return 'arguments';
      return since(version, '6.2') ? 'vma' : 'none';
    },
  }),
  longterm_needs_pin: eraSwitch({
    title: 'FOLL_LONGTERM is for pin_user_pages only',
    changed: [
      {
        commit: 'mm/gup: simplify the external interface functions and consolidate invariants',
        release: '6.3',
      },
    ],
    value: ({ version }) => since(version, '6.3'),
  }),
  longterm_refuses_dirty_tracking: eraSwitch({
    title: 'No long writing pin of file pages whose file system tracks what is dirty',
    changed: [
      {
        commit: 'mm/gup: disallow FOLL_LONGTERM GUP-nonfast writing to file-backed mappings',
        release: '6.5',
      },
      {
        commit: 'mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings',
        release: '6.5',
      },
    ],
    value: ({ version }) => since(version, '6.5'),
  }),
  zero_page_pins: eraSwitch({
    title: 'pin_user_pages counts references on the zero page',
    changed: [{ commit: "mm: Don't pin ZERO_PAGE in pin_user_pages()", release: '6.5' }],
    value: ({ version }) => !since(version, '6.5'),
  }),
  try_grab_page: eraSwitch({
    title: 'Name of the function by which the slow path takes a reference',
    changed: [
      { commit: 'mm: prevent get_user_pages() from overflowing page refcount', release: '5.1' },
      { commit: 'mm/gup: track FOLL_PIN pages', release: '5.7' },
      { commit: 'mm: gup: stop abusing try_grab_folio', release: '6.10' },
    ],
    value: ({ version }) => {
      if (since(version, '6.10')) return 'try_grab_folio';
      if (since(version, '5.7')) return 'try_grab_page';
      return since(version, '5.1') ? 'try_get_page' : 'get_page';
    },
  }),
  try_grab_fast: eraSwitch({
    title: 'Name of the function by which GUP-fast takes a reference',
    changed: [
      { commit: 'mm: prevent get_user_pages() from overflowing page refcount', release: '5.1' },
      { commit: 'mm/gup: track FOLL_PIN pages', release: '5.7' },
      { commit: 'mm/gup: Add try_get_folio() and try_grab_folio()', release: '5.18' },
      { commit: 'mm: gup: stop abusing try_grab_folio', release: '6.10' },
    ],
    value: ({ version }) => {
      if (since(version, '6.10')) return 'try_grab_folio_fast';
      if (since(version, '5.18')) return 'try_grab_folio';
      if (since(version, '5.7')) return 'try_grab_compound_head';
      return since(version, '5.1') ? 'try_get_compound_head' : 'page_cache_get_speculative';
    },
  }),
  gup_put: eraSwitch({
    title: 'Name of the function by which GUP drops a reference it took',
    changed: [
      { commit: 'mm/gup: track FOLL_PIN pages', release: '5.7' },
      { commit: 'mm/gup: Convert put_compound_head() to gup_put_folio()', release: '5.18' },
    ],
    value: ({ version }) => {
      if (since(version, '5.18')) return 'gup_put_folio';
      return since(version, '5.7') ? 'put_compound_head' : 'put_page';
    },
  }),
  direct_io_pins: eraSwitch({
    title: 'Direct I/O pins the memory it reads or writes (FOLL_PIN); before, it took references',
    changed: [
      {
        commit: 'block: Convert bio_iov_iter_get_pages to use iov_iter_extract_pages',
        release: '6.5',
      },
    ],
    value: ({ version }) => since(version, '6.5'),
  }),
  unpin_user_pages: eraSwitch({
    title: 'Name of the function by which a caller gives its pages back',
    changed: [
      { commit: 'mm: introduce put_user_page*(), placeholder versions', release: '5.2' },
      { commit: 'mm, tree-wide: rename put_user_page*() to unpin_user_page*()', release: '5.6' },
    ],
    value: ({ version }) => {
      if (since(version, '5.6')) return 'unpin_user_pages';
      return since(version, '5.2') ? 'put_user_pages' : 'release_pages';
    },
  }),
} as const;
