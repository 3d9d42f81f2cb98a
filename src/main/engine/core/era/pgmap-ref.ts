import { eraSwitch } from './switch.ts';
import { since } from './version.ts';

/** Who counts the users of a pagemap, and what its removal waits for. */
export const pgmapRefSwitches = {
  pagemap_ref: eraSwitch({
    title:
      'Whose percpu reference a pagemap has: none, the one its driver brings (with the kill and ' +
      'cleanup the kernel demands beside it), its own unless the driver brings one, or its own',
    changed: [
      { commit: 'mm, dax, pmem: introduce {get|put}_dev_pagemap() for dax-gup', release: '4.5' },
      { commit: 'mm, devm_memremap_pages: fix shutdown handling', release: '5.0' },
      { commit: 'mm/devm_memremap_pages: fix final page put race', release: '5.2' },
      {
        commit: 'memremap: provide an optional internal refcount in struct dev_pagemap',
        release: '5.3',
      },
      { commit: 'memremap: remove support for external pgmap refcounts', release: '5.17' },
    ],
    value: ({ version }) => {
      if (since(version, '5.17')) return 'own';
      if (since(version, '5.3')) return 'optional';
      if (since(version, '5.2')) return 'driver: kill cleanup';
      if (since(version, '5.0')) return 'driver: kill';
      return since(version, '4.5') ? 'driver' : 'none';
    },
  }),
  pagemap_release: eraSwitch({
    title:
      'Taking a pagemap down: removes the memory at once, kills the reference first, or kills it ' +
      'and waits for the last user',
    changed: [
      { commit: 'mm, devm_memremap_pages: fix shutdown handling', release: '5.0' },
      { commit: 'mm/devm_memremap_pages: fix final page put race', release: '5.2' },
    ],
    value: ({ version }) => {
      if (since(version, '5.2')) return 'waits';
      return since(version, '5.0') ? 'kills' : 'at once';
    },
  }),
  pagemap_ref_exit_last: eraSwitch({
    title: 'The reference of a pagemap is given up after its ranges are gone, not before',
    changed: [
      { commit: 'mm/memremap: fix memunmap_pages() race with get_dev_pagemap()', release: '6.0' },
    ],
    value: ({ version }) => since(version, '6.0'),
  }),
  memremap_pages: eraSwitch({
    title: 'memremap_pages and memunmap_pages exist beside the devm_ functions',
    changed: [
      {
        commit: 'memremap: provide a not device managed memremap_pages',
        release: '5.4',
      },
    ],
    value: ({ version }) => since(version, '5.4'),
  }),
  hmm_devmem_pages: eraSwitch({
    title: 'Private and public device memory has hmm_devmem_pages_create and a radix of its own',
    changed: [
      {
        commit: 'mm/hmm/devmem: device memory hotplug using ZONE_DEVICE',
        release: '4.14',
      },
      {
        commit: 'mm, hmm: use devm semantics for hmm_devmem_{add, remove}',
        release: '5.0',
      },
    ],
    value: ({ version }) => since(version, '4.14') && !since(version, '5.0'),
  }),
  page_has_pagemap: eraSwitch({
    title: 'The lru words of a device page hold its pagemap',
    changed: [
      { commit: 'mm, dax, pmem: introduce {get|put}_dev_pagemap() for dax-gup', release: '4.5' },
    ],
    value: ({ version }) => since(version, '4.5'),
  }),
  device_pages_deferred: eraSwitch({
    title: 'Device pages are initialised after the hotplug lock was let go, without those of holes',
    changed: [
      {
        commit: 'mm: defer ZONE_DEVICE page initialization to the point where we init pgmap',
        release: '4.20',
      },
    ],
    value: ({ version }) => since(version, '4.20'),
  }),
  get_dev_pagemap_cached: eraSwitch({
    title: 'get_dev_pagemap takes a pagemap the caller holds already',
    changed: [
      { commit: 'mm/memremap: remove unused get_dev_pagemap() parameter', release: '6.18' },
    ],
    value: ({ version }) => !since(version, '6.18'),
  }),
  pgmap_array: eraSwitch({
    title: 'What get_dev_pagemap looks in: an xarray, or a radix tree',
    changed: [{ commit: 'memremap: Convert to XArray', release: '4.20' }],
    value: ({ version }) => (since(version, '4.20') ? 'xarray' : 'radix'),
  }),
} as const;
