import { leaf } from '../../core/world/operation.ts';
import { singlePage } from '../page/page-rows.ts';

/** A run of pages [pfn, end) of one zone and node. */
export interface PageRun {
  readonly pfn: number;
  readonly end: number;
  readonly zone: number;
  readonly nid: number;
}

function covers({ pfn, end }: { pfn: number; end: number }) {
  return { count: end - pfn, range: { start: pfn, end, unit: 'pfn' as const } };
}

/**
 * Zone and node links, refcount 1: one step for a run of pages. `flags` and the type of the
 * pageblocks are what memmap_init_range() adds in its own loop.
 */
export const __init_single_page = leaf<PageRun & { flags?: string; migratetype?: string }, void>(
  '__init_single_page',
  'mm/mm_init.c:__init_single_page',
  (k, { pfn, end, zone, nid, flags, migratetype = 'MOVABLE' }) =>
    k.world.set('pages', pfn, end, { ...singlePage(zone, nid, flags), migratetype }),
  { covers },
);

/** Marks a run PG_reserved. */
export const __SetPageReserved = leaf<{ pfn: number; end: number }, void>(
  '__SetPageReserved',
  'include/linux/page-flags.h:__SetPageReserved',
  (k, { pfn, end }) => k.world.update('pages', pfn, end, { flags: 'reserved' }),
  { covers },
);

/**
 * A page outside what was initialised early: its zone is the first of the node that spans it, and
 * one past the last (MAX_NR_ZONES) where none does.
 */
export const __init_page_from_nid = leaf<PageRun, void>(
  (k) => (k.facts.era.get('init_page_from_nid') ? '__init_page_from_nid' : 'init_reserved_page'),
  'mm/mm_init.c:__init_page_from_nid',
  (k, { pfn, end, zone, nid }) => {
    k.world.set('pages', pfn, end, singlePage(zone, nid));
    if (zone >= k.facts.arch.zones.length) {
      k.note(`no zone of node ${nid} spans these pages: zone number ${zone}, MAX_NR_ZONES`);
    }
  },
  { covers },
);
