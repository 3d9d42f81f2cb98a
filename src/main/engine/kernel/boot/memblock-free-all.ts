import type { Kernel } from '../../core/facts.ts';
import { validPfnRanges } from '../memmodel/section.ts';
import { __init_page_from_nid, __SetPageReserved } from '../zone/init-single-page.ts';
import { addManaged, freePages, __free_pages_core } from '../page/free-pages.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { freeMemRanges, memblockPfnNid, NUMA_NO_NODE } from '../memblock/memblock.ts';
import { numberVar } from '../../core/world/variables.ts';
import { pageShift, pfnDown, pfnPhys, pfnUp } from '../memblock/pages.ts';

interface NodePart {
  start: number;
  end: number;
  nid: number;
}

/** Cuts a PFN range by node; what is no memory counts for the first node (early_pfn_to_nid). */
function byNode(k: Kernel, start: number, end: number): NodePart[] {
  let first = 0;
  for (const node of k.world.rows('nodes')) {
    first = node.nid;
    break;
  }
  const parts: NodePart[] = [];
  let at = start;
  const push = (to: number, nid: number): void => {
    if (at < to) parts.push({ start: at, end: to, nid: k.world.get('nodes', nid) ? nid : first });
    at = Math.max(at, to);
  };
  const shift = pageShift(k);
  const bytes = (pfn: number): bigint => pfnPhys(pfn, shift);
  for (const row of k.world.overlapping('memblock_memory', bytes(start), bytes(end))) {
    push(Math.min(pfnUp(row.start, shift), end), NUMA_NO_NODE);
    push(Math.min(pfnDown(row.end, shift), end), row.nid);
  }
  push(end, NUMA_NO_NODE);
  return parts;
}

/** Cuts a range at the zones of its node; outside all of them the zone is MAX_NR_ZONES. */
function byZone(k: Kernel, { start, end, nid }: NodePart): (NodePart & { zone: number })[] {
  const none = k.facts.arch.zones.length;
  const cuts = new Set([start, end]);
  const zones = k.facts.arch.zones.map((_, index) => k.world.need('zones', nid * 8 + index));
  for (const zone of zones) {
    for (const pfn of [zone.zone_start_pfn, zone.zone_start_pfn + zone.spanned_pages]) {
      if (pfn > start && pfn < end) cuts.add(pfn);
    }
  }
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, index) => {
    const spans = zones.find(
      ({ zone_start_pfn, spanned_pages }) =>
        from >= zone_start_pfn && from < zone_start_pfn + spanned_pages,
    );
    return { start: from, end: edges[index + 1] as number, nid, zone: spans?.index ?? none };
  });
}

/** Struct pages of a reserved range: initialised where that was deferred, then PG_reserved. */
const reserve_bootmem_region = operation<{ start: bigint; end: bigint; owner: string }, void>(
  'reserve_bootmem_region',
  'mm/mm_init.c:reserve_bootmem_region',
  function* (k, { start, end }) {
    const shift = pageShift(k);
    for (const range of validPfnRanges(k, pfnDown(start, shift), pfnUp(end, shift))) {
      for (const part of byNode(k, range.start, range.end)) {
        const deferred = k.world.get('nodes', part.nid)?.first_deferred_pfn ?? null;
        if (deferred !== null && part.end > deferred) {
          const late = { ...part, start: Math.max(part.start, deferred) };
          for (const run of byZone(k, late)) {
            const { nid, zone } = run;
            yield* call(__init_page_from_nid, { pfn: run.start, end: run.end, zone, nid });
          }
        }
      }
      yield* call(__SetPageReserved, { pfn: range.start, end: range.end });
    }
  },
);

const memmap_init_reserved_pages = operation<None, void>(
  'memmap_init_reserved_pages',
  'mm/memblock.c:memmap_init_reserved_pages',
  function* (k) {
    for (const { start, end, owner } of [...k.world.rows('memblock_reserved')]) {
      yield* call(reserve_bootmem_region, { start, end, owner });
    }
  },
);

/** managed_pages starts again at 0: only what is freed now counts. */
const reset_all_zones_managed_pages = leaf<None, void>(
  'reset_all_zones_managed_pages',
  'mm/memblock.c:reset_all_zones_managed_pages',
  (k) => {
    for (const zone of [...k.world.rows('zones')]) {
      k.world.patch('zones', zone.key, { managed_pages: 0 });
    }
  },
);

/** Until 6.14 the end of low memory: high memory is handed over by set_highmem_pages_init(). */
function lowEnd(k: Kernel): number {
  const split = highmemApart(k);
  return split ? numberVar(k, 'max_low_pfn') : Infinity;
}

/** Is high memory freed apart, by the architecture's mem_init()? */
export function highmemApart(k: Kernel): boolean {
  return (
    k.facts.arch.zones.includes('HighMem') && k.facts.era.get('mem_init_calls_memblock_free_all')
  );
}

/** x86_32: free pages that the kernel does not map for good go to the page allocator one by one. */
export const set_highmem_pages_init = operation<None, void>(
  'set_highmem_pages_init',
  'arch/x86/mm/highmem_32.c:set_highmem_pages_init',
  function* (k) {
    yield* call(reset_all_zones_managed_pages, {});
    const low = numberVar(k, 'max_low_pfn');
    const shift = pageShift(k);
    for (const { start, end } of [...freeMemRanges(k)]) {
      const pfn = Math.max(pfnUp(start, shift), low);
      const last = pfnDown(end, shift);
      if (pfn < last) yield* call(free_highmem_page, { pfn, end: last });
    }
  },
);

const free_highmem_page = leaf<{ pfn: number; end: number }, void>(
  'free_highmem_page',
  'mm/page_alloc.c:free_highmem_page',
  (k, { pfn, end }) => freePages(k, pfn, end),
  { covers: ({ pfn, end }) => ({ count: end - pfn, range: { start: pfn, end, unit: 'pfn' } }) },
);

/** One free range goes to the buddy allocator, as far as its struct pages exist already. */
const __free_memory_core = operation<{ start: bigint; end: bigint }, number>(
  '__free_memory_core',
  'mm/memblock.c:__free_memory_core',
  function* (k, { start, end }) {
    const first = pfnUp(start, pageShift(k));
    const last = Math.min(pfnDown(end, pageShift(k)), lowEnd(k));
    const nid = memblockPfnNid(k, first);
    const node = k.world.get('nodes', nid);
    if (!node) return 0;
    const deferred = node.first_deferred_pfn;
    const stop = deferred === null ? last : Math.min(last, deferred);
    if (first < stop) yield* call(__free_pages_core, { pfn: first, end: stop });
    return Math.max(last - first, 0);
  },
);

const free_low_memory_core_early = operation<None, void>(
  'free_low_memory_core_early',
  'mm/memblock.c:free_low_memory_core_early',
  function* (k) {
    yield* call(memmap_init_reserved_pages, {});
    for (const { start, end } of [...freeMemRanges(k)]) {
      yield* call(__free_memory_core, { start, end });
    }
  },
);

/** The boot allocator's memory becomes the page allocator's. */
export const memblock_free_all = operation<None, void>(
  'memblock_free_all',
  'mm/memblock.c:memblock_free_all',
  function* (k) {
    if (!highmemApart(k)) yield* call(reset_all_zones_managed_pages, {});
    yield* call(free_low_memory_core_early, {});
    addManaged(k, 0, 0, 0);
  },
);
