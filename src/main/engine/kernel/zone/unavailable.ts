import type { Kernel } from '../../core/facts.ts';
import { memPfnRanges } from '../memblock/memblock.ts';
import { roundUp } from '../memblock/pages.ts';
import { validPfnRanges } from '../memmodel/section.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { __init_single_page, __SetPageReserved } from './init-single-page.ts';
import { freshPages, singlePage } from '../page/page-rows.ts';

/**
 * Struct pages of a hole, for as far as a memmap exists: initialised in the zone of the walk, and
 * reserved. Returns their number (the kernel only prints it).
 */
export const init_unavailable_range = operation<
  { spfn: number; epfn: number; zone: number; node: number },
  number
>(
  'init_unavailable_range',
  'mm/mm_init.c:init_unavailable_range',
  function* (k, { spfn, epfn, zone, node }) {
    let pgcnt = 0;
    for (const { start, end } of validPfnRanges(k, spfn, epfn)) {
      yield* call(__init_single_page, { pfn: start, end, zone, nid: node });
      yield* call(__SetPageReserved, { pfn: start, end });
      pgcnt += end - start;
    }
    if (pgcnt > 0) {
      const name = k.facts.arch.zones[zone] ?? String(zone);
      k.printk('info', `On node ${node}, zone ${name}: ${pgcnt} pages in unavailable ranges`);
    }
    return pgcnt;
  },
);

/** Holes of memblock.memory, each up to the next range; the last to the end of its section. */
export function holes(k: Kernel): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let at = 0;
  for (const { start, end } of memPfnRanges(k)) {
    if (at < start) found.push({ start: at, end: start });
    at = end;
  }
  const end = roundUp(at, k.facts.arch.pages_per_section);
  if (at < end) found.push({ start: at, end });
  return found;
}

/**
 * Before 5.12, in one go before the nodes: struct pages of holes are cleared (4.15), or initialised
 * as reserved pages of zone 0 on node 0 (5.4 to 5.11).
 */
export const zero_unavailable = leaf<None, number>(
  (k) =>
    k.facts.era.get('hole_struct_pages') === 'zeroed'
      ? 'zero_resv_unavail'
      : 'init_unavailable_mem',
  'mm/page_alloc.c:zero_resv_unavail',
  (k) => {
    const zeroed = k.facts.era.get('hole_struct_pages') === 'zeroed';
    let pgcnt = 0;
    for (const hole of holes(k)) {
      for (const { start, end } of validPfnRanges(k, hole.start, hole.end)) {
        if (zeroed) freshPages(k, start, end);
        else k.world.set('pages', start, end, singlePage(0, 0, 'reserved'));
        pgcnt += end - start;
      }
    }
    if (pgcnt > 0 && k.facts.era.get('unavailable_log') === 'zeroed') {
      k.printk('info', `Zeroed struct page in unavailable ranges: ${pgcnt} pages`);
    }
    return pgcnt;
  },
);
