import { migrateAway, start_isolate_page_range, undo_isolate_page_range } from './unmovable.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { __free_one_page } from '../buddy/free-pages.ts';

/** Pages [pfn, end). */
interface Range {
  readonly pfn: number;
  readonly end: number;
}

const covers = ({ pfn, end }: Range) => ({
  count: end - pfn,
  range: { start: pfn, end, unit: 'pfn' as const },
});

/** test_pages_isolated(): are all pages of the range free now? */
const test_pages_isolated = leaf<Range, Outcome<void>>(
  'test_pages_isolated',
  'mm/page_isolation.c:test_pages_isolated',
  (k, { pfn, end }) => {
    const busy = k.world.overlapping('pages', pfn, end).find(({ buddy }) => !buddy);
    if (!busy) return undefined;
    return fail('EBUSY', `page 0x${Math.max(busy.start, pfn).toString(16)} is not free`);
  },
);

/** isolate_freepages_range(): the free pages leave the buddy lists, one reference each. */
const isolate_freepages_range = leaf<Range, void>(
  'isolate_freepages_range',
  'mm/compaction.c:isolate_freepages_range',
  (k, { pfn, end }) => {
    const taken = { buddy: false, flags: '', refcount: 1, mapcount: -1, compound_order: 0 };
    k.world.update('pages', pfn, end, taken);
  },
  { covers },
);

/**
 * alloc_contig_range(): exactly these pages, whatever of them is in use and can move elsewhere.
 * -EBUSY where a page cannot. The kernel tries five times; what does not move once never does here.
 */
export const alloc_contig_range = operation<Range, Outcome<void>>(
  'alloc_contig_range',
  'mm/page_alloc.c:alloc_contig_range',
  function* (k, { pfn, end }) {
    const span = { start_pfn: pfn, end_pfn: end };
    const isolated = yield* call(start_isolate_page_range, span);
    if (failed(isolated)) return isolated;
    yield* migrateAway(k, span);
    const free = yield* call(test_pages_isolated, { pfn, end });
    if (!failed(free)) yield* call(isolate_freepages_range, { pfn, end });
    yield* call(undo_isolate_page_range, span);
    return free;
  },
);

/** free_contig_range(): page by page back to the buddy allocator. */
export const free_contig_range = operation<Range, void>(
  'free_contig_range',
  'mm/page_alloc.c:free_contig_range',
  function* (_k, { pfn, end }) {
    yield* call(__free_one_page, { pfn, end, order: 0 });
  },
  { covers },
);
