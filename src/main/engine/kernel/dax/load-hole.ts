import type { Kernel } from '../../core/facts.ts';
import type { VmFault, VmFaultRun } from '../mm/fault.ts';
import { call, operation, type Operation } from '../../core/world/operation.ts';
import type { EntryRange } from './entry-range.ts';
import type { Grabbed } from './grab-entry.ts';
import { dax_insert_entry } from './insert-entry.ts';
import { insertPages } from './insert-pte.ts';

interface Hole {
  readonly run: VmFaultRun;
  readonly range: EntryRange;
  readonly found: Grabbed;
}

function* load(k: Kernel, { run, range, found }: Hole): Operation<VmFault> {
  const request = { ...range, found, pfn: null, write: false, synchronous: false, shared: false };
  yield* call(dax_insert_entry, request);
  const { mm, start, end } = run;
  yield* insertPages(k, { mm, start, end, pfn: null, write: false, pmd: range.pmd });
  return { handled: end - start, fault: 'NOPAGE' };
}

const SHOWN = {
  show: ({ range }: Pick<Hole, 'range'>) => ({
    file: range.inode.id,
    index: range.index,
    end: range.end,
  }),
};

/** dax_pmd_load_hole(): the same with the huge zero page. */
export const dax_pmd_load_hole = operation<Hole, VmFault>(
  'dax_pmd_load_hole',
  'fs/dax.c:dax_pmd_load_hole',
  load,
  SHOWN,
);

/**
 * dax_load_hole(): reads of a hole see the zero page, read-only; a write will fault again. Kernels
 * without entries for holes have it in the page tables alone.
 */
export const dax_load_hole = operation<
  Omit<Hole, 'found'> & { found: Grabbed | undefined },
  VmFault
>(
  'dax_load_hole',
  'fs/dax.c:dax_load_hole',
  function* (k, { run, range, found }) {
    if (found) return yield* load(k, { run, range, found });
    k.note('before 4.14 the page cache gets a page of zeros here; modelled as the zero page');
    const { mm, start, end } = run;
    yield* insertPages(k, { mm, start, end, pfn: null, write: false, pmd: false });
    return { handled: end - start, fault: 'NOPAGE' };
  },
  SHOWN,
);
