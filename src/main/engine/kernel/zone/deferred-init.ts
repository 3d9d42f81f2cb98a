import type { Kernel } from '../../core/facts.ts';
import { freeMemRanges } from '../memblock/memblock.ts';
import { pageShift, pfnDown, pfnUp } from '../memblock/pages.ts';
import { set_zone_contiguous } from './contiguous.ts';
import { call, operation, type None } from '../../core/world/operation.ts';
import { __free_pages_core } from '../page/free-pages.ts';
import { __init_single_page, type PageRun } from './init-single-page.ts';

const deferred_init_pages = operation<PageRun, void>(
  'deferred_init_pages',
  'mm/mm_init.c:deferred_init_pages',
  function* (_k, run) {
    yield* call(__init_single_page, run);
  },
);

const deferred_free_pages = operation<{ pfn: number; end: number }, void>(
  (k) =>
    k.facts.era.get('deferred_init') === 'section' ? 'deferred_free_pages' : 'deferred_free_range',
  'mm/mm_init.c:deferred_free_pages',
  function* (_k, run) {
    yield* call(__free_pages_core, run);
  },
);

/** The node's kernel thread: what is free above first_deferred_pfn is initialised and freed. */
const deferred_init_memmap = operation<{ nid: number }, void>(
  'deferred_init_memmap',
  'mm/mm_init.c:deferred_init_memmap',
  function* (k, { nid }) {
    const first = k.world.need('nodes', nid).first_deferred_pfn;
    if (first === null) return;
    k.world.patch('nodes', nid, { first_deferred_pfn: null });
    const zone = highestZone(k, nid);
    let pages = 0;
    for (const range of [...freeMemRanges(k, nid)]) {
      const pfn = Math.max(pfnUp(range.start, pageShift(k)), first);
      const end = pfnDown(range.end, pageShift(k));
      if (pfn >= end) continue;
      yield* call(deferred_init_pages, { pfn, end, zone, nid });
      yield* call(deferred_free_pages, { pfn, end });
      pages += end - pfn;
    }
    k.note(`${pages} pages`);
  },
);

function highestZone(k: Kernel, nid: number): number {
  let highest = 0;
  k.facts.arch.zones.forEach((_, index) => {
    if ((k.world.get('zones', nid * 8 + index)?.spanned_pages ?? 0) > 0) highest = index;
  });
  return highest;
}

/** The rest of the struct pages, a thread a node; the model runs them one after the other. */
export const page_alloc_init_late = operation<None, void>(
  'page_alloc_init_late',
  'mm/mm_init.c:page_alloc_init_late',
  function* (k) {
    for (const { nid, first_deferred_pfn } of [...k.world.rows('nodes')]) {
      if (first_deferred_pfn !== null) yield* call(deferred_init_memmap, { nid });
    }
    for (const { key, present_pages } of [...k.world.rows('zones')]) {
      if (present_pages > 0) yield* call(set_zone_contiguous, { key });
    }
  },
);
