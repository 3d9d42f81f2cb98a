import { addVariable } from '../../core/world/variables.ts';
import type { Kernel } from '../../core/facts.ts';
import { pmdPages } from '../fs/blocks.ts';
import { pagesFor } from '../fs/file-position.ts';
import { iomapBegin, type Iomap } from '../fs/iomap.ts';
import { coversFaults, type VmFault, type VmFaultRun } from '../mm/fault.ts';
import { get_huge_zero_page } from '../mm/huge-memory.ts';
import { pteAt, pteRuns } from '../mm/pte.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { dax_iomap_copy_around } from './copy-around.ts';
import { dax_direct_access } from './direct-access.ts';
import {
  colour,
  deviceOffset,
  fileOf,
  isShared,
  uniformPages,
  writesFile,
  type DaxFile,
} from './fault-run.ts';
import { dax_unlock_entry, grab_mapping_entry, type Grabbed } from './grab-entry.ts';
import { dax_insert_entry } from './insert-entry.ts';
import { insertPages } from './insert-pte.ts';
import { dax_pmd_load_hole } from './load-hole.ts';
import { isSynchronous } from './sync-fault.ts';

/** Why a PMD cannot be mapped; undefined where nothing stands against it. */
function whyNot(k: Kernel, run: VmFaultRun, maxPgoff: number): string | undefined {
  const size = pmdPages(k);
  const first = run.start - (run.start % size);
  if (colour(k, run.pgoff) !== run.start % size) {
    return '(vmf->pgoff & PG_PMD_COLOUR) != ((vmf->address >> PAGE_SHIFT) & PG_PMD_COLOUR)';
  }
  if (run.write && !isShared(run)) return 'write && !(vmf->vma->vm_flags & VM_SHARED)';
  if (first < run.vma.start) return 'pmd_addr < vmf->vma->vm_start';
  if (first + size > run.vma.end) return '(pmd_addr + PMD_SIZE) > vmf->vma->vm_end';
  const index = run.pgoff - colour(k, run.pgoff);
  if (index + size > maxPgoff) return '(xas->xa_index | PG_PMD_COLOUR) >= max_pgoff';
  return undefined;
}

/** dax_fault_check_fallback(): says why a PMD cannot be mapped here; true: fall back. */
const dax_fault_check_fallback = leaf<VmFaultRun & { max_pgoff: number }, boolean>(
  'dax_fault_check_fallback',
  'fs/dax.c:dax_fault_check_fallback',
  (k, run) => {
    const why = whyNot(k, run, run.max_pgoff);
    if (why !== undefined) k.note(why);
    return why !== undefined;
  },
  {
    show: ({ pgoff, start, end, write }) => ({ pgoff, pages: end - start, write }),
    covers: coversFaults,
  },
);

/** split_huge_pmd() and THP_FAULT_FALLBACK: the PMDs of the run are left to single entries. */
function* fallBack(k: Kernel, pages: number): Operation<VmFault> {
  addVariable(k, 'thp_fault_fallback', Math.max(1, Math.ceil(pages / pmdPages(k))));
  k.note('VM_FAULT_FALLBACK, thp_fault_fallback');
  return { handled: 0, fault: 'FALLBACK', fallback: pages };
  yield undefined as never;
}

/** dax_iomap_direct_access() for PMDs: as much as asked for, and aligned. */
function* pmdAccess(
  k: Kernel,
  file: DaxFile,
  map: Iomap,
  pages: number,
): Operation<Outcome<number>> {
  if (map.block === null) return fail('EIO', 'iomap->type != IOMAP_MAPPED');
  const size = pmdPages(k);
  const { pgoff, pfn } = deviceOffset(k, file.sb, map.block);
  const access = { dax_dev: file.sb.bdev, pgoff, nr_pages: pages, each: size };
  const reached = yield* call(dax_direct_access, access);
  if (failed(reached)) return reached;
  if (reached.pages < size) return fail('EINVAL', 'PFN_PHYS(length) < size');
  if (pfn % size !== 0) return fail('EINVAL', 'pfn_t_to_pfn(*pfnp) & (PHYS_PFN(size) - 1)');
  // fs/dax.c before 4.5: "teach vmf_insert_pfn_pmd() to support pte_special for pmds".
  if (!k.facts.era.get('dax_pmd_with_pages') && k.world.at('pages', pfn)) {
    return fail('EINVAL', 'pfn_valid(pfn)');
  }
  return pfn;
}

/** dax_fault_iter() for a run of PMDs. */
function* mapPmds(
  k: Kernel,
  file: DaxFile,
  run: VmFaultRun,
  map: Iomap,
  found: Grabbed | undefined,
): Operation<VmFault> {
  const pages = run.end - run.start;
  const write = writesFile(run);
  const range = { inode: file.inode, index: run.pgoff, end: run.pgoff + pages, pmd: true };
  if (!write && map.type !== 'mapped') {
    const page = yield* call(get_huge_zero_page, {});
    if (!page || !found) return { handled: 0, fault: 'FALLBACK' };
    return yield* call(dax_pmd_load_hole, { run, range, found });
  }
  const pfn = yield* pmdAccess(k, file, map, pages);
  if (failed(pfn)) {
    k.note(`-${pfn.errno}: ${pfn.check}`);
    return { handled: 0, fault: 'FALLBACK' };
  }
  const synchronous = isSynchronous(run, map);
  const { shared } = map;
  if (found) yield* call(dax_insert_entry, { ...range, found, pfn, write, synchronous, shared });
  if (write && shared) yield* call(dax_iomap_copy_around, { file, map, pages });
  if (synchronous) return { handled: pages, fault: 'NOPAGE', needsync: true, pfn };
  yield* insertPages(k, { mm: run.mm, start: run.start, end: run.end, pfn, write, pmd: true });
  return { handled: pages, fault: 'NOPAGE' };
}

/** How much of a run of whole PMDs one answer of iomap, equal entries and empty PMDs allow. */
function wholePmds(k: Kernel, file: DaxFile, run: VmFaultRun, maxPgoff: number): number {
  const size = pmdPages(k);
  const left = maxPgoff - run.pgoff;
  const asked = Math.min(run.end - run.start, left - (left % size));
  const alike = uniformPages(k, file, run, asked);
  return Math.max(size, alike - (alike % size));
}

/**
 * dax_iomap_pmd_fault(): PMDs of a DAX file, as many as are alike. FALLBACK, counted as
 * thp_fault_fallback, wherever a PMD does not fit: colour, private write, VMA, end of file, smaller
 * entries in i_pages, a short or misaligned extent. Before iomap __dax_pmd_fault().
 */
export const dax_iomap_pmd_fault = operation<VmFaultRun, VmFault>(
  (k) => (k.facts.era.get('dax_iomap') ? 'dax_iomap_pmd_fault' : '__dax_pmd_fault'),
  'fs/dax.c:dax_iomap_pmd_fault',
  function* (k, whole) {
    const size = pmdPages(k);
    const file = fileOf(k, whole);
    if (!file) return { handled: 0, fault: 'SIGBUS' };
    const { inode, sb } = file;
    const maxPgoff = pagesFor(k, inode.i_size);
    if (whole.pgoff >= maxPgoff) {
      k.note('xas.xa_index >= max_pgoff');
      return { handled: 0, fault: 'SIGBUS' };
    }
    const alike = whyNot(k, whole, maxPgoff) === undefined;
    const some = alike ? whole.start + wholePmds(k, file, whole, maxPgoff) : whole.end;
    let run = { ...whole, end: some };
    if (yield* call(dax_fault_check_fallback, { ...run, max_pgoff: maxPgoff })) {
      return yield* fallBack(k, run.end - run.start);
    }
    const range = { inode, index: run.pgoff, end: run.pgoff + run.end - run.start, pmd: true };
    let found: Grabbed | undefined;
    if (k.facts.era.get('dax_entries')) {
      const grabbed = yield* call(grab_mapping_entry, range);
      if ('fallback' in grabbed) return yield* fallBack(k, grabbed.fallback);
      found = grabbed;
      run = { ...run, end: run.start + (grabbed.end - run.pgoff) };
    }
    const pages = run.end - run.start;
    let result: VmFault;
    const [there] = pteRuns(k, run.start, run.end);
    if (there?.entry && pteAt(k, run.start)?.level === 'pte') {
      k.note('raced with a PTE fault: !pmd_none(*vmf->pmd)');
      result = { handled: 0, fault: '' };
    } else {
      const ask = { inode, sb, index: run.pgoff, pages, write: writesFile(run), each: size };
      const map = yield* call(iomapBegin(sb), ask);
      if (failed(map)) result = { handled: 0, fault: 'FALLBACK' };
      else {
        const length = map.pages - (map.pages % size);
        if (length < size) k.note('iomap_length(&iter) < PMD_SIZE');
        const part = { ...run, end: run.start + Math.min(length, pages) };
        result =
          length < size
            ? { handled: 0, fault: 'FALLBACK' }
            : yield* mapPmds(k, file, part, map, found);
      }
    }
    if (found) yield* call(dax_unlock_entry, { ...range, end: found.end });
    if (result.fault === 'FALLBACK') return yield* fallBack(k, size);
    return result;
  },
  {
    covers: coversFaults,
    show: ({ pgoff, start, end, write }) => ({ pgoff, pages: end - start, write }),
  },
);
