import type { GupRun } from '../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { put_page } from '../page/page-ref.ts';
import {
  call,
  failed,
  operation,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

interface Put {
  readonly pfn: number;
  readonly end: number;
  /** References to drop on each PFN. */
  readonly refs: number;
}

/** gup_put_folio(), put_compound_head(), or put_page(): drops what a grab took. */
export const gup_put_folio = operation<Put, Outcome<void>>(
  (k) => k.facts.era.get('gup_put'),
  'mm/gup.c:gup_put_folio',
  function* (_k, put) {
    return yield* call(put_page, put);
  },
  {
    covers: ({ pfn, end }) =>
      end - pfn === 1
        ? undefined
        : { count: end - pfn, range: { start: pfn, end, unit: 'pfn' as const } },
  },
);

/** Drops the references of runs that were taken out of an array; the first oops among them. */
export function* putRuns(k: Kernel, runs: readonly GupRun[]): Operation<Failure | undefined> {
  let oops: Failure | undefined;
  // Where the kernel of the era calls put_page() itself, the step is that.
  const put = k.facts.era.get('gup_put') === 'put_page' ? put_page : gup_put_folio;
  for (const { pfn, end, refs } of runs) {
    if (refs === 0) continue;
    const result: Outcome<void> = yield* call(put, { pfn, end, refs });
    if (failed(result)) oops ??= result;
  }
  return oops;
}
