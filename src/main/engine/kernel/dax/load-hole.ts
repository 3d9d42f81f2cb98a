import type { Kernel } from '../../core/facts.ts';
import type { VmFault, VmFaultRun } from '../mm/fault.ts';
import { call, leaf, operation, type Operation } from '../../core/world/operation.ts';
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
  show: ({ range }: Hole) => ({ file: range.inode.id, index: range.index, end: range.end }),
};

/** dax_load_hole(): reads of a hole see the zero page, read-only; a write will fault again. */
const dax_load_hole = operation<Hole, VmFault>(
  'dax_load_hole',
  'fs/dax.c:dax_load_hole',
  load,
  SHOWN,
);

/** dax_pmd_load_hole(): the same with the huge zero page. */
export const dax_pmd_load_hole = operation<Hole, VmFault>(
  'dax_pmd_load_hole',
  'fs/dax.c:dax_pmd_load_hole',
  load,
  SHOWN,
);

/** dax_load_hole() without entries: the zero page in the page tables alone (before 4.14 a page of the cache). */
const dax_load_hole_plain = leaf<{ start: number; end: number }, void>(
  'dax_load_hole',
  'fs/dax.c:dax_load_hole',
  (k) => {
    k.note('before 4.14 the page cache gets a page of zeros here; modelled as the zero page');
  },
  { basis: 'model' },
);

/** A read fault on pages without blocks. */
export function* load_hole_page(
  k: Kernel,
  run: VmFaultRun,
  range: EntryRange,
  found: Grabbed | undefined,
): Operation<VmFault> {
  if (found) return yield* call(dax_load_hole, { run, range, found });
  const { mm, start, end } = run;
  yield* call(dax_load_hole_plain, { start, end });
  yield* insertPages(k, { mm, start, end, pfn: null, write: false, pmd: false });
  return { handled: end - start, fault: 'NOPAGE' };
}
