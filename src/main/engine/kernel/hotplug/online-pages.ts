import type { Kernel } from '../../core/facts.ts';
import { SECTION_IS_ONLINE } from '../../core/section-flags.ts';
import { __free_pages_core } from '../page/free-pages.ts';
import { driverCallback } from '../device/callback.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { notifyDrivers, onlinePageDriver } from './memory-notify.ts';
import { adjust_present_page_count } from './present-pages.ts';
import { undo_isolate_page_range, type PfnSpan } from './unmovable.ts';
import { move_pfn_range_to_zone, remove_pfn_range_from_zone } from './zone-span.ts';

/** PFNs of a memory block, without the pages of its own memmap, and the zone they join. */
export interface ZonePages {
  readonly start_pfn: number;
  readonly nr_pages: number;
  readonly nid: number;
  /** Index in enum zone_type. */
  readonly zone: number;
  /** mem->group of the block. */
  readonly group?: number | null;
}

/** Whole pageblocks up to the end of a section: what online_pages and offline_pages insist on. */
export function wholeBlocks(k: Kernel, { start_pfn, nr_pages }: ZonePages): boolean {
  const { pageblock_order, pages_per_section } = k.facts.arch;
  const aligned = start_pfn % 2 ** pageblock_order === 0;
  return nr_pages > 0 && aligned && (start_pfn + nr_pages) % pages_per_section === 0;
}

export const NOT_WHOLE =
  '!nr_pages || !pageblock_aligned(start_pfn) || !IS_ALIGNED(end_pfn, PAGES_PER_SECTION)';

function bySection(k: Kernel, { start_pfn, end_pfn }: PfnSpan): { start: number; end: number } {
  const per = k.facts.arch.pages_per_section;
  return { start: Math.ceil(start_pfn / per), end: Math.floor(end_pfn / per) };
}

function coversSections(span: PfnSpan, k: Kernel) {
  const { start, end } = bySection(k, span);
  const range = { start, end, unit: 'section' as const };
  return end > start ? { count: end - start, range } : undefined;
}

/** A section whose first pages hold the memmap of the block goes online with the rest. */
function touched(k: Kernel, { start_pfn, end_pfn }: PfnSpan): { start: number; end: number } {
  const per = k.facts.arch.pages_per_section;
  return { start: Math.floor(start_pfn / per), end: Math.ceil(end_pfn / per) };
}

/** online_mem_sections(): pfn_to_online_page() finds the pages from now on (4.13 and later). */
export const online_mem_sections = leaf<PfnSpan, void>(
  'online_mem_sections',
  'mm/sparse.c:online_mem_sections',
  (k, span) => {
    if (k.facts.era.get('section_flags') < 3) return;
    const { start, end } = touched(k, span);
    k.world.update('sections', start, end, (row) => ({ flags: row.flags | SECTION_IS_ONLINE }));
  },
  { covers: coversSections },
);

/** offline_mem_sections(): the reverse. */
export const offline_mem_sections = leaf<PfnSpan, void>(
  'offline_mem_sections',
  'mm/sparse.c:offline_mem_sections',
  (k, span) => {
    const { start, end } = touched(k, span);
    k.world.update('sections', start, end, (row) => ({ flags: row.flags & ~SECTION_IS_ONLINE }));
  },
  { covers: coversSections },
);

/** generic_online_page(): pages of a block go to the buddy allocator, from a driver that decides. */
export const generic_online_page = operation<{ pfn: number; end: number }, void>(
  'generic_online_page',
  'mm/memory_hotplug.c:generic_online_page',
  function* (_k, pages) {
    yield* call(__free_pages_core, pages);
  },
);

/** online_pages_range(): the pages go to the buddy allocator in the largest aligned blocks. */
const online_pages_range = operation<PfnSpan, void>(
  'online_pages_range',
  'mm/memory_hotplug.c:online_pages_range',
  function* (k, span) {
    const pages = { pfn: span.start_pfn, end: span.end_pfn };
    const driver = onlinePageDriver(k);
    if (driver === undefined) yield* call(__free_pages_core, pages);
    else yield* driverCallback(k, driver, 'online_page', pages);
    yield* call(online_mem_sections, span);
  },
);

/**
 * online_pages(): the range joins the zone, its struct pages are initialised and its pages are
 * free. -EINVAL where it is not made of whole pageblocks and sections.
 */
export const online_pages = operation<ZonePages, Outcome<void>>(
  'online_pages',
  'mm/memory_hotplug.c:online_pages',
  function* (k, params) {
    const { start_pfn, nr_pages, nid, zone } = params;
    if (!wholeBlocks(k, params)) return fail('EINVAL', NOT_WHOLE);
    const span = { start_pfn, end_pfn: start_pfn + nr_pages };
    if (k.facts.era.get('zone_chosen_at_online')) {
      const move = { nid, zone, start_pfn, nr_pages, altmap: null, migratetype: 'ISOLATE' };
      yield* call(move_pfn_range_to_zone, move);
    }
    const notice = { start_pfn, nr_pages };
    const vetoed = yield* notifyDrivers(k, { action: 'MEM_GOING_ONLINE', ...notice });
    if (failed(vetoed)) {
      yield* notifyDrivers(k, { action: 'MEM_CANCEL_ONLINE', ...notice });
      yield* call(remove_pfn_range_from_zone, { nid, zone, start_pfn, nr_pages });
      return vetoed;
    }
    yield* call(online_pages_range, span);
    const { group = null } = params;
    yield* call(adjust_present_page_count, { nid, zone, pfn: start_pfn, nr_pages, group });
    yield* call(undo_isolate_page_range, span);
    yield* notifyDrivers(k, { action: 'MEM_ONLINE', ...notice });
    return undefined;
  },
);
