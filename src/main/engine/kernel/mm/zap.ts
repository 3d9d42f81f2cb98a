import type { Kernel } from '../../core/facts.ts';
import { folio_put, put_page } from '../page/page-ref.ts';
import { flagList, withFlag } from '../page/flags.ts';
import { call, lockShared, operation, unlock, type Operation } from '../../core/world/operation.ts';
import { coversPositions, showMmSpan, showSpan } from './fault.ts';
import { splitAtEnds } from './huge-memory.ts';
import { iMmapLock } from './i-mmap.ts';
import { addMmCounter } from './mm-struct.ts';
import { notifyEnd, notifyStart } from './mmu-notifier.ts';
import {
  hasFlag,
  isDeviceExclusive,
  isDevicePrivate,
  isMigration,
  pfnAt,
  pteRuns,
  type Pte,
} from './pte.ts';
import { countedRuns, isAnonPage, isNormal, removeRmap } from './rmap.ts';
import { hasVmFlag, vmasIn, type Vma } from './vma.ts';

/** Positions [start, end) of one address space. */
export interface PageSpan {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
}

/** Pages whose references an emptied piece of a page table gives back. */
interface Freed {
  readonly pfn: number;
  readonly end: number;
  /** A huge entry holds one reference of its whole folio. */
  readonly huge: boolean;
}

/** Takes the pages out of the counter they count in. */
function uncount(k: Kernel, mm: string, pfn: number, end: number): void {
  for (const run of countedRuns(k, pfn, end)) addMmCounter(k, mm, run.counter, run.pfn - run.end);
}

/** zap_present_ptes() or zap_nonpresent_ptes(): one run of entries goes; what is to be put. */
function zapRun(k: Kernel, mm: string, entry: Pte, start: number, end: number): Freed | undefined {
  const pfn = pfnAt(entry, start);
  const to = pfn + end - start;
  const huge = entry.level !== 'pte';
  if (isNormal(entry)) {
    if (hasFlag(entry, 'dirty') && !isAnonPage(k, pfn)) {
      k.world.update('pages', pfn, to, ({ flags }) => ({
        flags: flagList(flags).includes('dirty') ? flags : withFlag(flags, 'dirty'),
      }));
    }
    uncount(k, mm, pfn, to);
    removeRmap(k, pfn, to);
    return { pfn, end: to, huge };
  }
  if (isDevicePrivate(entry) || isDeviceExclusive(entry)) {
    uncount(k, mm, pfn, to);
    // Until 6.15 an exclusive entry had left the reverse map when it was made.
    const mapped = isDevicePrivate(entry) || k.facts.era.get('device_exclusive_types') === 1;
    if (mapped) removeRmap(k, pfn, to);
    return { pfn, end: to, huge };
  }
  if (isMigration(entry)) uncount(k, mm, pfn, to);
  return undefined;
}

/**
 * zap_pte_range(), zap_huge_pmd(): the entries of [start, end) go, under the page table lock; then
 * the pages they referred to lose a reference each.
 */
const zap_pte_range = operation<PageSpan, void>(
  'zap_pte_range',
  'mm/memory.c:zap_pte_range, mm/huge_memory.c:zap_huge_pmd',
  function* (k, { mm, start, end }) {
    const freed: Freed[] = [];
    for (const run of pteRuns(k, start, end)) {
      if (!run.entry) continue;
      const one = zapRun(k, mm, run.entry, run.start, run.end);
      const last = freed[freed.length - 1];
      if (one && last?.end === one.pfn && last.huge === one.huge) {
        freed[freed.length - 1] = { ...last, end: one.end };
      } else if (one) freed.push(one);
    }
    k.world.clear('ptes', start, end);
    yield* release(freed);
  },
  { covers: coversPositions, show: showSpan },
);

/** tlb_finish_mmu(): after the TLB flush the pages are put. */
function* release(freed: readonly Freed[]): Operation<void> {
  for (const { pfn, end, huge } of freed) yield* call(huge ? folio_put : put_page, { pfn, end });
}

/**
 * unmap_page_range() for what a VMA has in [start, end): huge entries that stick out are split,
 * then each stretch of entries is emptied.
 */
export const unmap_page_range = operation<PageSpan, void>(
  (k) => k.facts.era.get('unmap_page_range'),
  'mm/memory.c:unmap_page_range',
  function* (k, span) {
    const { start, end } = span;
    yield* splitAtEnds(k, span);
    const used = k.world.overlapping('ptes', start, end);
    const first = used[0];
    const last = used[used.length - 1];
    if (!first || !last) return;
    yield* call(zap_pte_range, {
      mm: span.mm,
      start: Math.max(first.start, start),
      end: Math.min(last.end, end),
    });
  },
  { covers: coversPositions, show: showMmSpan },
);

/** The parts of [start, end) that lie in VMAs. */
function parts(k: Kernel, { start, end }: PageSpan): { vma: Vma; start: number; end: number }[] {
  return vmasIn(k, start, end).map((vma) => ({
    vma,
    start: Math.max(vma.start, start),
    end: Math.min(vma.end, end),
  }));
}

/** unmap_vmas(): mirrors are told once, then VMA by VMA. */
export const unmap_vmas = operation<PageSpan, void>(
  'unmap_vmas',
  'mm/memory.c:unmap_vmas',
  function* (k, span) {
    const range = { ...span, event: 'UNMAP' };
    yield* notifyStart(k, range);
    for (const { start, end } of parts(k, span)) {
      yield* call(unmap_page_range, { mm: span.mm, start, end });
    }
    yield* notifyEnd(k, range);
  },
  { show: showMmSpan },
);

/** zap_page_range_single(): MADV_DONTNEED, and truncation of a file. */
export const zap_page_range_single = operation<PageSpan, void>(
  (k) => k.facts.era.get('zap_page_range_single'),
  'mm/memory.c:zap_page_range_single',
  function* (k, span) {
    const range = { ...span, event: 'CLEAR' };
    yield* notifyStart(k, range);
    yield* call(unmap_page_range, span);
    yield* notifyEnd(k, range);
  },
  { covers: coversPositions, show: showMmSpan },
);

/** Pages [start, end) of a file (indexes), wherever a VMA maps them. */
export interface MappingRange {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** Private copies go too (truncation); false: only the file's own pages (a hole is punched). */
  readonly even_cows: boolean;
}

/**
 * unmap_mapping_range(): the file's pages [start, end) leave every address space that maps them.
 * The interval tree of the mapping (i_mmap) is read off the VMAs, under i_mmap_rwsem.
 */
export const unmap_mapping_range = operation<MappingRange, void>(
  'unmap_mapping_range',
  'mm/memory.c:unmap_mapping_range',
  function* (k, { file, start, end, even_cows }) {
    yield* lockShared(iMmapLock(file));
    for (const vma of [...k.world.rows('vmas')]) {
      if (vma.vm_file !== file) continue;
      const from = Math.max(vma.start, vma.start + start - vma.vm_pgoff);
      const to = Math.min(vma.end, vma.start + end - vma.vm_pgoff);
      if (from >= to) continue;
      if (even_cows || hasVmFlag(vma, 'shared')) {
        yield* call(zap_page_range_single, { mm: vma.mm, start: from, end: to });
        continue;
      }
      for (const run of pteRuns(k, from, to)) {
        if (!run.entry || isAnonPage(k, pfnAt(run.entry, run.start))) continue;
        yield* call(zap_page_range_single, { mm: vma.mm, start: run.start, end: run.end });
      }
    }
    yield* unlock(iMmapLock(file));
  },
  { show: ({ file, start, end }) => ({ file, index: start, pages: end - start }) },
);
