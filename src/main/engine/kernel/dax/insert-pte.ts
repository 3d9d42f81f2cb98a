import type { Kernel } from '../../core/facts.ts';
import { pmdPages } from '../fs/blocks.ts';
import { coversPositions } from '../mm/fault.ts';
import { MM_SPAN } from '../mm/position.ts';
import { addMmCounter } from '../mm/mm-struct.ts';
import { pfnAt, pteFlags, pteRuns, withFlags, type PteFlag } from '../mm/pte.ts';
import { addRmap } from '../mm/rmap.ts';
import { folio_put } from '../page/page-ref.ts';
import { addToCount, coversPages, headRuns } from '../page/page-runs.ts';
import { call, leaf, type KernelFunction, type Operation } from '../../core/world/operation.ts';

/** Positions [start, end) of one address space, to map pages from `pfn` on (null: the zero page). */
export interface InsertRun {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  readonly pfn: number | null;
  readonly write: boolean;
  /** The VMA may be written: a write fault maps writable at once. */
  readonly pmd: boolean;
}

type PtesAs = 'special' | 'devmap' | 'page';

/** How the entry marks its page: by era, and special where there is no struct page at all. */
function kindOf(k: Kernel, pfn: number): PtesAs {
  const kind = k.facts.era.get('dax_pte');
  if (kind === 'special' || k.world.at('pages', pfn)) return kind as PtesAs;
  return 'special';
}

/** Puts entries where there are none, makes entries of the same pages writable. Pages put. */
function insert(k: Kernel, run: InsertRun): { start: number; end: number }[] {
  const { mm, pfn, write, pmd } = run;
  const put: { start: number; end: number }[] = [];
  const level = pmd ? 'pmd' : 'pte';
  for (const { start, end, entry } of pteRuns(k, run.start, run.end)) {
    if (entry && pfn !== null) {
      // insert_pfn() with mkwrite: the page is the same, else something is badly wrong.
      if (write && entry.kind === 'present' && pfnAt(entry, start) === pfn + (start - run.start)) {
        const flags = withFlags(entry.flags, { write: true, young: true, dirty: true });
        k.world.update('ptes', start, end, { flags });
      }
      continue;
    }
    if (entry) continue;
    put.push({ start, end });
    if (pfn === null) {
      // The zero page, or the huge one: no page that anybody counts.
      const flags = pteFlags('young', 'special');
      const at = start % MM_SPAN;
      k.world.set('ptes', start, end, { mm, level, kind: 'zero', pfn: at, flags });
      continue;
    }
    const kind = kindOf(k, pfn);
    const names: PteFlag[] = ['young'];
    if (kind === 'special' || kind === 'devmap') names.push(kind);
    if (write) names.push('write', 'dirty');
    k.world.set('ptes', start, end, {
      mm,
      level,
      kind: 'present',
      pfn: pfn + (start - run.start),
      flags: pteFlags(...names),
    });
  }
  return put;
}

/** insert_page_into_pte_locked(): the entry holds a reference, the page counts it and the mm too. */
function insertCounted(k: Kernel, run: InsertRun): void {
  const { mm, pfn, pmd } = run;
  for (const { start, end } of insert(k, run)) {
    if (pfn === null) continue;
    const from = pfn + (start - run.start);
    const to = from + (end - start);
    for (const heads of headRuns(k, { pfn: from, end: to }, pmd)) addToCount(k, heads, heads.refs);
    addRmap(k, from, to);
    addMmCounter(k, mm, 'filepages', end - start);
  }
}

const show = ({ start, pfn, write }: InsertRun) => ({
  position: start,
  pfn: pfn ?? 'zero page',
  write,
});

const coversRun = (run: InsertRun, k: Kernel) => {
  const covers = coversPositions(run);
  const size = run.pmd ? pmdPages(k) : 1;
  return covers && covers.count > size ? { ...covers, count: covers.count / size } : undefined;
};

/** A kernel function that maps a run by `body`. */
function inserter(
  name: KernelFunction<InsertRun, void>['name'],
  source: string,
  body: (k: Kernel, run: InsertRun) => unknown,
): KernelFunction<InsertRun, void> {
  return leaf(name, source, (k, run) => void body(k, run), { show, covers: coversRun });
}

/** vmf_insert_mixed(): an entry that the core takes no reference for. */
const vmf_insert_mixed = inserter(
  (k) => k.facts.era.get('dax_insert_pte'),
  'mm/memory.c:vmf_insert_mixed',
  insert,
);

/** The same with mkwrite: the entry is writable and dirty at once. */
const vmf_insert_mixed_mkwrite = inserter(
  (k) =>
    k.facts.era.get('dax_mkwrite')
      ? `${k.facts.era.get('dax_insert_pte')}_mkwrite`
      : k.facts.era.get('dax_insert_pte'),
  'mm/memory.c:vmf_insert_mixed_mkwrite',
  insert,
);

/** vmf_insert_page_mkwrite(): an ordinary entry of an ordinary page (6.15). */
const vmf_insert_page_mkwrite = inserter(
  'vmf_insert_page_mkwrite',
  'mm/memory.c:vmf_insert_page_mkwrite',
  insertCounted,
);

const vmf_insert_pfn_pmd = inserter(
  'vmf_insert_pfn_pmd',
  'mm/huge_memory.c:vmf_insert_pfn_pmd',
  insert,
);

const vmf_insert_folio_pmd = inserter(
  'vmf_insert_folio_pmd',
  'mm/huge_memory.c:vmf_insert_folio_pmd',
  insertCounted,
);

/** folio_ref_inc() of every folio of the run, idle ones too: the fault holds them a moment. */
const folio_ref_inc = leaf<{ pfn: number; end: number }, void>(
  'folio_ref_inc',
  'include/linux/page_ref.h:folio_ref_inc',
  (k, { pfn, end }) => {
    for (const run of headRuns(k, { pfn, end }, true)) addToCount(k, run, 1);
  },
  { covers: coversPages },
);

/**
 * The tail of dax_fault_iter(): the pages into the page table, as the era does it. `idle`: the pages
 * may be at 0, so the fault holds a reference meanwhile (not those of device-dax).
 */
export function* insertPages(k: Kernel, run: InsertRun, idle = true): Operation<void> {
  const { pfn, pmd, write, start, end } = run;
  const counted = k.facts.era.get('dax_pte') === 'page';
  if (!counted) {
    const pte = write ? vmf_insert_mixed_mkwrite : vmf_insert_mixed;
    yield* call(pmd ? vmf_insert_pfn_pmd : pte, run);
    return;
  }
  const insertion = pmd ? vmf_insert_folio_pmd : vmf_insert_page_mkwrite;
  if (pfn === null || !idle) {
    yield* call(insertion, run);
    return;
  }
  const pages = { pfn, end: pfn + (end - start) };
  yield* call(folio_ref_inc, pages);
  yield* call(insertion, run);
  yield* call(folio_put, pages);
}
