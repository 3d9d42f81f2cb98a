import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { memPfnRanges } from '../memblock/memblock.ts';
import { clamp, roundUp } from '../memblock/pages.ts';
import { numberVar, setVar } from '../../core/world/variables.ts';
import { validPfnRanges } from '../memmodel/section.ts';
import { call, operation, type None } from '../../core/world/operation.ts';
import { newDeferState, type DeferState } from './defer-init.ts';
import { memmap_init_range } from './memmap-init-range.ts';
import { init_unavailable_range } from './unavailable.ts';

type Zone = RowOf<'zones'>;

const memmap_init_zone_range = operation<
  { zone: Zone; start: number; end: number; hole: number; defer: DeferState },
  number
>(
  'memmap_init_zone_range',
  'mm/mm_init.c:memmap_init_zone_range',
  function* (_k, { zone, start, end, hole, defer }) {
    const zoneEnd = zone.zone_start_pfn + zone.spanned_pages;
    const first = clamp(start, zone.zone_start_pfn, zoneEnd);
    const last = clamp(end, zone.zone_start_pfn, zoneEnd);
    if (first >= last) return hole;
    const { nid, index } = zone;
    const early = { zone_end_pfn: zoneEnd, defer };
    const part = { nid, zone: index, start_pfn: first, size: last - first };
    yield* call(memmap_init_range, { ...part, early });
    if (hole < first) {
      yield* call(init_unavailable_range, { spfn: hole, epfn: first, zone: index, node: nid });
    }
    return last;
  },
  { show: ({ zone, start, end, hole }) => ({ zone: zone.name, start, end, hole_pfn: hole }) },
);

/** 5.12 and later: every memory range, zone by zone, holes in front of it included. */
function* walkMemory(k: Kernel, defer: DeferState) {
  let hole = 0;
  let last: { zone: number; nid: number; end: number } | undefined;
  for (const { start, end, nid } of memPfnRanges(k)) {
    for (const zone of zonesOf(k, nid)) {
      const zoneEnd = zone.zone_start_pfn + zone.spanned_pages;
      if (zone.present_pages === 0) continue;
      if (start < zoneEnd && end > zone.zone_start_pfn) {
        hole = yield* call(memmap_init_zone_range, { zone, start, end, hole, defer });
      }
      last = { zone: zone.index, nid, end };
    }
  }
  if (!last) return;
  const end = roundUp(last.end, k.facts.arch.pages_per_section);
  if (hole < end) {
    yield* call(init_unavailable_range, {
      spfn: hole,
      epfn: end,
      zone: last.zone,
      node: last.nid,
    });
  }
}

/**
 * Before 5.8: every PFN of a zone that has a memmap is initialised, holes included, and none of
 * them is reserved. From then to 5.11 memory ranges only.
 */
function* walkZones(k: Kernel, defer: DeferState) {
  const byMemblock = k.facts.era.get('memmap_init_by_memblock');
  for (const zone of [...k.world.rows('zones')]) {
    if (zone.spanned_pages === 0) continue;
    const zoneEnd = zone.zone_start_pfn + zone.spanned_pages;
    const parts = byMemblock
      ? memPfnRanges(k, zone.nid)
      : validPfnRanges(k, zone.zone_start_pfn, zoneEnd);
    for (const part of parts) {
      const start = clamp(part.start, zone.zone_start_pfn, zoneEnd);
      const end = clamp(part.end, zone.zone_start_pfn, zoneEnd);
      if (start >= end) continue;
      const { nid, index } = zone;
      const early = { zone_end_pfn: zoneEnd, defer };
      const range = { nid, zone: index, start_pfn: start, size: end - start };
      yield* call(memmap_init_range, { ...range, early });
    }
    // The last page of the zone's span counts, hole or not.
    if (!byMemblock && numberVar(k, 'highest_memmap_pfn') < zoneEnd - 1) {
      setVar(k, 'highest_memmap_pfn', zoneEnd - 1);
    }
  }
}

/** Zones of a node, none for memory whose node is down or not known. */
function zonesOf(k: Kernel, nid: number): Zone[] {
  return k.facts.arch.zones.flatMap((_, index) => k.world.get('zones', nid * 8 + index) ?? []);
}

/** Struct pages of all memory of the boot, and of the holes between. */
export const memmap_init = operation<None, void>(
  'memmap_init',
  'mm/mm_init.c:memmap_init',
  function* (k) {
    const defer = newDeferState();
    if (k.facts.era.get('hole_struct_pages') === 'reserved') yield* walkMemory(k, defer);
    else yield* walkZones(k, defer);
  },
);
