import type { Kernel } from '../../core/facts.ts';
import { splitHuge } from './huge-memory.ts';
import { coversPages } from '../page/page-runs.ts';
import { put_page } from '../page/page-ref.ts';
import { call, fail, operation, type Outcome } from '../../core/world/operation.ts';
import type { PageRun } from '../page/page-lock.ts';
import { processMappings } from './rmap-index.ts';

/** The compound pages that the run meets, whole. */
export function wholeFolios(k: Pick<Kernel, 'world'>, { pfn, end }: PageRun): PageRun {
  const first = 2 ** (k.world.at('pages', pfn)?.compound_order ?? 0);
  const last = 2 ** (k.world.at('pages', end - 1)?.compound_order ?? 0);
  return { pfn: pfn - (pfn % first), end: end + ((last - (end % last)) % last) };
}

/**
 * split_huge_page(): one compound page becomes single pages, each with the references of its own
 * mappings. -EBUSY where somebody holds more than the mappings: he may hold any of its pages.
 */
export const split_huge_page = operation<PageRun, Outcome<void>>(
  'split_huge_page',
  'mm/huge_memory.c:split_huge_page_to_list',
  function* (k, { pfn, end }) {
    for (const { start, end: to } of processMappings(k, { pfn, end }))
      splitHuge(k, { start, end: to });
    const refcount = k.world.at('pages', pfn)?.refcount ?? 0;
    let mapped = 0;
    for (const row of k.world.overlapping('pages', pfn, end)) {
      mapped += (row.mapcount + 1) * (Math.min(row.end, end) - Math.max(row.start, pfn));
    }
    if (refcount !== mapped) {
      return fail('EBUSY', `page_count(page) ${refcount} != page_mapcount ${mapped}`);
    }
    // What nobody maps has the split's own reference left, and is freed.
    k.world.update('pages', pfn, end, ({ mapcount }) => ({
      compound_order: 0,
      refcount: Math.max(1, mapcount + 1),
    }));
    for (const row of k.world.overlapping('pages', pfn, end)) {
      if (row.mapcount >= 0) continue;
      const unmapped = { pfn: Math.max(row.start, pfn), end: Math.min(row.end, end) };
      yield* call(put_page, unmapped);
    }
    return undefined;
  },
  { covers: coversPages },
);
