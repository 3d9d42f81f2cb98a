import type { Kernel } from '../../core/facts.ts';
import { call, operation } from '../../core/world/operation.ts';
import { alloc_pages, blocksAvailable } from './page-alloc.ts';
import { __free_pages } from './free-pages.ts';
import { parseGfp, type Gfp } from './gfp.ts';
import type { TakenRun } from './rmqueue.ts';

/** Memory for a memmap: `count` blocks of 2^order pages on the node, or the nearest with room. */
export interface MemmapBlocks {
  readonly order: number;
  readonly nid: number;
  readonly count: number;
}

function kernelGfp(k: Kernel): Gfp {
  return parseGfp(k.facts, 'GFP_KERNEL') as Gfp;
}

/**
 * vmemmap_alloc_block() once the page allocator runs (GFP_KERNEL, __GFP_RETRY_MAYFAIL).
 * @returns runs of blocks; fewer than wanted where the next one is NULL
 */
export const vmemmap_alloc_block = operation<MemmapBlocks, readonly TakenRun[]>(
  'vmemmap_alloc_block',
  'mm/sparse-vmemmap.c:vmemmap_alloc_block',
  function* (k, { order, nid, count }) {
    return yield* call(alloc_pages, { order, gfp: kernelGfp(k), nid, count });
  },
  {
    show: ({ order, nid, count }) => ({ order, node: nid, ...(count > 1 ? { count } : {}) }),
  },
);

/** Whole sections whose memmap of `pages` pages each RAM can hold now, up to `count`. */
export function sectionsFromRam(k: Kernel, nid: number, pages: number, count: number): number {
  const order = Math.min(
    Math.floor(Math.log2(pages)),
    k.facts.arch.pmd_shift - k.facts.arch.page_shift,
  );
  const each = Math.ceil(pages / 2 ** order);
  const params = { order, gfp: kernelGfp(k), nid, count: count * each };
  return Math.floor(blocksAvailable(k, params) / each);
}

/** free_pagetable(): a memmap's pages go back to the page allocator. */
export const free_pagetable = operation<TakenRun & { order: number }, void>(
  'free_pagetable',
  'arch/x86/mm/init_64.c:free_pagetable',
  function* (_k, run) {
    yield* call(__free_pages, run);
  },
);
