import type { Kernel } from '../../core/facts.ts';
import type { RowOf } from '../../../../shared/world/tables.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { freeLists, type FreeRun } from './free-lists.ts';

/** Types that allocations use, and where each looks when its own lists are empty (fallbacks[][]). */
export const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  UNMOVABLE: ['RECLAIMABLE', 'MOVABLE'],
  MOVABLE: ['RECLAIMABLE', 'UNMOVABLE'],
  RECLAIMABLE: ['UNMOVABLE', 'MOVABLE'],
};
export const PCPTYPES: readonly string[] = Object.keys(FALLBACKS);

/** Taken pages, [pfn, end). */
export interface TakenRun {
  readonly pfn: number;
  readonly end: number;
}

/** `count` blocks of 2^order pages from one zone (its key in `zones`). */
export interface RmqueueParams {
  readonly zone: number;
  readonly order: number;
  readonly migratetype: string;
  readonly count: number;
}

function show(params: RmqueueParams, k: Kernel) {
  const { nid, name } = k.world.need('zones', params.zone);
  const { order, migratetype, count } = params;
  return { node: nid, zone: name, order, migratetype, ...(count > 1 ? { count } : {}) };
}

function smallest(k: Kernel, zone: number, type: string, order: number): FreeRun | undefined {
  const lists = freeLists(k.world, k.facts);
  for (let current = order; current <= lists.maxOrder; current += 1) {
    const run = lists.first(zone, type, current);
    if (run) return run;
  }
  return undefined;
}

/** Takes up to `count` blocks off the front of a run of free blocks: what is left is expand()'s. */
function take(k: Kernel, run: FreeRun, order: number, count: number): TakenRun {
  const blocks = Math.min(count, run.count * 2 ** (run.order - order));
  const end = run.pfn + blocks * 2 ** order;
  k.world.update('pages', run.pfn, end, { buddy: false });
  if (run.order > order) k.note(`split from order ${run.order} at PFN 0x${run.pfn.toString(16)}`);
  return { pfn: run.pfn, end };
}

/**
 * The smallest block that is large enough; its lower part is taken, expand() gives the rest back
 * to the lists. A list has its blocks in the order of their PFNs here; in a running kernel that
 * order is history, so that which block comes first is the model's choice.
 */
const __rmqueue_smallest = leaf<RmqueueParams, TakenRun | undefined>(
  '__rmqueue_smallest',
  'mm/page_alloc.c:__rmqueue_smallest',
  (k, { zone, order, migratetype, count }) => {
    const run = smallest(k, zone, migratetype, order);
    return run && take(k, run, order, count);
  },
  { basis: 'model', show },
);

/** should_try_claim_block() (can_steal_fallback): MOVABLE does not claim for small orders. */
function shouldTryClaim(k: Kernel, order: number, type: string): boolean {
  const { pageblock_order } = k.facts.arch;
  return order >= Math.floor(pageblock_order / 2) || type !== 'MOVABLE';
}

/** Gives initialised pages of [start, end) in the zone another pageblock type. */
export function setPageblockType(k: Kernel, start: number, end: number, type: string): void {
  k.world.update('pages', start, end, (row) => (row.state === 'init' ? { migratetype: type } : {}));
}

function freeIn(k: Kernel, start: number, end: number): number {
  let pages = 0;
  for (const row of k.world.overlapping('pages', start, end)) {
    if (row.buddy) pages += Math.min(row.end, end) - Math.max(row.start, start);
  }
  return pages;
}

/**
 * try_to_claim_block() (steal_suitable_fallback) below the pageblock order: the whole block changes
 * its type if at least half of it is free or used alike. Pages in use are not on an LRU list here,
 * so that none of them counts as movable.
 */
function claimPart(k: Kernel, run: FreeRun, from: string, { zone, migratetype }: RmqueueParams) {
  const size = 2 ** k.facts.arch.pageblock_order;
  const start = run.pfn - (run.pfn % size);
  const { zone_start_pfn, spanned_pages } = k.world.need('zones', zone) as RowOf<'zones'>;
  if (start < zone_start_pfn || start + size > zone_start_pfn + spanned_pages) return false;
  const free = freeIn(k, start, start + size);
  const alike = migratetype !== 'MOVABLE' && from === 'MOVABLE' ? size - free : 0;
  if (free + alike < size / 2) return false;
  setPageblockType(k, start, start + size, migratetype);
  return true;
}

/**
 * Claims pageblocks of another type: the largest free block first, so that as much as possible of
 * what is taken later lies together.
 * @returns whether there is a block of the wanted type now
 */
const __rmqueue_claim = leaf<RmqueueParams, boolean>(
  (k) => (k.facts.era.get('rmqueue_claim') ? '__rmqueue_claim' : '__rmqueue_fallback'),
  'mm/page_alloc.c:__rmqueue_claim, try_to_claim_block',
  (k, params) => {
    const { zone, order, migratetype, count } = params;
    const lists = freeLists(k.world, k.facts);
    for (let current = lists.maxOrder; current >= order; current -= 1) {
      if (!shouldTryClaim(k, current, migratetype)) break;
      for (const type of FALLBACKS[migratetype] ?? []) {
        const run = lists.first(zone, type, current);
        if (!run) continue;
        if (current < k.facts.arch.pageblock_order) {
          if (claimPart(k, run, type, params)) return true;
          break;
        }
        const blocks = Math.min(run.count, Math.ceil((count * 2 ** order) / 2 ** current));
        const end = run.pfn + blocks * 2 ** current;
        setPageblockType(k, run.pfn, end, migratetype);
        k.note(`pageblocks 0x${run.pfn.toString(16)}-0x${end.toString(16)} were ${type}`);
        return true;
      }
    }
    return false;
  },
  { basis: 'model', show },
);

/** Takes a block of another type and leaves the pageblock's type as it is: the smallest there is. */
const __rmqueue_steal = leaf<RmqueueParams, TakenRun | undefined>(
  (k) => (k.facts.era.get('rmqueue_claim') ? '__rmqueue_steal' : '__rmqueue_fallback'),
  'mm/page_alloc.c:__rmqueue_steal',
  (k, { zone, order, migratetype, count }) => {
    const lists = freeLists(k.world, k.facts);
    for (let current = order; current <= lists.maxOrder; current += 1) {
      for (const type of FALLBACKS[migratetype] ?? []) {
        const run = lists.first(zone, type, current);
        if (run) return take(k, run, order, count);
      }
    }
    return undefined;
  },
  { basis: 'model', show },
);

/**
 * rmqueue(), `count` times: blocks of 2^order pages of one zone, in the order they were taken;
 * fewer where the zone has no more. Per-CPU lists are not modelled.
 */
export const rmqueue = operation<RmqueueParams, readonly TakenRun[]>(
  'rmqueue',
  'mm/page_alloc.c:rmqueue',
  function* (_k, params) {
    const taken: TakenRun[] = [];
    const size = 2 ** params.order;
    let left = params.count;
    while (left > 0) {
      const wanted = { ...params, count: left };
      let run = yield* call(__rmqueue_smallest, wanted);
      if (!run) {
        if (yield* call(__rmqueue_claim, wanted)) continue;
        run = yield* call(__rmqueue_steal, wanted);
      }
      if (!run) break;
      taken.push(run);
      left -= (run.end - run.pfn) / size;
    }
    return taken;
  },
  { show },
);
