import type { Kernel } from '../../core/facts.ts';
import { memPfnRanges } from '../memblock/memblock.ts';
import { clamp, pageShift, pfnPhys } from '../memblock/pages.ts';
import { numberVar } from '../../core/world/variables.ts';
import { leaf } from '../../core/world/operation.ts';
import { hex } from '../memblock/range-text.ts';
import type { MovableStart } from './movable.ts';
import { zoneIndex, type ZoneLimits } from './zone-ranges.ts';

/** Key of a zone record: `nid * 8 + index`. */
export function zoneKey(nid: number, index: number): number {
  return nid * 8 + index;
}

/** First PFN of the node and the one after its last; 0, 0 without memory (get_pfn_range_for_nid). */
export function nodePfnRange(k: Kernel, nid: number): { start: number; end: number } {
  const ranges = memPfnRanges(k, nid);
  return { start: ranges[0]?.start ?? 0, end: ranges.at(-1)?.end ?? 0 };
}

/** Pages of a range of the node that are holes (__absent_pages_in_range). */
function absentPages(k: Kernel, nid: number, start: number, end: number): number {
  let absent = end - start;
  for (const range of memPfnRanges(k, nid)) {
    absent -= clamp(range.end, start, end) - clamp(range.start, start, end);
  }
  return absent;
}

/** Span of a zone in a node (zone_spanned_pages_in_node, adjust_zone_range_for_zone_movable). */
function zoneSpan(
  k: Kernel,
  zone: number,
  node: { nid: number; start: number; end: number },
  limits: ZoneLimits,
  movable: MovableStart,
): { start: number; end: number } {
  const low = limits.low[zone] ?? 0;
  const high = limits.high[zone] ?? 0;
  let start = clamp(node.start, low, high);
  let end = clamp(node.end, low, high);
  const movableStart = movable.get(node.nid) ?? 0;
  if (movableStart > 0) {
    if (zone === zoneIndex(k, 'Movable')) {
      start = movableStart;
      end = Math.min(node.end, limits.high[numberVar(k, 'movable_zone')] ?? 0);
    } else if (start < movableStart && end > movableStart) end = movableStart;
    else if (start >= movableStart) start = end;
  }
  if (end < node.start || start > node.end) return { start: 0, end: 0 };
  end = Math.min(end, node.end);
  start = Math.max(start, node.start);
  return { start, end };
}

/** Sizes of a node and its zones: spanned, and present without the holes. */
export const calculate_node_totalpages = leaf<
  { nid: number; start: number; end: number; limits: ZoneLimits; movable: MovableStart },
  void
>(
  'calculate_node_totalpages',
  'mm/mm_init.c:calculate_node_totalpages',
  (k, { nid, start, end, limits, movable }) => {
    let spannedTotal = 0;
    let presentTotal = 0;
    k.facts.arch.zones.forEach((name, index) => {
      const span = zoneSpan(k, index, { nid, start, end }, limits, movable);
      const spanned = span.end - span.start;
      const present = spanned === 0 ? 0 : spanned - absentPages(k, nid, span.start, span.end);
      k.world.put('zones', {
        key: zoneKey(nid, index),
        nid,
        index,
        name,
        zone_start_pfn: spanned > 0 ? span.start : 0,
        spanned_pages: spanned,
        present_pages: present,
        present_early_pages: present,
        managed_pages: 0,
        contiguous: false,
      });
      spannedTotal += spanned;
      presentTotal += present;
    });
    k.world.patch('nodes', nid, {
      node_start_pfn: start,
      node_spanned_pages: spannedTotal,
      node_present_pages: presentTotal,
    });
    if (k.facts.era.get('totalpages_log')) {
      k.printk('debug', `On node ${nid} totalpages: ${presentTotal}`);
    }
  },
  { show: ({ nid, start, end }) => ({ nid, start, end }) },
);

/** `[mem 0x...-0x...]` of a PFN range, as %#018Lx prints it. */
export function pfnRangeText(k: Kernel, start: number, end: number): string {
  const bytes = (pfn: number): bigint => pfnPhys(pfn, pageShift(k));
  return `[mem ${hex(bytes(start), 16)}-${hex(bytes(end) - 1n, 16)}]`;
}
