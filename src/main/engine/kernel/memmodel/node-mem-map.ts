import { archPfnOffset, physToVirt, type Look } from '../../core/direct-map.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { roundDown, roundUp } from '../memblock/pages.ts';
import { setVar } from '../../core/world/variables.ts';
import type { Kernel } from '../../core/facts.ts';
import { freshPages } from '../page/page-rows.ts';
import { leaf } from '../../core/world/operation.ts';

/** FLATMEM and DISCONTIGMEM keep an array of struct pages for each node. */
export function arraysPerNode({ facts }: Pick<Look, 'facts'>): boolean {
  const { memory_model } = facts.arch;
  return memory_model === 'flatmem' || memory_model === 'discontigmem';
}

/**
 * The array of a node's struct pages, holes included, rounded outwards to MAX_ORDER_NR_PAGES at
 * both ends. With FLATMEM node 0's array is mem_map, moved back so that its first entry would be
 * that of ARCH_PFN_OFFSET.
 */
export const alloc_node_mem_map = leaf<{ nid: number }, void>(
  'alloc_node_mem_map',
  'mm/mm_init.c:alloc_node_mem_map',
  (k, { nid }) => {
    const { arch } = k.facts;
    const node = k.world.need('nodes', nid);
    if (node.node_spanned_pages === 0) return;
    const unit = 2 ** arch.max_page_order;
    const from = node.node_start_pfn;
    const start = roundDown(from, unit);
    const end = roundUp(from + node.node_spanned_pages, unit);
    const size = BigInt(arch.sizeof_page);
    const phys = memblockAlloc(k, BigInt(end - start) * size, 64n, nid, 'node_mem_map');
    if (phys === undefined) {
      k.printk(
        'emerg',
        `Failed to allocate ${BigInt(end - start) * size} bytes for node ${nid} memory map`,
      );
      return;
    }
    const map = physToVirt(k, phys);
    const own = map + BigInt(from - start) * size;
    k.world.put('node_mem_maps', {
      nid,
      start_pfn: start,
      end_pfn: end,
      node_mem_map: own,
      phys,
    });
    freshArray(k, nid, start, end);
    k.note(`${end - start} struct pages for PFNs 0x${start.toString(16)} to 0x${end.toString(16)}`);
    if (arch.memory_model === 'flatmem') {
      const first = own - BigInt(from - archPfnOffset(k)) * size;
      setVar(k, 'mem_map', BigInt.asUintN(arch.bits_per_long, first));
    }
  },
);

/** The array's entries are zero; where arrays of nodes overlap, those that pfn_to_page finds. */
function freshArray(k: Kernel, nid: number, start: number, end: number): void {
  if (k.facts.arch.memory_model === 'flatmem') return freshPages(k, start, end);
  for (const part of discontigRanges(k, start, end, nid)) freshPages(k, part.start, part.end);
}

/** First PFN after mem_map as pfn_valid() sees it: ARCH_PFN_OFFSET + max_mapnr. */
export function flatEnd(look: Look): number {
  return archPfnOffset(look) + Number(look.world.get('vars', 'max_mapnr')?.value ?? 0);
}

/** x86_32: pages of a unit of physnode_map, 64 MiB (mmzone_32.h:PAGES_PER_SECTION). */
export const PHYSNODE_PAGES = 16384;

/**
 * Parts of [start, end) that pfn_valid() of DISCONTIGMEM accepts, of one node or of all: units
 * that have a node, up to the end of that node. Ends are exclusive PFNs.
 */
export function discontigRanges(
  look: Look,
  start: number,
  end: number,
  nid?: number,
): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  if (start >= end) return found;
  const last = Math.floor((end - 1) / PHYSNODE_PAGES) + 1;
  for (const row of look.world.overlapping(
    'physnode_map',
    Math.floor(start / PHYSNODE_PAGES),
    last,
  )) {
    const node = look.world.get('nodes', row.nid);
    if (!node || (nid !== undefined && row.nid !== nid)) continue;
    const limit = node.node_start_pfn + node.node_spanned_pages;
    const from = Math.max(row.start * PHYSNODE_PAGES, start);
    const to = Math.min(row.end * PHYSNODE_PAGES, end, limit);
    if (from < to) found.push({ start: from, end: to });
  }
  return found;
}
