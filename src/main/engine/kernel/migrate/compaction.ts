import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { isAnonPage } from '../mm/rmap.ts';
import { flagList } from '../page/flags.ts';
import { coversPages } from '../page/page-runs.ts';
import { call, failed, leaf, operation, type Operation } from '../../core/world/operation.ts';
import { folio_isolate_lru, type PageRun } from './isolate.ts';
import { alikeRuns, migrate_pages } from './migrate-pages.ts';

type Zone = RowOf<'zones'>;
type Page = RowOf<'pages'>;

/** populated_zone(): has the zone memory of the core's? ZONE_DEVICE never has: present_pages is 0. */
const populated_zone = leaf<{ zone: Zone }, boolean>(
  'populated_zone',
  'include/linux/mmzone.h:populated_zone',
  (_k, { zone }) => zone.present_pages > 0,
  { show: ({ zone }) => ({ nid: zone.nid, zone: zone.name }) },
);

/**
 * What isolate_migratepages_block() takes: single pages on an LRU list, and of anonymous ones those
 * without references beyond their mappings.
 */
function movable(k: Kernel, page: Page): boolean {
  if (page.compound_order > 0 || !flagList(page.flags).includes('lru')) return false;
  // Pages that a lab gave to nobody in particular (`alloc-pages: { use: process }`) have no entries.
  if (!k.world.at('page_mappings', page.start)) return false;
  return !isAnonPage(k, page.start) || page.refcount <= page.mapcount + 1;
}

/** The lowest run of pages to move, in [low, high): pages alike. */
function lowestMovable(k: Kernel, zone: Zone, low: number, high: number): PageRun | undefined {
  const row = k.world
    .overlapping('pages', low, high)
    .find((page) => page.zone === zone.index && page.nid === zone.nid && movable(k, page));
  if (!row) return undefined;
  const run = { pfn: Math.max(row.start, low), end: Math.min(row.end, high) };
  return alikeRuns(k, run)[0];
}

/** suitable_migration_target(): pageblocks in use in part only, for pages that move. */
function targetParts(k: Kernel, page: Page): PageRun[] {
  if (!['MOVABLE', 'CMA'].includes(page.migratetype)) return [];
  const block = 2 ** k.facts.arch.pageblock_order;
  const first = Math.ceil(page.start / block) * block;
  const last = Math.floor(page.end / block) * block;
  if (first > last) return [{ pfn: page.start, end: page.end }];
  return [
    { pfn: page.start, end: first },
    { pfn: last, end: page.end },
  ];
}

/** The highest run of free pages in [low, high) to move pages to. */
function highestFree(k: Kernel, zone: Zone, low: number, high: number): PageRun | undefined {
  return k.world
    .overlapping('pages', low, high)
    .filter((page) => page.buddy && page.zone === zone.index && page.nid === zone.nid)
    .flatMap((page) => targetParts(k, page))
    .map(({ pfn, end }) => ({ pfn: Math.max(pfn, low), end: Math.min(end, high) }))
    .filter(({ pfn, end }) => pfn < end)
    .at(-1);
}

/** isolate_freepages(): free pages from the zone's end down leave the buddy lists, as single pages. */
const isolate_freepages = leaf<PageRun, void>(
  'isolate_freepages',
  'mm/compaction.c:isolate_freepages, split_map_pages',
  (k, { pfn, end }) => {
    const taken = { buddy: false, flags: '', refcount: 1, mapcount: -1 };
    k.world.update('pages', pfn, end, taken);
  },
  { covers: coversPages },
);

/** isolate_migratepages(): pages from the zone's start up leave their LRU list. */
const isolate_migratepages = operation<PageRun, boolean>(
  'isolate_migratepages',
  'mm/compaction.c:isolate_migratepages, isolate_migratepages_block',
  function* (_k, run) {
    return !failed(yield* call(folio_isolate_lru, run));
  },
  { covers: coversPages },
);

/** One round: the lowest pages to the highest free place. Gives where the scanner of pages goes on. */
function* round(k: Kernel, zone: Zone, low: number): Operation<{ next: number; moved: number }> {
  const high = zone.zone_start_pfn + zone.spanned_pages;
  const src = lowestMovable(k, zone, low, high);
  const free = src && highestFree(k, zone, src.end, high);
  if (!src || !free) return { next: high, moved: 0 };
  const pages = Math.min(src.end - src.pfn, free.end - free.pfn);
  const from = { pfn: src.pfn, end: src.pfn + pages };
  const to = { pfn: free.end - pages, end: free.end };
  if (!(yield* call(isolate_migratepages, from))) return { next: from.end, moved: 0 };
  yield* call(isolate_freepages, to);
  const params = { ...from, nid: zone.nid, reason: 'COMPACTION', targets: [to] };
  const stuck = yield* call(migrate_pages, params);
  const left = stuck.reduce((sum, { pfn, end }) => sum + end - pfn, 0);
  return { next: from.end, moved: pages - left };
}

/**
 * compact_zone(): two scanners, one of pages from the start, one of free pages from the end, until they
 * meet. The kernel takes COMPACT_CLUSTER_MAX (32) pages at a time; here it is runs of pages alike.
 * @returns pages moved
 */
const compact_zone = operation<{ zone: Zone }, number>(
  'compact_zone',
  'mm/compaction.c:compact_zone',
  function* (k, { zone }) {
    const end = zone.zone_start_pfn + zone.spanned_pages;
    let moved = 0;
    let at = zone.zone_start_pfn;
    while (at < end) {
      const done = yield* round(k, zone, at);
      moved += done.moved;
      at = done.next;
    }
    return moved;
  },
  { show: ({ zone }) => ({ nid: zone.nid, zone: zone.name }) },
);

/**
 * compact_node(), what a write to /sys/devices/system/node/nodeN/compact starts: every zone that is
 * populated. Pages of devices are in none.
 * @returns pages moved
 */
export const compact_node = operation<{ nid: number }, number>(
  'compact_node',
  'mm/compaction.c:compact_node',
  function* (k, { nid }) {
    let moved = 0;
    const zones = [...k.world.rows('zones')].filter((zone) => zone.nid === nid);
    for (const zone of zones.sort((a, b) => a.index - b.index)) {
      if (!(yield* call(populated_zone, { zone }))) continue;
      moved += yield* call(compact_zone, { zone });
    }
    return moved;
  },
);
