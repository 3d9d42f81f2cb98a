import { zoneDevice } from '../zone/zone-device.ts';
import { SECTION_TAINT_ZONE_DEVICE } from '../../core/section-flags.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { set_zone_contiguous } from '../zone/contiguous.ts';
import { memmap_init_range } from '../zone/memmap-init-range.ts';
import { shrink_zone_span, update_pgdat_span } from './shrink-zone.ts';

/** A zone of a node, and PFNs. `altmap`: id of the pagemap whose altmap applies, or null. */
export interface MoveParams {
  readonly nid: number;
  /** Index in enum zone_type. */
  readonly zone: number;
  readonly start_pfn: number;
  readonly nr_pages: number;
  readonly altmap: string | null;
  /** Of the new pageblocks: ISOLATE while they go online. */
  readonly migratetype?: string;
}

/** Key of a zone record. */
function zoneKey(nid: number, zone: number): number {
  return nid * 8 + zone;
}

/** resize_zone_range(): the span grows over the new range. */
export const resize_zone_range = leaf<MoveParams, void>(
  'resize_zone_range',
  'mm/memory_hotplug.c:resize_zone_range',
  (k, { nid, zone, start_pfn, nr_pages }) => {
    const row = k.world.need('zones', zoneKey(nid, zone));
    const grown = widened(row.zone_start_pfn, row.spanned_pages, start_pfn, nr_pages);
    k.world.patch('zones', row.key, {
      zone_start_pfn: grown.start,
      spanned_pages: grown.spanned,
    });
  },
);

/** resize_pgdat_range(): the same for the node. */
export const resize_pgdat_range = leaf<MoveParams, void>(
  'resize_pgdat_range',
  'mm/memory_hotplug.c:resize_pgdat_range',
  (k, { nid, start_pfn, nr_pages }) => {
    const row = k.world.need('nodes', nid);
    const grown = widened(row.node_start_pfn, row.node_spanned_pages, start_pfn, nr_pages);
    k.world.patch('nodes', nid, {
      node_start_pfn: grown.start,
      node_spanned_pages: grown.spanned,
    });
  },
);

function widened(
  start: number,
  spanned: number,
  from: number,
  pages: number,
): { start: number; spanned: number } {
  const first = spanned === 0 || from < start ? from : start;
  const end = spanned === 0 ? from + pages : Math.max(start + spanned, from + pages);
  return { start: first, spanned: end - first };
}

/** section_taint_zone_device(): only part of this section is ZONE_DEVICE. */
const section_taint_zone_device = leaf<{ pfn: number }, void>(
  'section_taint_zone_device',
  'mm/memory_hotplug.c:section_taint_zone_device',
  (k, { pfn }) => {
    const nr = Math.floor(pfn / k.facts.arch.pages_per_section);
    k.world.update('sections', nr, nr + 1, ({ flags }) => ({
      flags: flags | SECTION_TAINT_ZONE_DEVICE,
    }));
  },
);

/** clear_zone_contiguous(): nothing is known while the zone changes. */
const clear_zone_contiguous = leaf<{ nid: number; zone: number }, void>(
  'clear_zone_contiguous',
  'mm/internal.h:clear_zone_contiguous',
  (k, { nid, zone }) => {
    k.world.patch('zones', zoneKey(nid, zone), { contiguous: false });
  },
);

/**
 * move_pfn_range_to_zone(): zone and node spans widen, and what memmap_init_range does for the
 * zone. Zone Device is never `contiguous`: its pages are not online. Neither is a zone right after
 * it grew: the new pages go online later, and nobody looks again until the zone next changes.
 */
export const move_pfn_range_to_zone = operation<MoveParams, void>(
  'move_pfn_range_to_zone',
  'mm/memory_hotplug.c:move_pfn_range_to_zone',
  function* (k, params) {
    const { nid, zone, start_pfn, nr_pages, altmap } = params;
    const migratetype = params.migratetype ?? 'MOVABLE';
    yield* call(clear_zone_contiguous, { nid, zone });
    yield* call(resize_zone_range, params);
    yield* call(resize_pgdat_range, params);
    const per = k.facts.arch.pages_per_section;
    const end = start_pfn + nr_pages;
    if (zone === zoneDevice(k) && k.facts.era.get('section_taint_zone_device')) {
      if (start_pfn % per !== 0) yield* call(section_taint_zone_device, { pfn: start_pfn });
      if (end % per !== 0) yield* call(section_taint_zone_device, { pfn: end });
    }
    yield* call(memmap_init_range, { size: nr_pages, nid, zone, start_pfn, altmap, migratetype });
    if (zone !== zoneDevice(k)) yield* call(set_zone_contiguous, { key: zoneKey(nid, zone) });
  },
);

/**
 * remove_pfn_range_from_zone(): CONFIG_DEBUG_VM poisons the struct pages; ZONE_DEVICE keeps its
 * span, other zones and, before 5.4, Device too, shrink.
 */
export const remove_pfn_range_from_zone = operation<Omit<MoveParams, 'altmap'>, void>(
  'remove_pfn_range_from_zone',
  'mm/memory_hotplug.c:remove_pfn_range_from_zone',
  function* (k, { nid, zone, start_pfn, nr_pages }) {
    const end = start_pfn + nr_pages;
    if (k.facts.config['DEBUG_VM'] === 'y') {
      k.world.update('pages', start_pfn, end, { state: 'poison' });
      k.world.clear('page_mappings', start_pfn, end);
    }
    if (zone === zoneDevice(k) && !k.facts.era.get('device_zone_shrinks')) {
      k.note('ZONE_DEVICE: the span stays');
      return;
    }
    yield* call(clear_zone_contiguous, { nid, zone });
    yield* call(shrink_zone_span, { nid, zone, start_pfn, end_pfn: end });
    yield* call(update_pgdat_span, { nid });
    if (zone !== zoneDevice(k)) yield* call(set_zone_contiguous, { key: zoneKey(nid, zone) });
  },
);
