import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import type { Covers } from '../../core/world/operation.ts';
import { addressOf } from './position.ts';
import type { Pte } from './pte.ts';

/** What a page fault came to beside pages that are mapped now (VM_FAULT_*); '' : all is well. */
export type FaultKind =
  '' | 'SIGBUS' | 'SIGSEGV' | 'OOM' | 'HWPOISON' | 'RETRY' | 'FALLBACK' | 'NOPAGE';

/**
 * Faults on a run of pages, one after the other: [start, end) are positions of one address space.
 * `user`: FAULT_FLAG_USER. `remote`: on behalf of another task (FAULT_FLAG_REMOTE).
 */
export interface FaultRun {
  /** Key in `mms`. */
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  readonly write: boolean;
  readonly user: boolean;
  readonly remote?: boolean;
  /** FAULT_FLAG_UNSHARE: break copy on write without making the page writable. */
  readonly unshare?: boolean;
}

/**
 * vm_fault_t of a run. `handled` pages from `start` on are done; `fault` is what the page after
 * them met ('' with fewer handled than asked for: the next page is in another state, call again).
 */
export interface VmFault {
  readonly handled: number;
  readonly fault: FaultKind;
  /** VM_FAULT_MAJOR. */
  readonly major?: boolean;
  /** vmf->page of the first page, for vm_operations_struct::fault; it grows with the page. */
  readonly pfn?: number;
  /** VM_FAULT_LOCKED: the pages come back locked. */
  readonly locked?: boolean;
  /** VM_FAULT_DONE_COW: the file system has filled the pages of `cow_page` itself. */
  readonly done_cow?: boolean;
  /** VM_FAULT_NEEDDSYNC: `pfn` may be mapped once the file system's metadata is safe. */
  readonly needsync?: boolean;
  /** With FALLBACK: pages from `start` on that smaller entries have to do for; all where not said. */
  readonly fallback?: number;
}

/** struct vm_fault: a run inside one VMA. `order`: 0, or that of the level that is tried. */
export interface VmFaultRun extends FaultRun {
  readonly vma: RowOf<'vmas'>;
  /** vmf->orig_pte (orig_pmd): what stood at the first page when the fault looked. */
  readonly orig: Pte | undefined;
  /** vmf->pgoff of the first page. */
  readonly pgoff: number;
  /** vmf->cow_page of the first page: new pages, one after the other, for private copies. */
  readonly cow_page?: number;
  readonly order: number;
}

/**
 * Faults in a row that said all is well and brought nothing: the kernel, and the CPU, look and fault
 * again until somebody changes something or a fatal signal comes. Here they give up.
 */
export const MAX_FRUITLESS = 8;
export const FRUITLESS = 'looks and faults again until a fatal signal';

export function isError({ fault }: VmFault): boolean {
  return fault !== '' && fault !== 'NOPAGE';
}

/** How a call for pages of an address space shows its arguments. */
export function showSpan(
  { start, end }: { readonly start: number; readonly end: number },
  k: Kernel,
): Args {
  return { address: addressOf(k, start), pages: end - start };
}

/** Like showSpan, and whose address space it is. */
export function showMmSpan(
  span: { readonly mm: string; readonly start: number; readonly end: number },
  k: Kernel,
): Args {
  return { mm: span.mm, ...showSpan(span, k) };
}

/** The same for faults of a size: 2^order pages each, or what is left of them in the VMA. */
export function coversFaults(run: {
  start: number;
  end: number;
  order: number;
}): Covers | undefined {
  const covers = coversPositions(run);
  const count = Math.ceil((run.end - run.start) / 2 ** run.order);
  return covers && count > 1 ? { ...covers, count } : undefined;
}

/** How a step over the pages of a run shows itself: nothing where it is one page. */
export function coversPositions({
  start,
  end,
}: {
  readonly start: number;
  readonly end: number;
}): Covers | undefined {
  if (end - start === 1) return undefined;
  return { count: end - start, range: { start, end, unit: 'page' } };
}
