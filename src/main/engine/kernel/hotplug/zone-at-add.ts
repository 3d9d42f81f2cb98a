import { call, leaf, operation } from '../../core/world/operation.ts';
import { memmap_init_range } from '../zone/memmap-init-range.ts';
import { resize_pgdat_range, resize_zone_range, type MoveParams } from './zone-span.ts';

/**
 * zone_for_memory() of kernels before 4.13: Movable where that zone has a span and starts at or
 * below the new memory (should_add_memory_movable), else Normal. An index in enum zone_type.
 */
export const zone_for_memory = leaf<{ nid: number; start_pfn: number }, number>(
  'zone_for_memory',
  'mm/memory_hotplug.c:zone_for_memory',
  (k, { nid, start_pfn }) => {
    const index = k.facts.arch.zones.indexOf('Movable');
    const movable = k.world.get('zones', nid * 8 + index);
    const above = (movable?.spanned_pages ?? 0) > 0 && (movable?.zone_start_pfn ?? 0) <= start_pfn;
    return above ? index : k.facts.arch.zones.indexOf('Normal');
  },
);

/**
 * __add_zone() of kernels before 4.13: zone and node spans grow when memory is added, and its pages
 * are initialised, reserved until they go online.
 */
export const __add_zone = operation<MoveParams, void>(
  '__add_zone',
  'mm/memory_hotplug.c:__add_zone',
  function* (_k, params) {
    const { nid, zone, start_pfn, nr_pages } = params;
    yield* call(resize_zone_range, params);
    yield* call(resize_pgdat_range, params);
    yield* call(memmap_init_range, { size: nr_pages, nid, zone, start_pfn, altmap: null });
  },
);
