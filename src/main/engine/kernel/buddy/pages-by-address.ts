import type { PAGE_USES } from '../../../../shared/lab/operations/pages.ts';
import type { Kernel } from '../../core/facts.ts';
import { fail, type Outcome } from '../../core/world/operation.ts';

/** What holds the pages. */
export type PageUse = (typeof PAGE_USES)[number];

export interface PageRange {
  readonly pfn: number;
  readonly nr_pages: number;
}

function clipped(row: { start: number; end: number }, pfn: number, end: number): string {
  return `0x${Math.max(row.start, pfn).toString(16)}-0x${Math.min(row.end, end).toString(16)}`;
}

/** Is all of the range free, and if not, where not? */
function notFree(k: Kernel, { pfn, nr_pages }: PageRange): string | undefined {
  const end = pfn + nr_pages;
  let at = pfn;
  for (const row of k.world.overlapping('pages', pfn, end)) {
    if (row.start > at) break;
    if (!row.buddy) return `pages ${clipped(row, pfn, end)} are not free`;
    at = row.end;
  }
  return at < end ? `page 0x${at.toString(16)} has no struct page` : undefined;
}

/**
 * Takes these very pages out of the buddy allocator, which no kernel interface does by address:
 * an allocation whose place the lab chooses. `kernel` pages are unmovable and cannot come from
 * ZONE_MOVABLE; `process` pages are on an LRU list and migrate; `pinned` ones have one reference
 * more than their mapping and never do. -EBUSY where a page is not free, -EINVAL in ZONE_MOVABLE.
 */
export function takePages(
  k: Kernel,
  { pfn, nr_pages, use }: PageRange & { use: PageUse },
): Outcome<void> {
  const end = pfn + nr_pages;
  const busy = notFree(k, { pfn, nr_pages });
  if (busy !== undefined) return fail('EBUSY', busy);
  if (use === 'kernel') {
    const rows = k.world.overlapping('pages', pfn, end);
    if (rows.some(({ zone }) => k.facts.arch.zones[zone] === 'Movable')) {
      return fail('EINVAL', 'gfp_zone(GFP_KERNEL) is never ZONE_MOVABLE');
    }
  }
  k.world.update('pages', pfn, end, {
    buddy: false,
    flags: use === 'kernel' ? '' : 'lru',
    refcount: use === 'pinned' ? 2 : 1,
    mapcount: use === 'kernel' ? -1 : 0,
  });
  return undefined;
}

/** Frees allocated pages, whoever had them; -EINVAL where one of them is free or belongs to a device. */
export function givePagesBack(k: Kernel, { pfn, nr_pages }: PageRange): Outcome<void> {
  const end = pfn + nr_pages;
  for (const row of k.world.overlapping('pages', pfn, end)) {
    const allocated = row.refcount > 0 && !row.buddy && row.pgmap === null;
    if (row.flags.split('|').includes('reserved') || !allocated) {
      return fail('EINVAL', `pages ${clipped(row, pfn, end)} are not allocated`);
    }
  }
  k.world.update('pages', pfn, end, { buddy: true, flags: '', refcount: 0, mapcount: -1 });
  return undefined;
}
