import { zoneDevice } from '../zone/zone-device.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { vmem_altmap_offset } from '../pgmap/altmap.ts';
import { idleRefcount } from './device-types.ts';
import { typeName } from '../pgmap/pagemap.ts';

/** Pages of one pagemap; PFNs. */
export interface DevicePages {
  readonly start_pfn: number;
  readonly nr_pages: number;
  readonly pgmap: string;
}

/**
 * __init_zone_device_page(), for a run of pages: zone Device, reserved, the pagemap in the lru
 * words, the idle count of type and era. Compound ones: memmap_init_compound makes the tails.
 */
const __init_zone_device_page = leaf<DevicePages, void>(
  '__init_zone_device_page',
  'mm/mm_init.c:__init_zone_device_page',
  (k, { start_pfn, nr_pages, pgmap: id }) => {
    const pgmap = k.world.need('pgmaps', id);
    k.world.set('pages', start_pfn, start_pfn + nr_pages, {
      state: 'init',
      nid: pgmap.nid,
      zone: zoneDevice(k),
      flags: 'reserved',
      refcount: idleRefcount(k, typeName(pgmap)),
      mapcount: -1,
      pgmap: id,
      buddy: false,
      compound_order: pgmap.vmemmap_shift,
      migratetype: 'MOVABLE',
    });
  },
  {
    covers: ({ start_pfn, nr_pages, pgmap }, k) => ({
      count: Math.ceil(nr_pages / 2 ** (k.world.get('pgmaps', pgmap)?.vmemmap_shift ?? 0)),
      range: { start: start_pfn, end: start_pfn + nr_pages, unit: 'pfn' },
    }),
  },
);

/**
 * memmap_init_zone_device(): every data page of a range, after the hotplug lock was let go
 * ("mm: defer ZONE_DEVICE page initialization to the point where we init pgmap", 4.20).
 */
export const memmap_init_zone_device = operation<DevicePages, void>(
  'memmap_init_zone_device',
  'mm/mm_init.c:memmap_init_zone_device',
  function* (k, { start_pfn, nr_pages, pgmap }) {
    const { altmap } = k.world.need('pgmaps', pgmap);
    const end = start_pfn + nr_pages;
    const first = altmap ? altmap.base_pfn + vmem_altmap_offset(altmap) : start_pfn;
    if (first >= end) return;
    yield* call(__init_zone_device_page, { start_pfn: first, nr_pages: end - first, pgmap });
  },
);
