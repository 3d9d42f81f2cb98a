import type { Kernel } from '../../core/facts.ts';
import { __free_one_page } from '../buddy/free-pages.ts';
import { put_dev_pagemap } from '../pgmap/pgmap-array.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { free_zone_device_page } from './free-zone-device.ts';
import { flagList } from './flags.ts';
import { coversPages, headCount, eachHeadRun } from './page-runs.ts';

/** Pages or folios [pfn, end) of one kind, each at 0. */
export interface PagesAtZero {
  readonly pfn: number;
  readonly end: number;
}

/** A page the allocator finds broken is reported and kept away from the free lists. */
const bad_page = leaf<PagesAtZero & { reason: string }, void>(
  'bad_page',
  'mm/page_alloc.c:bad_page',
  (k, { pfn, reason }) => {
    const number = pfn.toString(16).padStart(5, '0');
    k.printk('alert', `BUG: Bad page state in process pfnlab  pfn:${number}`);
    k.printk('alert', `page dumped because: ${reason}`);
  },
  { covers: coversPages },
);

/** free_unref_page() by its era's name: checks the pages, then they join the free lists. */
const free_unref_page = operation<PagesAtZero & { order: number }, void>(
  (k) => k.facts.era.get('free_unref_page'),
  'mm/page_alloc.c:free_unref_page',
  function* (k, params) {
    const reason = badPage(k, params.pfn);
    k.world.clear('page_mappings', params.pfn, params.end);
    if (reason !== undefined) yield* call(bad_page, { ...params, reason });
    else yield* call(__free_one_page, params);
  },
  { covers: coversPages },
);

/** free_pages_check(): PAGE_FLAGS_CHECK_AT_FREE, and a mapcount that is not -1. */
function badPage(k: Kernel, pfn: number): string | undefined {
  const page = k.world.at('pages', pfn);
  if (!page) return undefined;
  if (page.mapcount !== -1) return 'nonzero mapcount';
  if (flagList(page.flags).includes('reserved')) return 'PAGE_FLAGS_CHECK_AT_FREE flag(s) set';
  return undefined;
}

/**
 * __put_page(), or __folio_put(): nobody holds these pages any more. Device pages are not the
 * buddy allocator's: by era they only give their pagemap's reference back, or are freed to the
 * driver; before 4.5 the allocator got them all the same, and found PG_reserved set.
 */
export const __put_page = operation<PagesAtZero, void>(
  (k) => k.facts.era.get('put_page_slow'),
  'mm/swap.c:__put_page',
  function* (k, params) {
    for (const run of eachHeadRun(k, params, true)) {
      const { row, start, end } = run;
      const range = { pfn: start, end };
      const device = row.pgmap === null ? 'bad' : k.facts.era.get('device_page_at_zero');
      if (device === 'freed') yield* call(free_zone_device_page, range);
      else if (device === 'puts_pagemap') {
        yield* call(put_dev_pagemap, { pgmap: row.pgmap ?? '', nr: headCount(run) });
      } else yield* call(free_unref_page, { ...range, order: row.compound_order });
    }
  },
  { covers: coversPages },
);
