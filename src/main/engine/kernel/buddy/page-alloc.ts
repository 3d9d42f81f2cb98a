import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { freeLists } from './free-lists.ts';
import { parseGfp, type Gfp } from './gfp.ts';
import { numa_mem_id } from './numa-mem-id.ts';
import { PCPTYPES, rmqueue, type TakenRun } from './rmqueue.ts';
import { blocksAbove, lowmemReserve, zoneWatermarks } from './watermark.ts';
import { zonelist } from './zonelist.ts';

type Zone = RowOf<'zones'>;

/** `count` allocations of 2^order pages, one after the other. */
export interface AllocParams {
  readonly order: number;
  readonly gfp: Gfp;
  readonly nid: number;
  readonly count: number;
}

/** The same as a caller asks for it: flags by name, and without a node the CPU's own. */
interface AllocRequest extends Omit<AllocParams, 'nid' | 'gfp'> {
  readonly nid?: number;
  readonly gfp: Gfp | string;
}

type Mark = 'min' | 'low';

function show({ order, gfp, nid, count }: AllocRequest) {
  return {
    gfp: typeof gfp === 'string' ? gfp : gfp.name,
    order,
    ...(nid === undefined ? {} : { nid }),
    ...(count > 1 ? { count } : {}),
  };
}

/** How many blocks zone_watermark_ok() lets go before it says no. */
function allowed(k: Kernel, zone: Zone, { order, gfp }: AllocParams, mark: Mark): number {
  const lists = freeLists(k.world, k.facts);
  if (!lists.hasBlock(zone.key, order, PCPTYPES)) return 0;
  const kib = 2 ** (k.facts.arch.page_shift - 10);
  const level =
    zoneWatermarks(k.world, zone, kib)[mark] + lowmemReserve(k.world, zone, gfp.highest_zoneidx);
  return blocksAbove(lists.nrFreePages(zone.key), level, order);
}

/**
 * prep_new_page() for blocks of 2^order pages: the first page of each has the one reference, the
 * others count 0, compound or not.
 */
const prep_new_page = leaf<TakenRun & { order: number }, void>(
  'prep_new_page',
  'mm/page_alloc.c:prep_new_page',
  (k, { pfn, end, order }) => {
    k.world.update('pages', pfn, end, { flags: '', refcount: 1, compound_order: order });
  },
  {
    covers: ({ pfn, end, order }) =>
      end - pfn === 2 ** order
        ? undefined
        : { count: (end - pfn) / 2 ** order, range: { start: pfn, end, unit: 'pfn' } },
  },
);

/** The zones in the zonelist's order, each down to the watermark. */
const get_page_from_freelist = operation<AllocParams & { mark: Mark }, readonly TakenRun[]>(
  'get_page_from_freelist',
  'mm/page_alloc.c:get_page_from_freelist',
  function* (k, params) {
    const { order, gfp, nid, count, mark } = params;
    const taken: TakenRun[] = [];
    let left = count;
    for (const zone of zonelist(k.world, k.facts, nid, gfp.highest_zoneidx, gfp.thisnode)) {
      if (left === 0) break;
      const blocks = Math.min(left, allowed(k, zone, params, mark));
      if (blocks === 0) continue;
      const { migratetype } = gfp;
      const runs = yield* call(rmqueue, { zone: zone.key, order, migratetype, count: blocks });
      for (const { pfn, end } of runs) {
        yield* call(prep_new_page, { pfn, end, order });
        left -= (end - pfn) / 2 ** order;
      }
      taken.push(...runs);
    }
    return taken;
  },
  { show: (params) => ({ ...show(params), alloc_flags: `WMARK_${params.mark.toUpperCase()}` }) },
);

/** kswapd is woken, then the min watermark counts. There is nothing to reclaim: what follows is NULL. */
const __alloc_pages_slowpath = operation<AllocParams, readonly TakenRun[]>(
  '__alloc_pages_slowpath',
  'mm/page_alloc.c:__alloc_pages_slowpath',
  function* (_k, params) {
    return yield* call(get_page_from_freelist, { ...params, mark: 'min' });
  },
  { show },
);

/**
 * alloc_pages(), `count` times: pages from the zones of `nid` (alloc_pages_node()), else of the CPU's
 * own node, then of the nearest nodes; down to the low watermark first, then to the min watermark.
 * @returns runs of blocks, in the order they were taken; fewer than wanted where the next one is
 * NULL: it would go below the min watermark, or no block is large enough
 */
export const alloc_pages = operation<AllocRequest, readonly TakenRun[]>(
  'alloc_pages',
  'mm/page_alloc.c:__alloc_pages',
  function* (k, asked) {
    const nid = asked.nid ?? (yield* call(numa_mem_id, {}));
    const gfp = typeof asked.gfp === 'string' ? parseGfp(k.facts, asked.gfp) : asked.gfp;
    if (!gfp) return [];
    const params = { ...asked, nid, gfp };
    if (params.order > k.facts.arch.max_page_order) {
      k.printk('warn', 'WARN_ON_ONCE_GFP(order > MAX_PAGE_ORDER, gfp)');
      return [];
    }
    const fast = yield* call(get_page_from_freelist, { ...params, mark: 'low' });
    const left = params.count - blocksOf(fast, params.order);
    if (left === 0) return fast;
    const slow = yield* call(__alloc_pages_slowpath, { ...params, count: left });
    return [...fast, ...slow];
  },
  { show },
);

/** Blocks of 2^order pages in runs of pages. */
export function blocksOf(runs: readonly TakenRun[], order: number): number {
  return runs.reduce((sum, { pfn, end }) => sum + (end - pfn) / 2 ** order, 0);
}

/** How many such allocations would succeed now, up to `count`, before the first NULL. */
export function blocksAvailable(k: Kernel, params: AllocParams): number {
  const { order, gfp, nid, count } = params;
  const lists = freeLists(k.world, k.facts);
  let blocks = 0;
  for (const zone of zonelist(k.world, k.facts, nid, gfp.highest_zoneidx, gfp.thisnode)) {
    let there = 0;
    for (const type of PCPTYPES) {
      for (let at = order; at <= lists.maxOrder; at += 1) {
        there += lists.count(zone.key, at, type) * 2 ** (at - order);
      }
    }
    blocks += Math.min(there, allowed(k, zone, params, 'min'));
    if (blocks >= count) return count;
  }
  return blocks;
}
