/**
 * References to pages: who holds one, who gives it back, and what happens to a page nobody holds.
 *
 * - `get_page`, `folio_get`: leaves, for a run of PFNs in one step.
 * - `try_get_page`: a leaf; false (and nothing taken) where a page of the run is at 0.
 * - `put_page`, `folio_put`: operations. A page at 0 goes to the buddy allocator; a device page
 *   does what its type and the kernel's version ask (device-page.ts), the driver's `page_free` or
 *   `folio_free` included, which may block.
 *
 * `*_page` count once for every page of the run (each page of a compound page on its head), as
 * GUP does; `folio_*` once for every folio. `refs` multiplies: GUP_PIN_COUNTING_BIAS is 1024.
 */
import type { Kernel } from '../../core/facts.ts';
import { addReferences } from '../pgmap/pgmap-ref.ts';
import {
  call,
  fail,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { wakePages } from './page-lock.ts';
import { __put_page } from './put-page-slow.ts';
import { isManaged, put_devmap_managed_page } from './device-page.ts';
import {
  addToCount,
  coversPages,
  eachHeadRun,
  headCount,
  headRuns,
  type PageRefs,
} from './page-runs.ts';

export type { PageRefs } from './page-runs.ts';

const MM_H = 'include/linux/mm.h';

/** Takes the references, inside another step too; the memmap of every page is there. */
export function takeReferences(k: Kernel, params: PageRefs, perFolio?: boolean): void {
  for (const run of headRuns(k, params, perFolio)) {
    const { row } = run;
    if (row.refcount <= 0) {
      k.note(`VM_BUG_ON_PAGE(page_ref_zero_or_close_to_overflow): 0x${run.start.toString(16)}`);
    }
    addToCount(k, run, run.refs);
    if (row.pgmap !== null && k.facts.era.get('get_page_takes_pagemap')) {
      addReferences(k, row.pgmap, run.refs * headCount(run));
    }
  }
}

/** get_page() on every page of the run. The caller holds one already: no count may be 0. */
export const get_page = leaf<PageRefs, void>(
  'get_page',
  `${MM_H}:get_page`,
  (k, params) => takeReferences(k, params),
  { covers: coversPages },
);

/** folio_get() on every folio of the run; get_page() before there were folios. */
export const folio_get = leaf<PageRefs, void>(
  (k) => (k.facts.era.get('folio_references') ? 'folio_get' : 'get_page'),
  `${MM_H}:folio_get`,
  (k, params) => takeReferences(k, params, true),
  { covers: coversPages },
);

/**
 * try_get_folio(), try_get_page() or get_page_unless_zero() by era: what a lookup without a lock
 * does. False where a page of the run is free (count 0) or has no struct page; then none is taken.
 */
export const try_get_page = leaf<PageRefs, boolean>(
  (k) => k.facts.era.get('try_get_page'),
  'mm/gup.c:try_get_folio',
  (k, params) => {
    const runs = headRuns(k, params);
    const found = runs.reduce((sum, run) => sum + Math.min(run.end, params.end), 0);
    if (found === 0 || runs.some(({ row }) => row.refcount <= 0)) return false;
    takeReferences(k, params);
    return true;
  },
  { covers: coversPages },
);

/** Drops the references run by run, in the order of the PFNs. */
function* put(k: Kernel, params: PageRefs, perFolio?: boolean): Operation<Outcome<void>> {
  let at = params.pfn;
  for (const run of eachHeadRun(k, params, perFolio)) {
    if (run.row.state !== 'init') break;
    at = run.end;
    const { refs, row } = run;
    if (isManaged(k, row)) {
      yield* call(put_devmap_managed_page, { pfn: run.start, end: run.end, refs });
      continue;
    }
    addToCount(k, run, -refs);
    wakePages(k, { pfn: run.start, end: run.end });
    if (row.refcount < refs) k.note(`count of 0x${run.start.toString(16)} falls below 0`);
    if (row.refcount === refs) yield* call(__put_page, { pfn: run.start, end: run.end });
    if (row.pgmap !== null && k.facts.era.get('get_page_takes_pagemap')) {
      addReferences(k, row.pgmap, -refs * headCount(run));
    }
  }
  if (at >= params.end) return undefined;
  const text = `oops: page 0x${at.toString(16)} has no struct page any more`;
  k.printk('alert', `BUG: unable to handle page fault: struct page of 0x${at.toString(16)}`);
  return fail('EFAULT', text);
}

/**
 * put_page() on every page of the run. -EFAULT (an oops) where the memmap was removed while the
 * reference was held.
 */
export const put_page = operation<PageRefs, Outcome<void>>(
  'put_page',
  `${MM_H}:put_page`,
  (k, params) => put(k, params),
  { covers: coversPages },
);

/** folio_put() on every folio of the run; put_page() before there were folios. */
export const folio_put = operation<PageRefs, Outcome<void>>(
  (k) => (k.facts.era.get('folio_references') ? 'folio_put' : 'put_page'),
  `${MM_H}:folio_put`,
  (k, params) => put(k, params, true),
  { covers: coversPages },
);
