import type { Kernel } from '../../core/facts.ts';
import { SECTION_IS_ONLINE } from '../../core/section-flags.ts';
import { leaf } from '../../core/world/operation.ts';

interface Pages {
  start: number;
  end: number;
}

/** Parts of a range whose sections are online (pfn_to_online_page), as 5.4 and later ask. */
function onlineParts(k: Kernel, { start, end }: Pages): Pages[] {
  const per = k.facts.arch.pages_per_section;
  return k.world
    .overlapping('sections', Math.floor(start / per), Math.ceil(end / per))
    .filter(({ flags }) => (flags & SECTION_IS_ONLINE) !== 0)
    .map((row) => ({
      start: Math.max(row.start * per, start),
      end: Math.min(row.end * per, end),
    }));
}

/** The initialised pages of one zone and node in `[start, end)`. */
function pagesOf(k: Kernel, nid: number, zone: number, start: number, end: number): Pages[] {
  const found = k.world
    .overlapping('pages', start, end)
    .filter((row) => row.state === 'init' && row.nid === nid && row.zone === zone);
  if (k.facts.era.get('device_zone_shrinks')) return found;
  return found.flatMap((row) => onlineParts(k, row));
}

/** find_smallest_section_pfn() and its counterpart step by sub-section (5.3 and later). */
function down(k: Kernel, pfn: number): number {
  const step = k.facts.arch.pages_per_subsection;
  return Math.floor(pfn / step) * step;
}

/**
 * shrink_zone_span(): only a range at one end of the zone moves that end; the new end is the next
 * sub-section whose first page is of this node and zone. None left: the zone is empty.
 */
export const shrink_zone_span = leaf<
  { nid: number; zone: number; start_pfn: number; end_pfn: number },
  void
>(
  'shrink_zone_span',
  'mm/memory_hotplug.c:shrink_zone_span',
  (k, { nid, zone, start_pfn, end_pfn }) => {
    const row = k.world.need('zones', nid * 8 + zone);
    const first = row.zone_start_pfn;
    const end = first + row.spanned_pages;
    if (first === start_pfn) {
      const next = pagesOf(k, nid, zone, end_pfn, end)[0];
      const start = next ? Math.max(down(k, next.start), end_pfn) : 0;
      k.world.patch('zones', row.key, {
        zone_start_pfn: start,
        spanned_pages: next ? end - start : 0,
      });
    } else if (end === end_pfn) {
      const last = pagesOf(k, nid, zone, first, start_pfn).at(-1);
      k.world.patch('zones', row.key, {
        zone_start_pfn: last ? first : 0,
        spanned_pages: last ? Math.min(last.end, start_pfn) - first : 0,
      });
    }
  },
);

/** update_pgdat_span(): the node spans what its zones span, Device included. */
export const update_pgdat_span = leaf<{ nid: number }, void>(
  'update_pgdat_span',
  'mm/memory_hotplug.c:update_pgdat_span',
  (k, { nid }) => {
    let start = Infinity;
    let end = 0;
    for (const zone of k.world.rows('zones')) {
      if (zone.nid !== nid || zone.spanned_pages === 0) continue;
      start = Math.min(start, zone.zone_start_pfn);
      end = Math.max(end, zone.zone_start_pfn + zone.spanned_pages);
    }
    const empty = end === 0;
    k.world.patch('nodes', nid, {
      node_start_pfn: empty ? 0 : start,
      node_spanned_pages: empty ? 0 : end - start,
    });
  },
);
