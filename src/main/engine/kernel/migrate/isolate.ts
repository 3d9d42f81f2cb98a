import type { Kernel } from '../../core/facts.ts';
import { flagList, withFlag, withoutFlag } from '../page/flags.ts';
import { folio_put } from '../page/page-ref.ts';
import { addToCount, coversPages, headRuns } from '../page/page-runs.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';

/** Pages [pfn, end); of compound pages whole ones. */
export interface PageRun {
  readonly pfn: number;
  readonly end: number;
}

/** Why a page is on no LRU list, for the check that fails. */
function notOnLru(k: Kernel, pfn: number): string {
  const page = k.world.at('pages', pfn);
  if (page?.pgmap != null) return '!PageLRU(page): the lru words of a device page hold its pagemap';
  return '!PageLRU(page)';
}

/**
 * folio_isolate_lru() (isolate_lru_page): the pages leave their LRU list, with a reference for who
 * isolates. -EBUSY where one of them is on none: free, isolated by somebody else, or a device's.
 */
export const folio_isolate_lru = leaf<PageRun, Outcome<void>>(
  (k) => k.facts.era.get('isolate_lru'),
  'mm/vmscan.c:folio_isolate_lru',
  (k, run) => {
    for (const row of k.world.overlapping('pages', run.pfn, run.end)) {
      const pfn = Math.max(row.start, run.pfn);
      if (!flagList(row.flags).includes('lru')) return fail('EBUSY', notOnLru(k, pfn));
    }
    k.world.update('pages', run.pfn, run.end, ({ flags }) => ({
      flags: withoutFlag(flags, 'lru'),
    }));
    for (const heads of headRuns(k, run, true)) addToCount(k, heads, 1);
    return undefined;
  },
  { covers: coversPages },
);

/** folio_putback_lru() (putback_movable_pages): back to the list, and the isolation's reference. */
export const folio_putback_lru = operation<PageRun, void>(
  (k) => (k.facts.era.get('folio_references') ? 'folio_putback_lru' : 'putback_lru_page'),
  'mm/vmscan.c:folio_putback_lru',
  function* (k, run) {
    k.world.update('pages', run.pfn, run.end, ({ flags }) => ({ flags: withFlag(flags, 'lru') }));
    yield* call(folio_put, run);
  },
  { covers: coversPages },
);
