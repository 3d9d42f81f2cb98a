import { altmapOf } from '../pgmap/altmap.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { raiseVariable } from './variables.ts';

export interface MemmapInitParams {
  readonly size: number;
  readonly nid: number;
  readonly zone: number;
  readonly start_pfn: number;
  readonly altmap: string | null;
  /** Of the pageblocks; MOVABLE where nothing is said. */
  readonly migratetype?: string;
}

/** __init_single_page() of hotplug, for a run of pages, counted once. */
const __init_single_page = leaf<Omit<MemmapInitParams, 'altmap'> & { flags: string }, void>(
  '__init_single_page',
  'mm/mm_init.c:__init_single_page',
  (k, { start_pfn, size, nid, zone, flags, migratetype = 'MOVABLE' }) => {
    k.world.set('pages', start_pfn, start_pfn + size, {
      state: 'init',
      nid,
      zone,
      flags,
      refcount: 1,
      mapcount: -1,
      pgmap: null,
      buddy: false,
      compound_order: 0,
      migratetype,
    });
  },
  {
    covers: ({ start_pfn, size }) => ({
      count: size,
      range: { start: start_pfn, end: start_pfn + size, unit: 'pfn' },
    }),
  },
);

/**
 * memmap_init_range() of hotplug: all pages of an ordinary zone, offline until they are freed. For
 * ZONE_DEVICE: without an altmap nothing, memmap_init_zone_device does
 * it; with one the pages that hold the memmap, `[base + reserve, base + reserve + free)`. The
 * `reserve` pages in front are never initialised.
 */
export const memmap_init_range = operation<MemmapInitParams, void>(
  'memmap_init_range',
  'mm/mm_init.c:memmap_init_range',
  function* (k, { size, nid, zone, start_pfn, altmap: owner, migratetype = 'MOVABLE' }) {
    raiseVariable(k, 'highest_memmap_pfn', start_pfn + size - 1);
    if (k.facts.arch.zones[zone] !== 'Device') {
      const flags = k.facts.era.get('hotplug_page_offline') ? 'offline' : 'reserved';
      yield* call(__init_single_page, { start_pfn, size, nid, zone, flags, migratetype });
      return;
    }
    const altmap = altmapOf(k, owner);
    if (!k.facts.era.get('device_pages_deferred')) {
      // Before 4.20 all pages are made here, those of the memmap on the device too.
      const reserve = altmap?.base_pfn === start_pfn ? altmap.reserve : 0;
      const made = { start_pfn: start_pfn + reserve, size: size - reserve, nid, zone };
      yield* call(__init_single_page, { ...made, flags: 'reserved' });
      return;
    }
    if (!altmap || altmap.free === 0) return;
    const first = altmap.base_pfn + altmap.reserve;
    yield* call(__init_single_page, {
      start_pfn: first,
      size: altmap.free,
      nid,
      zone,
      flags: 'reserved',
    });
  },
);
