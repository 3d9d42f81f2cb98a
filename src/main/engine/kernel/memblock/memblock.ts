import type { Kernel } from '../../core/facts.ts';
import { pageShift, pfnDown, pfnPhys, pfnUp } from './pages.ts';
import { numberVar } from '../../core/world/variables.ts';

/** NUMA_NO_NODE. */
export const NUMA_NO_NODE = -1;

/** A run of pages of memblock.memory; `end` exclusive. */
export interface MemPfnRange {
  readonly start: number;
  readonly end: number;
  readonly nid: number;
  readonly flags: string;
}

/** for_each_mem_pfn_range: whole pages of memblock.memory, optionally of one node. */
export function memPfnRanges(k: Kernel, nid?: number): MemPfnRange[] {
  const found: MemPfnRange[] = [];
  const shift = pageShift(k);
  for (const row of k.world.rows('memblock_memory')) {
    if (nid !== undefined && row.nid !== nid) continue;
    const start = pfnUp(row.start, shift);
    const end = pfnDown(row.end, shift);
    if (start < end) found.push({ start, end, nid: row.nid, flags: row.flags });
  }
  return found;
}

/** The node of a PFN in memblock.memory, or NUMA_NO_NODE (memblock.c:memblock_search_pfn_nid). */
export function memblockPfnNid(k: Kernel, pfn: number): number {
  return k.world.at('memblock_memory', pfnPhys(pfn, pageShift(k)))?.nid ?? NUMA_NO_NODE;
}

/** memblock_reserve(): keeps [start, end) from the page allocator, on behalf of `owner`. */
export function memblockReserve(k: Kernel, start: bigint, end: bigint, owner: string): void {
  let at = start;
  for (const row of k.world.overlapping('memblock_reserved', start, end)) {
    if (at < row.start) {
      k.world.set('memblock_reserved', at, row.start, { nid: NUMA_NO_NODE, owner });
    }
    if (row.end > at) at = row.end;
  }
  if (at < end) k.world.set('memblock_reserved', at, end, { nid: NUMA_NO_NODE, owner });
}

/** Free memory of a node, of all nodes with NUMA_NO_NODE: memblock.memory without .reserved. */
export function* freeMemRanges(
  k: Kernel,
  nid = NUMA_NO_NODE,
): IterableIterator<{ start: bigint; end: bigint; nid: number }> {
  for (const row of k.world.rows('memblock_memory')) {
    if (nid !== NUMA_NO_NODE && row.nid !== nid) continue;
    let at = row.start;
    for (const taken of k.world.overlapping('memblock_reserved', row.start, row.end)) {
      if (at < taken.start) yield { start: at, end: taken.start, nid: row.nid };
      if (taken.end > at) at = taken.end;
    }
    if (at < row.end) yield { start: at, end: row.end, nid: row.nid };
  }
}

/**
 * memblock.current_limit, bytes: on 32-bit kernels the boot allocates from low memory, which is all
 * that is mapped.
 */
function currentLimit(k: Kernel): bigint | undefined {
  if (!k.facts.arch.zones.includes('HighMem')) return undefined;
  return pfnPhys(numberVar(k, 'max_low_pfn'), pageShift(k));
}

/**
 * memblock_alloc_range_nid(), top down: the highest free `size` bytes of the node, aligned, and of
 * any node when that one has no room (unless `exact`). Undefined: nothing is large enough.
 */
export function memblockAlloc(
  k: Kernel,
  size: bigint,
  align: bigint,
  nid: number,
  owner: string,
  exact = false,
): bigint | undefined {
  const limit = currentLimit(k);
  const find = (on: number): bigint | undefined => {
    let best: bigint | undefined;
    for (const range of freeMemRanges(k, on)) {
      const end = limit !== undefined && range.end > limit ? limit : range.end;
      const base = end - size;
      const at = base - (base % align);
      if (
        base >= range.start &&
        at >= range.start &&
        at > 0n &&
        (best === undefined || at > best)
      ) {
        best = at;
      }
    }
    return best;
  };
  const found = find(nid) ?? (exact || nid === NUMA_NO_NODE ? undefined : find(NUMA_NO_NODE));
  if (found !== undefined) memblockReserve(k, found, found + size, owner);
  return found;
}

/** Start and end of memblock.memory, bytes, end exclusive (memblock_start_of_DRAM, _end_of_DRAM). */
export function dramRange(k: Kernel): { start: bigint; end: bigint } {
  let start: bigint | undefined;
  let end = 0n;
  for (const row of k.world.rows('memblock_memory')) {
    start ??= row.start;
    end = row.end;
  }
  return { start: start ?? 0n, end };
}
