import { altmapOf } from '../pgmap/altmap.ts';
import { call, operation } from '../../core/world/operation.ts';
import { raiseVariable } from '../../core/world/variables.ts';
import { deferFrom, type DeferState } from './defer-init.ts';
import { __init_single_page } from './init-single-page.ts';

export interface MemmapInit {
  readonly size: number;
  readonly nid: number;
  readonly zone: number;
  readonly start_pfn: number;
  /** MEMINIT_EARLY, at boot: where the zone ends, and what was deferred so far. */
  readonly early?: { readonly zone_end_pfn: number; readonly defer: DeferState };
  /** Id of the pagemap whose altmap applies. */
  readonly altmap?: string | null;
  /** Of the pageblocks; MOVABLE where nothing is said. */
  readonly migratetype?: string;
}

/**
 * memmap_init_range(): the struct pages of a part of a zone.
 * At boot, with deferred initialisation, the highest zone of a node stops at `first_deferred_pfn`.
 * Of hotplug: all pages of an ordinary zone, offline until they are freed. For ZONE_DEVICE: without
 * an altmap nothing, memmap_init_zone_device does it; with one the pages that hold the memmap,
 * `[base + reserve, base + reserve + free)`. The `reserve` pages in front are never initialised.
 */
export const memmap_init_range = operation<MemmapInit, void>(
  (k) => (k.facts.era.get('memmap_init_range') ? 'memmap_init_range' : 'memmap_init_zone'),
  'mm/mm_init.c:memmap_init_range',
  function* (k, { size, nid, zone, start_pfn, early, altmap: owner = null, migratetype }) {
    const end = start_pfn + size;
    raiseVariable(k, 'highest_memmap_pfn', end - 1);
    if (early) {
      const stop = deferFrom(k, early.defer, nid, start_pfn, end, early.zone_end_pfn);
      if (start_pfn < stop)
        yield* call(__init_single_page, { pfn: start_pfn, end: stop, zone, nid });
      return;
    }
    if (k.facts.arch.zones[zone] !== 'Device') {
      const flags = k.facts.era.get('hotplug_page_offline') ? 'offline' : 'reserved';
      yield* call(__init_single_page, { pfn: start_pfn, end, nid, zone, flags, migratetype });
      return;
    }
    const altmap = altmapOf(k, owner);
    let pfn = (altmap?.base_pfn ?? 0) + (altmap?.reserve ?? 0);
    let last = pfn + (altmap?.free ?? 0);
    if (!k.facts.era.get('device_pages_deferred')) {
      // Before 4.20 all pages are made here, those of the memmap on the device too.
      pfn = start_pfn + (altmap?.base_pfn === start_pfn ? altmap.reserve : 0);
      last = end;
    }
    if (pfn < last)
      yield* call(__init_single_page, { pfn, end: last, nid, zone, flags: 'reserved' });
  },
  {
    show: ({ size, nid, zone, start_pfn, early, altmap }) => ({
      size,
      nid,
      zone,
      start_pfn,
      context: early ? 'MEMINIT_EARLY' : 'MEMINIT_HOTPLUG',
      ...(altmap == null ? {} : { altmap }),
    }),
  },
);
