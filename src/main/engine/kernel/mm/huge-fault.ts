import { enabled } from '../../core/arch/config.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, operation } from '../../core/world/operation.ts';
import { coversFaults, coversPositions, type VmFault, type VmFaultRun, showSpan } from './fault.ts';
import { do_huge_pmd_anonymous_page, do_huge_pmd_wp_page, split_huge_pmd } from './huge-memory.ts';
import { pagesOf, pteAt, pteSame, type Level, type Pte } from './pte.ts';
import { hasVmFlag, isAnonymous, type Vma } from './vma.ts';
import { vmOperations } from './vm-operations.ts';

/** Where a huge entry could be made or is, for the first page of a run. */
export interface HugeRun {
  /** Runs of empty PUDs or PMDs to fill, largest first; a file's own may stick out of the VMA. */
  readonly creates: readonly VmFaultRun[];
  /** The entry that is there. */
  readonly entry: Pte | undefined;
  /** Up to here single entries are looked at: a PMD that could be huge begins there. */
  readonly until: number;
}

/**
 * thp_vma_allowable_order() for a PMD of anonymous memory: transparent_hugepage=always, or madvise
 * and MADV_HUGEPAGE; never with MADV_NOHUGEPAGE. CONFIG_TRANSPARENT_HUGEPAGE_ALWAYS decides.
 */
function anonHugeAllowed(k: Kernel, vma: Vma): boolean {
  if (!enabled(k.facts.config, 'TRANSPARENT_HUGEPAGE')) return false;
  if (hasVmFlag(vma, 'nohugepage') || hasVmFlag(vma, 'io')) return false;
  return enabled(k.facts.config, 'TRANSPARENT_HUGEPAGE_ALWAYS') || hasVmFlag(vma, 'hugepage');
}

function levels(k: Kernel, vma: Vma): Level[] {
  if (isAnonymous(vma)) return anonHugeAllowed(k, vma) ? ['pmd'] : [];
  if (!vmOperations(k, vma)?.huge_fault) return [];
  return k.facts.era.get('huge_fault') ? ['pud', 'pmd'] : ['pmd'];
}

/** Is nothing mapped in [start, end)? A PMD with a page table below it is taken for empty. */
function empty(k: Kernel, start: number, end: number): boolean {
  return k.world.overlapping('ptes', start, end).length === 0;
}

/** Looks at the levels from the top: what the first page of the run meets. */
export function hugeRun(k: Kernel, run: VmFaultRun): HugeRun {
  const { start, end, vma } = run;
  const entry = pteAt(k, start);
  const file = !isAnonymous(vma);
  const creates: VmFaultRun[] = [];
  let until = end;
  for (const level of levels(k, vma)) {
    const size = pagesOf(k, level);
    const order = Math.log2(size);
    const block = start - (start % size);
    const inside = block >= vma.start && block + size <= vma.end;
    if (!entry && (inside || file) && empty(k, block, block + size)) {
      const from = Math.max(block, vma.start);
      let to = Math.min(block + size, vma.end);
      while (inside && to < end && to + size <= vma.end && empty(k, to, to + size)) to += size;
      const pgoff = run.pgoff - (start - from);
      creates.push({ ...run, start: from, end: to, pgoff, order });
    }
    // The next block of this size that the run reaches and that lies in the VMA.
    const next = block + size;
    if (next < until && (file || next + size <= vma.end)) until = next;
  }
  return { creates, entry, until };
}

/** create_huge_pmd() or create_huge_pud(): anonymous huge pages, or the file system's own. */
export const create_huge = operation<VmFaultRun, VmFault>(
  'create_huge_pmd',
  'mm/memory.c:create_huge_pmd, create_huge_pud',
  function* (k, run) {
    if (isAnonymous(run.vma)) return yield* call(do_huge_pmd_anonymous_page, run);
    const huge = vmOperations(k, run.vma)?.huge_fault;
    if (!huge) return { handled: 0, fault: 'FALLBACK' };
    return yield* call(huge, run);
  },
  { covers: coversFaults, show: (run, k) => ({ ...showSpan(run, k), order: run.order }) },
);

/** wp_huge_pmd(): a write to a huge entry that is not writable: reuse, or split and FALLBACK. */
export const wp_huge = operation<VmFaultRun, VmFault>(
  'wp_huge_pmd',
  'mm/memory.c:wp_huge_pmd',
  function* (k, run) {
    const entry = run.orig;
    if (!entry || !pteSame(k, run.start, entry)) return { handled: 0, fault: '' };
    if (entry.level === 'pte') return { handled: 0, fault: 'FALLBACK' };
    if (isAnonymous(run.vma)) return yield* call(do_huge_pmd_wp_page, run);
    const huge = vmOperations(k, run.vma)?.huge_fault;
    const size = pagesOf(k, entry.level as Level);
    if (hasVmFlag(run.vma, 'shared') && huge) {
      const start = run.start - (run.start % size);
      const end = Math.min(entry.end, run.end + ((size - (run.end % size)) % size));
      const pgoff = run.pgoff - (run.start - start);
      const order = Math.log2(size);
      const result = yield* call(huge, { ...run, start, end, pgoff, order });
      const handled = Math.max(0, Math.min(start + result.handled, run.end) - run.start);
      if (result.fault !== 'FALLBACK') return { ...result, handled };
    }
    yield* call(split_huge_pmd, { start: run.start, end: run.start + 1 });
    return { handled: 0, fault: 'FALLBACK' };
  },
  { covers: coversPositions, show: showSpan },
);
