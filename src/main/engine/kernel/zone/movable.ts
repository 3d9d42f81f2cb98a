import type { Kernel } from '../../core/facts.ts';
import { memPfnRanges, type MemPfnRange } from '../memblock/memblock.ts';
import { roundUp } from '../memblock/pages.ts';
import { flagVar, numberVar, setVar } from '../../core/world/variables.ts';
import { leaf } from '../../core/world/operation.ts';
import { zoneIndex, type ZoneLimits } from './zone-ranges.ts';

/** The highest populated zone: ZONE_MOVABLE takes its memory (find_usable_zone_for_movable). */
function usableZoneForMovable(k: Kernel, limits: ZoneLimits): number {
  const movable = zoneIndex(k, 'Movable');
  for (let zone = k.facts.arch.zones.length - 1; zone >= 0; zone -= 1) {
    if (zone === movable) continue;
    if ((limits.high[zone] ?? 0) > (limits.low[zone] ?? 0)) return zone;
  }
  return 0;
}

/** zone_movable_pfn[]: where ZONE_MOVABLE begins in each node; 0 or absent: it does not. */
export type MovableStart = Map<number, number>;

/** Lowest hot-pluggable memory of each node begins its Movable zone (`movable_node`). */
function fromHotplug(ranges: readonly MemPfnRange[]): MovableStart {
  const start: MovableStart = new Map();
  for (const range of ranges) {
    if (range.flags !== 'HOTPLUG') continue;
    const there = start.get(range.nid);
    start.set(range.nid, there ? Math.min(there, range.start) : range.start);
  }
  return start;
}

/** Pages the kernel keeps for itself, from kernelcore= and movablecore=; 0: no Movable zone. */
function requiredKernelcore(k: Kernel, totalpages: number): number {
  const asked = (core: string): number => {
    const percent = numberVar(k, `required_${core}_percent`);
    if (percent > 0) return Math.floor((totalpages * 100 * percent) / 10000);
    return numberVar(k, `required_${core}`);
  };
  let kernelcore = asked('kernelcore');
  const movablecore = asked('movablecore');
  if (movablecore > 0) {
    const unit = 1 << k.facts.arch.max_page_order;
    const rounded = Math.min(totalpages, roundUp(movablecore, unit));
    kernelcore = Math.max(kernelcore, totalpages - rounded);
  }
  return kernelcore >= totalpages ? 0 : kernelcore;
}

/** Spreads kernelcore over the nodes as evenly as their memory allows. */
function spread(
  ranges: readonly MemPfnRange[],
  nodes: readonly number[],
  required: number,
  usableStart: number,
): MovableStart {
  const start: MovableStart = new Map();
  let usable = nodes.length;
  for (;;) {
    let perNode = Math.floor(required / usable);
    for (const nid of nodes) {
      if (required < perNode) perNode = Math.floor(required / usable);
      let remaining = perNode;
      for (const range of ranges) {
        if (range.nid !== nid) continue;
        let first = Math.max(range.start, start.get(nid) ?? 0);
        if (first >= range.end) continue;
        if (first < usableStart) {
          const kernelPages = Math.min(range.end, usableStart) - first;
          remaining -= Math.min(kernelPages, remaining);
          required -= Math.min(kernelPages, required);
          if (range.end <= usableStart) {
            start.set(nid, range.end);
            continue;
          }
          first = usableStart;
        }
        const pages = Math.min(range.end - first, remaining);
        start.set(nid, first + pages);
        required -= Math.min(required, pages);
        remaining -= pages;
        if (remaining === 0) break;
      }
    }
    usable -= 1;
    if (usable === 0 || required <= usable) return start;
  }
}

/**
 * Where ZONE_MOVABLE begins on each node: from movable_node and SRAT's hot-pluggable ranges, or
 * from kernelcore= and movablecore=. The start is rounded up to the largest buddy order.
 */
export const find_zone_movable_pfns_for_nodes = leaf<{ limits: ZoneLimits }, MovableStart>(
  'find_zone_movable_pfns_for_nodes',
  'mm/mm_init.c:find_zone_movable_pfns_for_nodes',
  (k, { limits }) => {
    const ranges = memPfnRanges(k);
    const nodes = [...new Set(ranges.map(({ nid }) => nid))].sort((a, b) => a - b);
    const totalpages = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    const movableZone = usableZoneForMovable(k, limits);
    setVar(k, 'movable_zone', movableZone);
    let start: MovableStart = new Map();
    if (flagVar(k, 'movable_node_enabled')) start = fromHotplug(ranges);
    else if (flagVar(k, 'mirrored_kernelcore')) {
      k.printk('warn', 'The system has no mirror memory, ignore kernelcore=mirror.');
      return start;
    } else {
      const required = requiredKernelcore(k, totalpages);
      if (required === 0) return start;
      start = spread(ranges, nodes, required, limits.low[movableZone] ?? 0);
    }
    const unit = 1 << k.facts.arch.max_page_order;
    for (const nid of nodes) {
      const end = ranges.findLast((range) => range.nid === nid)?.end ?? 0;
      const rounded = roundUp(start.get(nid) ?? 0, unit);
      start.set(nid, rounded >= end ? 0 : rounded);
      if (rounded > 0 && rounded < end) setVar(k, `zone_movable_pfn[${nid}]`, rounded);
    }
    return start;
  },
  { show: () => ({}) },
);
