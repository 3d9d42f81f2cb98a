import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel, View } from '../../core/facts.ts';
import { folio_isolate_lru } from '../migrate/isolate.ts';
import { migrate_pages } from '../migrate/migrate-pages.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

/** PFNs, end exclusive. */
export interface PfnSpan {
  readonly start_pfn: number;
  readonly end_pfn: number;
}

type PageRow = RowOf<'pages'>;

function has(row: PageRow, flag: string): boolean {
  return row.flags.split('|').includes(flag);
}

function clip(row: PageRow, { start_pfn, end_pfn }: PfnSpan): { from: number; to: number } {
  return { from: Math.max(row.start, start_pfn), to: Math.min(row.end, end_pfn) };
}

/**
 * Cannot the page move? Reserved pages never; in ZONE_MOVABLE others are trusted to; elsewhere
 * free pages, pages on an LRU list and PageOffline ones do not stand in the way.
 */
function unmovable(k: View, row: PageRow): boolean {
  if (has(row, 'reserved')) return true;
  if (k.facts.arch.zones[row.zone] === 'Movable') return false;
  return row.state === 'init' && row.refcount > 0 && !has(row, 'lru') && !has(row, 'offline');
}

/** The first run of pages in the range that cannot move. */
export function firstUnmovable(k: View, span: PfnSpan): PageRow | undefined {
  return k.world
    .overlapping('pages', span.start_pfn, span.end_pfn)
    .find((page) => unmovable(k, page));
}

/** has_unmovable_pages(): the first page of the range that cannot be moved, or null. */
const has_unmovable_pages = leaf<PfnSpan, number | null>(
  'has_unmovable_pages',
  'mm/page_isolation.c:has_unmovable_pages',
  (k, span) => {
    const row = firstUnmovable(k, span);
    if (!row) return null;
    const pfn = clip(row, span).from;
    k.printk('warn', `page: refcount:${row.refcount} mapcount:0 pfn:0x${pfn.toString(16)}`);
    k.printk('warn', 'page dumped because: unmovable page');
    return pfn;
  },
);

function setMigratetype(k: Kernel, { start_pfn, end_pfn }: PfnSpan, migratetype: string): void {
  k.world.update('pages', start_pfn, end_pfn, { migratetype });
}

/** start_isolate_page_range(): -EBUSY where a pageblock has a page that cannot move. */
export const start_isolate_page_range = operation<PfnSpan, Outcome<void>>(
  'start_isolate_page_range',
  'mm/page_isolation.c:start_isolate_page_range',
  function* (k, span) {
    const pfn = yield* call(has_unmovable_pages, span);
    if (pfn !== null) {
      return fail('EBUSY', `set_migratetype_isolate: unmovable page at pfn 0x${pfn.toString(16)}`);
    }
    setMigratetype(k, span, 'ISOLATE');
    return undefined;
  },
);

/** undo_isolate_page_range(): the pageblocks are movable again. */
export const undo_isolate_page_range = leaf<PfnSpan, void>(
  'undo_isolate_page_range',
  'mm/page_isolation.c:undo_isolate_page_range',
  (k, span) => setMigratetype(k, span, 'MOVABLE'),
);

/** scan_movable_pages(): the first page to migrate; -ENOENT when none is left. */
export const scan_movable_pages = leaf<PfnSpan, Outcome<number>>(
  'scan_movable_pages',
  'mm/memory_hotplug.c:scan_movable_pages',
  (k, span) => {
    for (const row of k.world.overlapping('pages', span.start_pfn, span.end_pfn)) {
      if (has(row, 'lru')) return clip(row, span).from;
      if (has(row, 'offline') && row.refcount > 0) {
        return fail('EBUSY', 'PageOffline(page) && page_count(page)');
      }
    }
    return fail('ENOENT', 'no movable page left');
  },
);

interface Target {
  readonly from: number;
  readonly to: number;
  readonly row: PageRow;
}

/** Free pages outside the range, of the same node first and from its highest zone down. */
function freeTargets(k: Kernel, nid: number, span: PfnSpan): Target[] {
  const targets: Target[] = [];
  for (const row of k.world.rows('pages')) {
    if (!row.buddy || row.migratetype === 'ISOLATE') continue;
    if (row.end <= span.start_pfn || row.start >= span.end_pfn) {
      targets.push({ from: row.start, to: row.end, row });
      continue;
    }
    if (row.start < span.start_pfn) targets.push({ from: row.start, to: span.start_pfn, row });
    if (row.end > span.end_pfn) targets.push({ from: span.end_pfn, to: row.end, row });
  }
  const rank = ({ row }: Target): number => (row.nid === nid ? 0 : 100) - row.zone;
  return targets.sort((a, b) => rank(a) - rank(b) || a.from - b.from);
}

/** Moves pages of one extent to free ones; the number that found no place. */
function moveExtent(k: Kernel, row: PageRow, span: PfnSpan): number {
  let { from } = clip(row, span);
  const { to } = clip(row, span);
  for (const target of freeTargets(k, row.nid, span)) {
    if (from === to) break;
    const pages = Math.min(to - from, target.to - target.from);
    const { flags, refcount, mapcount } = row;
    const taken = { flags, refcount, mapcount, buddy: false };
    k.world.update('pages', target.from, target.from + pages, taken);
    const freed = { flags: '', refcount: 0, mapcount: -1, buddy: true };
    k.world.update('pages', from, from + pages, freed);
    from += pages;
  }
  return to - from;
}

/** Pages that processes map or a file's cache holds: isolated, then migrated away from the range. */
function* migrateMapped(k: Kernel, run: { pfn: number; end: number }): Operation<number> {
  const isolated = yield* call(folio_isolate_lru, run);
  if (failed(isolated)) return run.end - run.pfn;
  const nid = k.world.at('pages', run.pfn)?.nid ?? 0;
  const left = yield* call(migrate_pages, { ...run, nid, reason: 'MEMORY_HOTPLUG' });
  for (const { pfn } of left) {
    k.printk('warn', `migrating pfn ${pfn.toString(16)} failed ret:-11`);
  }
  return left.reduce((sum, { pfn, end }) => sum + end - pfn, 0);
}

/** Moves pages of the range that are in use to free pages elsewhere; the number that could not. */
export function* migrateAway(k: Kernel, span: PfnSpan): Operation<number> {
  let stuck = 0;
  for (const row of k.world.overlapping('pages', span.start_pfn, span.end_pfn)) {
    if (!has(row, 'lru')) continue;
    const { from, to } = clip(row, span);
    if (k.world.overlapping('page_mappings', from, to).length > 0) {
      stuck += yield* migrateMapped(k, { pfn: from, end: to });
    } else if (row.refcount > 1) {
      k.printk('warn', `migrating pfn ${from.toString(16)} failed ret:-11`);
      stuck += to - from;
    } else stuck += moveExtent(k, row, span);
  }
  return stuck;
}

/**
 * do_migrate_range(): pages of processes move to free pages elsewhere. Pages with more references
 * than their mappings stay. Which free pages are taken is pfnlab's choice, lowest PFN first.
 * @returns pages that could not move
 */
const do_migrate_range = operation<PfnSpan, number>(
  'do_migrate_range',
  'mm/memory_hotplug.c:do_migrate_range',
  migrateAway,
  { basis: 'model' },
);

/**
 * The loop of offline_pages(): migrate until nothing is left. With pages that never move the
 * kernel tries until a signal arrives, before 4.15 for 120 seconds; here the first fruitless round
 * stands for all: -EINTR, the writer gave up, or -EBUSY, the time is over.
 */
export function* migrateIsolatedRange(k: Kernel, span: PfnSpan): Operation<Outcome<void>> {
  for (;;) {
    const pfn = yield* call(scan_movable_pages, span);
    if (failed(pfn)) return pfn.errno === 'ENOENT' ? undefined : pfn;
    const stuck = yield* call(do_migrate_range, { start_pfn: pfn, end_pfn: span.end_pfn });
    if (stuck > 0) {
      const pages = `${stuck} pages of the range do not move`;
      if (k.facts.era.get('offline_times_out')) {
        return fail('EBUSY', `time_after(jiffies, expire): ${pages}`);
      }
      return fail('EINTR', `signal_pending(current): ${pages}`);
    }
  }
}
