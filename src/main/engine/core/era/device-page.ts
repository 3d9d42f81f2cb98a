import { since, steps } from './switch.ts';
import { subject } from './subject.ts';

export const devicePage = subject('What becomes of a device page whose reference count falls', {
  devmap_managed_types: steps({
    title: 'Device types whose pages put_page hands to put_devmap_managed_page: idle at 1',
    first: '',
    '4.14': {
      to: 'PRIVATE PUBLIC',
      commit: 'mm/ZONE_DEVICE: special case put_page() for device private pages',
    },
    '4.18': {
      to: 'PRIVATE PUBLIC FS_DAX',
      commit: 'mm: introduce MEMORY_DEVICE_FS_DAX and CONFIG_DEV_PAGEMAP_OPS',
    },
    '5.3': { to: 'PRIVATE FS_DAX', commit: 'mm: remove MEMORY_DEVICE_PUBLIC support' },
    '5.18': { to: 'FS_DAX', commit: 'mm: remove the extra ZONE_DEVICE struct page refcount' },
    '6.15': { to: '', commit: 'fs/dax: properly refcount fs dax pages' },
  }),
  put_devmap_managed_page: steps({
    title: 'Name of the function that drops a reference to a managed device page',
    first: 'put_zone_device_private_or_public_page',
    '4.18': {
      to: '__put_devmap_managed_page',
      commit: 'mm: introduce MEMORY_DEVICE_FS_DAX and CONFIG_DEV_PAGEMAP_OPS',
    },
    '5.6': {
      to: 'put_devmap_managed_page',
      commit: 'mm: Cleanup __put_devmap_managed_page() vs ->page_free()',
    },
    '5.19': {
      to: '__put_devmap_managed_page_refs',
      commit: 'mm: fix the handling Non-LRU pages returned by follow_page',
    },
    '6.12': {
      to: '__put_devmap_managed_folio_refs',
      commit: '__put_devmap_managed_page_refs() takes a folio',
      between: ['6.1', '6.12'],
      untitled: true,
    },
  }),
  devmap_idle_wakes: since('5.6', {
    title:
      'The kernel itself wakes who waits for an idle fsdax page; before, page_free of pmem did',
    commit: 'mm: Cleanup __put_devmap_managed_page() vs ->page_free()',
  }),
  device_page_at_zero: steps({
    title: 'A device page at 0: bad (freed to the buddy), gives its pagemap up, or is freed',
    first: 'bad',
    '4.12': {
      to: 'puts_pagemap',
      commit:
        'mm, zone_device: Replace {get, put}_zone_device_page() with a single reference to fix pmem crash',
    },
    '5.18': { to: 'freed', commit: 'mm: remove the extra ZONE_DEVICE struct page refcount' },
  }),
  get_page_takes_pagemap: steps({
    title: 'Each get_page of a device page takes a reference on its pagemap too',
    first: false,
    '4.5': { to: true, commit: 'mm, dax, pmem: introduce {get|put}_dev_pagemap() for dax-gup' },
    '4.12': {
      to: false,
      commit:
        'mm, zone_device: Replace {get, put}_zone_device_page() with a single reference to fix pmem crash',
    },
  }),
  free_zone_device: steps({
    title: 'Name of the function that frees a device page at 0',
    first: 'free_zone_device_page',
    '6.10': {
      to: 'free_zone_device_folio',
      commit: 'mm: convert free_zone_device_page to free_zone_device_folio',
    },
  }),
  free_zone_device_by_type: since('6.15', {
    title: 'A generic device page at 0 is reset to 1, an fsdax page wakes its waiters',
    commit: 'fs/dax: properly refcount fs dax pages',
  }),
  zone_device_page_init: steps({
    title: 'zone_device_page_init: absent, for a single page, or for a folio of any order',
    first: 'none',
    '6.1': { to: 'page', commit: 'mm: free device private pages have zero refcount' },
    '6.19': {
      to: 'folio',
      commit: 'mm/zone_device: support large zone device private folios',
    },
  }),
  put_page_slow: steps({
    title: 'Name of the function that frees a page whose count fell to 0',
    first: '__put_page',
    '6.0': { to: '__folio_put', commit: 'mm/swap: convert __put_page() to __folio_put()' },
  }),
  free_unref_page: steps({
    title: 'Name of the function that gives a page at 0 to the buddy allocator',
    first: 'free_hot_cold_page',
    '4.15': { to: 'free_unref_page', commit: 'mm: remove cold parameter from free_hot_cold_page*' },
    '6.14': {
      to: 'free_frozen_pages',
      commit: 'mm/page_alloc: rename free_unref_page() to free_frozen_pages()',
    },
  }),
  try_get_page: steps({
    title: 'Name of the function that takes a reference unless the count is 0',
    first: 'get_page_unless_zero',
    '5.1': { to: 'try_get_page', commit: "mm: add 'try_get_page()' helper function" },
    '5.18': { to: 'try_get_folio', commit: 'mm/gup: Add try_get_folio() and try_grab_folio()' },
  }),
  folio_references: since('5.16', {
    title: 'folio_get and folio_put stand beside get_page and put_page',
    commit: 'mm: Add folio_put()',
  }),
});
