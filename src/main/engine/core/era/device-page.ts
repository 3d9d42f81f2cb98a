import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** What becomes of a device page whose reference count falls. */
export const devicePageSwitches = {
  devmap_managed_types: eraSwitch({
    title: 'Device types whose pages put_page hands to put_devmap_managed_page: idle at 1',
    changed: [
      {
        commit: 'mm/ZONE_DEVICE: special case put_page() for device private pages',
        release: '4.14',
      },
      { commit: 'mm: introduce MEMORY_DEVICE_FS_DAX and CONFIG_DEV_PAGEMAP_OPS', release: '4.18' },
      { commit: 'mm: remove MEMORY_DEVICE_PUBLIC support', release: '5.3' },
      { commit: 'mm: remove the extra ZONE_DEVICE struct page refcount', release: '5.18' },
      { commit: 'fs/dax: properly refcount fs dax pages', release: '6.15' },
    ],
    value: ({ version }) => {
      if (since(version, '6.15')) return '';
      if (since(version, '5.18')) return 'FS_DAX';
      if (since(version, '5.3')) return 'PRIVATE FS_DAX';
      if (since(version, '4.18')) return 'PRIVATE PUBLIC FS_DAX';
      return since(version, '4.14') ? 'PRIVATE PUBLIC' : '';
    },
  }),
  put_devmap_managed_page: eraSwitch({
    title: 'Name of the function that drops a reference to a managed device page',
    changed: [
      { commit: 'mm: introduce MEMORY_DEVICE_FS_DAX and CONFIG_DEV_PAGEMAP_OPS', release: '4.18' },
      { commit: 'mm: Cleanup __put_devmap_managed_page() vs ->page_free()', release: '5.6' },
      { commit: 'mm: fix the handling Non-LRU pages returned by follow_page', release: '5.19' },
    ],
    value: ({ version }) => {
      if (since(version, '5.19')) return '__put_devmap_managed_page_refs';
      if (since(version, '5.6')) return 'put_devmap_managed_page';
      return since(version, '4.18')
        ? '__put_devmap_managed_page'
        : 'put_zone_device_private_or_public_page';
    },
  }),
  devmap_idle_wakes: eraSwitch({
    title:
      'The kernel itself wakes who waits for an idle fsdax page; before, page_free of pmem did',
    changed: [
      { commit: 'mm: Cleanup __put_devmap_managed_page() vs ->page_free()', release: '5.6' },
    ],
    value: ({ version }) => since(version, '5.6'),
  }),
  device_page_at_zero: eraSwitch({
    title: 'A device page at 0: bad (freed to the buddy), gives its pagemap up, or is freed',
    changed: [
      {
        commit:
          'mm, zone_device: Replace {get, put}_zone_device_page() with a single reference to fix pmem crash',
        release: '4.12',
      },
      { commit: 'mm: remove the extra ZONE_DEVICE struct page refcount', release: '5.18' },
    ],
    value: ({ version }) => {
      if (since(version, '5.18')) return 'freed';
      return since(version, '4.12') ? 'puts_pagemap' : 'bad';
    },
  }),
  get_page_takes_pagemap: eraSwitch({
    title: 'Each get_page of a device page takes a reference on its pagemap too',
    changed: [
      { commit: 'mm, dax, pmem: introduce {get|put}_dev_pagemap() for dax-gup', release: '4.5' },
      {
        commit:
          'mm, zone_device: Replace {get, put}_zone_device_page() with a single reference to fix pmem crash',
        release: '4.12',
      },
    ],
    value: ({ version }) => since(version, '4.5') && !since(version, '4.12'),
  }),
  free_zone_device: eraSwitch({
    title: 'Name of the function that frees a device page at 0',
    changed: [
      {
        commit: 'mm: convert free_zone_device_page to free_zone_device_folio',
        release: '6.10',
      },
    ],
    value: ({ version }) =>
      since(version, '6.10') ? 'free_zone_device_folio' : 'free_zone_device_page',
  }),
  free_zone_device_by_type: eraSwitch({
    title: 'A generic device page at 0 is reset to 1, an fsdax page wakes its waiters',
    changed: [{ commit: 'fs/dax: properly refcount fs dax pages', release: '6.15' }],
    value: ({ version }) => since(version, '6.15'),
  }),
  zone_device_page_init: eraSwitch({
    title: 'zone_device_page_init: absent, for a single page, or for a folio of any order',
    changed: [
      { commit: 'mm: free device private pages have zero refcount', release: '6.1' },
      {
        commit: 'mm/zone_device: support large zone device private folios',
        release: 'between 6.18 and 7.2',
      },
    ],
    value: ({ version }) => {
      if (since(version, '6.19')) return 'folio';
      return since(version, '6.1') ? 'page' : 'none';
    },
  }),
  put_page_slow: eraSwitch({
    title: 'Name of the function that frees a page whose count fell to 0',
    changed: [{ commit: 'mm/swap: convert __put_page() to __folio_put()', release: '6.0' }],
    value: ({ version }) => (since(version, '6.0') ? '__folio_put' : '__put_page'),
  }),
  free_unref_page: eraSwitch({
    title: 'Name of the function that gives a page at 0 to the buddy allocator',
    changed: [
      { commit: 'mm: remove cold parameter from free_hot_cold_page*', release: '4.15' },
      { commit: 'mm/page_alloc: rename free_unref_page() to free_frozen_pages()', release: '6.14' },
    ],
    value: ({ version }) => {
      if (since(version, '6.14')) return 'free_frozen_pages';
      return since(version, '4.15') ? 'free_unref_page' : 'free_hot_cold_page';
    },
  }),
  try_get_page: eraSwitch({
    title: 'Name of the function that takes a reference unless the count is 0',
    changed: [
      { commit: "mm: add 'try_get_page()' helper function", release: '5.1' },
      { commit: 'mm/gup: Add try_get_folio() and try_grab_folio()', release: '5.18' },
    ],
    value: ({ version }) => {
      if (since(version, '5.18')) return 'try_get_folio';
      return since(version, '5.1') ? 'try_get_page' : 'get_page_unless_zero';
    },
  }),
  folio_references: eraSwitch({
    title: 'folio_get and folio_put stand beside get_page and put_page',
    changed: [{ commit: 'mm: Add folio_put()', release: '5.16' }],
    value: ({ version }) => since(version, '5.16'),
  }),
} as const;
