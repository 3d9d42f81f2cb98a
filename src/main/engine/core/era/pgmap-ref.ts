import { since, steps, until } from './switch.ts';
import { subject } from './subject.ts';

export const pgmapRef = subject('References of a pagemap, and what its removal waits for', {
  pagemap_ref: steps({
    title:
      'Whose percpu reference a pagemap has: none, the one its driver brings (with the kill and cleanup the kernel demands beside it), its own unless the driver brings one, or its own',
    first: 'none',
    '4.5': {
      to: 'driver',
      commit: 'mm, dax, pmem: introduce {get|put}_dev_pagemap() for dax-gup',
    },
    '5.0': { to: 'driver: kill', commit: 'mm, devm_memremap_pages: fix shutdown handling' },
    '5.2': {
      to: 'driver: kill cleanup',
      commit: 'mm/devm_memremap_pages: fix final page put race',
    },
    '5.3': {
      to: 'optional',
      commit: 'memremap: provide an optional internal refcount in struct dev_pagemap',
    },
    '5.17': { to: 'own', commit: 'memremap: remove support for external pgmap refcounts' },
  }),
  pagemap_release: steps({
    title:
      'Taking a pagemap down: removes the memory at once, kills the reference first, or kills it and waits for the last user',
    first: 'at once',
    '5.0': { to: 'kills', commit: 'mm, devm_memremap_pages: fix shutdown handling' },
    '5.2': { to: 'waits', commit: 'mm/devm_memremap_pages: fix final page put race' },
  }),
  pagemap_ref_exit_last: since('6.0', {
    title: 'The reference of a pagemap is given up after its ranges are gone, not before',
    commit: 'mm/memremap: fix memunmap_pages() race with get_dev_pagemap()',
  }),
  memremap_pages: since('5.4', {
    title: 'memremap_pages and memunmap_pages exist beside the devm_ functions',
    commit: 'memremap: provide a not device managed memremap_pages',
  }),
  hmm_devmem_pages: steps({
    title: 'Private and public device memory has hmm_devmem_pages_create and a radix of its own',
    first: false,
    '4.14': { to: true, commit: 'mm/hmm/devmem: device memory hotplug using ZONE_DEVICE' },
    '5.0': { to: false, commit: 'mm, hmm: use devm semantics for hmm_devmem_{add, remove}' },
  }),
  page_has_pagemap: since('4.5', {
    title: 'The lru words of a device page hold its pagemap',
    commit: 'mm, dax, pmem: introduce {get|put}_dev_pagemap() for dax-gup',
  }),
  device_pages_deferred: since('4.20', {
    title: 'Device pages are initialised after the hotplug lock was let go, without those of holes',
    commit: 'mm: defer ZONE_DEVICE page initialization to the point where we init pgmap',
  }),
  get_dev_pagemap_cached: until('6.18', {
    title: 'get_dev_pagemap takes a pagemap the caller holds already',
    commit: 'mm/memremap: remove unused get_dev_pagemap() parameter',
  }),
  pgmap_array: steps({
    title: 'What get_dev_pagemap looks in: an xarray, or a radix tree',
    first: 'radix',
    '4.20': { to: 'xarray', commit: 'memremap: Convert to XArray' },
  }),
});
