import type { Kernel } from '../../core/facts.ts';
import { modelOf } from '../memmodel/models.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { memPfnRanges } from '../memblock/memblock.ts';

/** PFNs of a hole whose struct pages nobody needs, end exclusive. */
interface Hole {
  readonly start_pfn: number;
  readonly end_pfn: number;
}

/**
 * free_memmap(): whole pages of the memmap of a hole go back to memblock, and so to the page
 * allocator. What lies there from then on is no struct page.
 */
const free_memmap = leaf<Hole, void>(
  'free_memmap',
  'arch/arm64/mm/init.c:free_memmap',
  (k, { start_pfn, end_pfn }) => {
    const { page_shift, sizeof_page } = k.facts.arch;
    const page = 1n << BigInt(page_shift);
    // The entries at both ends, by the entries before them: a hole itself may have none.
    const before = (pfn: number): bigint | undefined => {
      const stored = modelOf(k).stored(k, pfn - 1);
      return stored === undefined ? undefined : stored + BigInt(sizeof_page);
    };
    const first = before(start_pfn);
    const last = before(end_pfn);
    // physnode_map may lack the unit: pfn_to_page() has no node then, and there is nothing to free.
    if (first === undefined || last === undefined) return;
    const pg = ((first + page - 1n) / page) * page;
    const pgend = (last / page) * page;
    if (pg >= pgend) return;
    k.world.clear('memblock_reserved', pg, pgend);
    const from = start_pfn + Math.ceil(Number(pg - first) / sizeof_page);
    const to = start_pfn + Math.floor(Number(pgend - first) / sizeof_page);
    k.world.clear('pages', from, to);
    k.note(`${(pgend - pg) / page} pages of memory for ${to - from} struct pages of a hole`);
  },
);

/** Holes between the ranges of memory, as far as their memmap may go. */
function holes(k: Kernel): Hole[] {
  const { max_page_order, pages_per_section, memory_model } = k.facts.arch;
  const up = (pfn: number, unit: number): number => Math.ceil(pfn / unit) * unit;
  const sparse = memory_model === 'sparsemem';
  const found: Hole[] = [];
  let end = 0;
  for (const range of memPfnRanges(k)) {
    // Sections that are not present have no memmap to free.
    const start = sparse ? Math.min(range.start, up(end, pages_per_section)) : range.start;
    if (end > 0 && end < start) found.push({ start_pfn: end, end_pfn: start });
    // The page allocator looks at entries up to the end of a block of the highest order.
    end = up(range.end, 2 ** max_page_order);
  }
  if (sparse && end % pages_per_section !== 0) {
    found.push({ start_pfn: end, end_pfn: up(end, pages_per_section) });
  }
  return found;
}

/**
 * free_unused_memmap(): arm64 without VMEMMAP, whose pfn_valid() asks memblock and so never needs the
 * memmap of holes, gives that back before memory is handed to the page allocator.
 */
export const free_unused_memmap = operation<None, void>(
  'free_unused_memmap',
  'arch/arm64/mm/init.c:free_unused_memmap',
  function* (k) {
    for (const hole of holes(k)) yield* call(free_memmap, hole);
  },
);

/** Does this kernel free the memmap of holes? */
export function freesHoles({ facts }: Pick<Kernel, 'facts'>): boolean {
  return facts.era.get('arch_pfn_valid') && facts.arch.memory_model !== 'sparsemem-vmemmap';
}
