import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { freeBlocks } from './free-lists.ts';
import { PCPTYPES, setPageblockType, type TakenRun } from './rmqueue.ts';

type Page = RowOf<'pages'>;

/** The free block at `pfn` if all its 2^order pages are free and of the same zone. */
function buddyOf(k: Kernel, page: Page, pfn: number, order: number): Page | undefined {
  const buddy = k.world.at('pages', pfn);
  if (!buddy?.buddy || buddy.nid !== page.nid || buddy.zone !== page.zone) return undefined;
  return buddy.end >= pfn + 2 ** order ? buddy : undefined;
}

/** migratetype_is_mergeable(): not CMA, HIGHATOMIC or ISOLATE. */
function mergeable(type: string): boolean {
  return PCPTYPES.includes(type);
}

/**
 * One block goes back: as long as its buddy (pfn ^ 2^order) is free too, in the same zone and of a
 * type it may merge with, both are one block of the next order. From the pageblock order on the
 * buddy takes the block's type, so that expand() finds the lists right later.
 * @returns the order of the block in the end
 */
function freeOne(k: Kernel, page: Page, pfn: number, order: number): number {
  const { max_page_order, pageblock_order } = k.facts.arch;
  let at = pfn;
  let current = order;
  k.world.update('pages', pfn, pfn + 2 ** order, FREE);
  while (current < max_page_order) {
    const size = 2 ** current;
    const buddyPfn = (at / size) % 2 === 0 ? at + size : at - size;
    const buddy = buddyOf(k, page, buddyPfn, current);
    if (!buddy) break;
    if (current >= pageblock_order && buddy.migratetype !== page.migratetype) {
      if (!mergeable(buddy.migratetype) || !mergeable(page.migratetype)) break;
      setPageblockType(k, buddyPfn, buddyPfn + size, page.migratetype);
    }
    at = Math.min(at, buddyPfn);
    current += 1;
  }
  return current;
}

const FREE = { buddy: true, flags: '', refcount: 0, mapcount: -1, compound_order: 0 } as const;

/**
 * __free_one_page() for every block of a run of pages; blocks of the highest order have nothing
 * to merge with and go at once.
 * @returns the order of the last block after merging
 */
export const __free_one_page = leaf<TakenRun & { order: number }, number>(
  '__free_one_page',
  'mm/page_alloc.c:__free_one_page',
  (k, { pfn, end }) => {
    const max = k.facts.arch.max_page_order;
    let last = 0;
    for (const page of k.world.overlapping('pages', pfn, end)) {
      const from = Math.max(page.start, pfn);
      for (const run of freeBlocks(from, Math.min(page.end, end), max)) {
        if (run.order === max) {
          k.world.update('pages', run.pfn, run.pfn + run.count * 2 ** max, FREE);
          last = max;
        } else last = freeOne(k, page, run.pfn, run.order);
      }
    }
    return last;
  },
  {
    covers: ({ pfn, end, order }) =>
      end - pfn === 2 ** order
        ? undefined
        : { count: (end - pfn) / 2 ** order, range: { start: pfn, end, unit: 'pfn' } },
  },
);

/** Is every page of the run allocated in blocks of this order, with one reference each? */
export function notAllocated(k: Kernel, { pfn, end, order }: TakenRun & { order: number }) {
  const size = 2 ** order;
  if (pfn % size !== 0 || (end - pfn) % size !== 0)
    return `pfn and end are not at 2^${order} pages`;
  let at = pfn;
  for (const row of k.world.overlapping('pages', pfn, end)) {
    if (row.start > at) break;
    const taken = row.state === 'init' && !row.buddy && row.pgmap === null;
    if (!taken || row.flags.includes('reserved'))
      return `page 0x${at.toString(16)} is not allocated`;
    if (row.refcount !== 1) return `page 0x${at.toString(16)} has ${row.refcount} references`;
    if (row.compound_order !== order) {
      return `page 0x${at.toString(16)} was allocated with order ${row.compound_order}`;
    }
    at = row.end;
  }
  return at < end ? `page 0x${at.toString(16)} has no struct page` : undefined;
}

/**
 * __free_pages() for a run of blocks of 2^order pages that were allocated with that order.
 * -EINVAL where they were not: the kernel has no check there and would go wrong later.
 */
export const __free_pages = operation<TakenRun & { order: number }, Outcome<void>>(
  '__free_pages',
  'mm/page_alloc.c:__free_pages',
  function* (k, params) {
    const problem = notAllocated(k, params);
    if (problem !== undefined) return fail('EINVAL', `model: ${problem}`);
    yield* call(__free_one_page, params);
    return undefined;
  },
);
