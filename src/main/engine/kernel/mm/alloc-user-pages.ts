import { alloc_pages } from '../buddy/page-alloc.ts';
import { parseGfp } from '../buddy/gfp.ts';
import type { TakenRun } from '../buddy/rmqueue.ts';
import type { Kernel } from '../../core/facts.ts';
import { numa_mem_id } from '../buddy/numa-mem-id.ts';
import { call, operation, type Operation } from '../../core/world/operation.ts';
import { clearContents } from './contents.ts';
import { coversPositions } from './fault.ts';
import { taskOf } from './mm-struct.ts';

/** Pages for [start, end) of an address space, in folios of 2^order. */
export interface UserPages {
  readonly start: number;
  readonly end: number;
  readonly order: number;
  /** __GFP_ZERO. */
  readonly zero: boolean;
  /** The node wanted; that of the running CPU where it is not said. */
  readonly nid?: number;
}

/** current_gfp_context(): memory that is about to be pinned for long must not be movable. */
function currentGfp(k: Kernel): string {
  const flags = taskOf(k, k.current())?.flags.split('|') ?? [];
  return flags.includes('PF_MEMALLOC_PIN') ? 'GFP_HIGHUSER' : 'GFP_HIGHUSER_MOVABLE';
}

/** Runs of pages for the first positions of a range; fewer than asked where memory ran out. */
function* allocate(k: Kernel, { start, end, order, zero, nid }: UserPages): Operation<TakenRun[]> {
  const name = currentGfp(k);
  const gfp = parseGfp(k.facts, name);
  if (!gfp) throw new Error(`${name} is not known`);
  const node = nid ?? (yield* call(numa_mem_id, {}));
  const count = (end - start) / 2 ** order;
  const runs = yield* call(alloc_pages, { order, gfp, nid: node, count });
  if (zero) for (const run of runs) clearContents(k, run.pfn, run.end);
  return [...runs];
}

/** vma_alloc_folio(), before it alloc_page_vma(): movable user memory. */
export const vma_alloc_folio = operation<UserPages, readonly TakenRun[]>(
  (k) => (k.facts.era.get('vma_alloc_folio') ? 'vma_alloc_folio' : 'alloc_pages_vma'),
  'mm/mempolicy.c:vma_alloc_folio',
  allocate,
  { covers: coversPositions, show: ({ start, end, order }) => ({ order, pages: end - start }) },
);
