import { setVar, numberVar } from '../../core/world/variables.ts';
import { alloc_pages } from '../buddy/page-alloc.ts';
import { parseGfp } from '../buddy/gfp.ts';
import type { Kernel } from '../../core/facts.ts';
import { numa_mem_id } from '../buddy/numa-mem-id.ts';
import { folio_put } from '../page/page-ref.ts';
import { call, operation, type None } from '../../core/world/operation.ts';
import { vma_alloc_folio } from './alloc-user-pages.ts';
import { newAnonFlags, withAnonVma } from './do-anonymous-page.ts';
import { coversPositions, type VmFault, type VmFaultRun, showSpan } from './fault.ts';
import { addMmCounter } from './mm-struct.ts';
import { MM_SPAN } from './position.ts';
import {
  hasFlag,
  isDevicePrivate,
  pagesOf,
  pfnAt,
  present,
  pteAt,
  pteFlags,
  pteRuns,
  pteSame,
  withFlags,
} from './pte.ts';
import { addNewAnon, isNormal, removeRmap } from './rmap.ts';
import { isAnonymous, vmaAt } from './vma.ts';
import { isZeroPage } from './zero-page.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** get_huge_zero_page(): made at the first read fault that wants it. */
export const get_huge_zero_page = operation<None, boolean>(
  (k) => k.facts.era.get('get_huge_zero_page'),
  'mm/huge_memory.c:get_huge_zero_page',
  function* (k) {
    if (k.world.get('vars', 'huge_zero_pfn')) return true;
    const gfp = parseGfp(k.facts, 'GFP_HIGHUSER_MOVABLE');
    if (!gfp) return false;
    const nid = yield* call(numa_mem_id, {});
    const order = Math.log2(pagesOf(k, 'pmd'));
    const [run] = yield* call(alloc_pages, { order, gfp, nid, count: 1 });
    if (run) setVar(k, 'huge_zero_pfn', run.pfn);
    return run !== undefined;
  },
);

/** PFN of the huge zero page; 0 where nobody has asked for it yet. */
export function hugeZeroPfn(k: Kernel): number {
  return numberVar(k, 'huge_zero_pfn');
}

/**
 * do_huge_pmd_anonymous_page() for a run of whole PMDs: the huge zero page for a read, new huge
 * pages for a write. FALLBACK where no block of that order is free: single pages follow.
 */
export const do_huge_pmd_anonymous_page = operation<VmFaultRun, VmFault>(
  'do_huge_pmd_anonymous_page',
  'mm/huge_memory.c:do_huge_pmd_anonymous_page',
  function* (k, run) {
    const { start, end, mm } = run;
    yield* withAnonVma(k, run);
    if (!run.write) {
      if (!(yield* call(get_huge_zero_page, {}))) return { handled: 0, fault: 'FALLBACK' };
      if (k.world.overlapping('ptes', start, end).length > 0) return { handled: 0, fault: '' };
      k.world.set('ptes', start, end, {
        mm,
        level: 'pmd',
        kind: 'zero',
        pfn: start % MM_SPAN,
        flags: pteFlags('young', 'special'),
      });
      return { handled: end - start, fault: '' };
    }
    const taken = yield* call(vma_alloc_folio, { start, end, order: run.order, zero: true });
    let at = start;
    const lost: Range[] = [];
    for (const { pfn, end: to } of taken) {
      const vma = vmaAt(k, at);
      if (!vma || k.world.overlapping('ptes', at, at + to - pfn).length > 0) {
        lost.push({ start: pfn, end: to });
        continue;
      }
      const flags = newAnonFlags(k, vma);
      k.world.set('ptes', at, at + to - pfn, { mm, level: 'pmd', kind: 'present', pfn, flags });
      addNewAnon(k, vma, at, pfn, to);
      addMmCounter(k, mm, 'anonpages', to - pfn);
      at += to - pfn;
    }
    for (const { start: pfn, end: to } of lost) yield* call(folio_put, { pfn, end: to });
    if (at > start) return { handled: at - start, fault: '' };
    if (lost.length > 0) return { handled: 0, fault: '' };
    k.note('THP_FAULT_FALLBACK');
    return { handled: 0, fault: 'FALLBACK' };
  },
  { covers: coversPositions, show: (run, k) => ({ ...showSpan(run, k), write: run.write }) },
);

/**
 * Entries of a run of whole PMDs become entries of single pages, inside another step. The folio has
 * a reference from each of them then, instead of the one.
 */
export function splitHuge(k: Kernel, { start, end }: Range): void {
  for (const { start: from, end: to, entry } of pteRuns(k, start, end)) {
    if (!entry || entry.level === 'pte') continue;
    const size = pagesOf(k, entry.level === 'pud' ? 'pud' : 'pmd');
    if (isNormal(entry) || isDevicePrivate(entry)) {
      const pfn = pfnAt(entry, from);
      k.world.update('pages', pfn, pfn + to - from, (row) => ({
        refcount: row.refcount + (size - 1),
      }));
    }
    k.world.update('ptes', from, to, { level: 'pte' });
  }
}

/** The range rounded out to the huge entries at its ends. */
function hugeRange(k: Kernel, { start, end }: Range): Range {
  const round = (position: number, up: boolean): number => {
    const entry = pteAt(k, position);
    if (!entry || entry.level === 'pte') return up ? position + 1 : position;
    const size = pagesOf(k, entry.level === 'pud' ? 'pud' : 'pmd');
    const floor = position - (position % size);
    return up ? floor + size : floor;
  };
  return { start: round(start, false), end: round(end - 1, true) };
}

/**
 * __split_huge_pmd(): the huge entries that [start, end) meets become entries of single pages. Huge
 * entries of DAX files are zapped instead: their pages are found again by the next fault.
 */
export const split_huge_pmd = operation<Range, void>(
  '__split_huge_pmd',
  'mm/huge_memory.c:__split_huge_pmd_locked',
  function* (k, params) {
    const range = hugeRange(k, params);
    const vma = vmaAt(k, params.start);
    if (!vma || isAnonymous(vma)) {
      splitHuge(k, range);
      return;
    }
    for (const { start, end, entry } of pteRuns(k, range.start, range.end)) {
      if (!entry || entry.level === 'pte') continue;
      k.world.clear('ptes', start, end);
      if (!isNormal(entry)) continue;
      const pfn = pfnAt(entry, start);
      removeRmap(k, pfn, pfn + end - start);
      addMmCounter(k, vma.mm, 'filepages', start - end);
      yield* call(folio_put, { pfn, end: pfn + end - start });
    }
  },
  { covers: coversPositions, show: showSpan },
);

/** Splits what sticks out of [start, end) at either end, if a huge entry does. */
export function* splitAtEnds(k: Kernel, { start, end }: Range) {
  for (const at of [start, end]) {
    const entry = pteAt(k, at);
    if (!entry || entry.level === 'pte') continue;
    const size = pagesOf(k, entry.level === 'pud' ? 'pud' : 'pmd');
    if (at % size !== 0) yield* call(split_huge_pmd, { start: at, end: at + 1 });
  }
}

/**
 * do_huge_pmd_wp_page(): a huge page that is this process's alone becomes writable; otherwise the
 * PMD is split and single pages are copied (FALLBACK).
 */
export const do_huge_pmd_wp_page = operation<VmFaultRun, VmFault>(
  'do_huge_pmd_wp_page',
  'mm/huge_memory.c:do_huge_pmd_wp_page',
  function* (k, run) {
    const size = pagesOf(k, 'pmd');
    const start = run.start - (run.start % size);
    const entry = run.orig;
    // pmd_same()
    if (!present(entry) || !pteSame(k, run.start, entry)) return { handled: 0, fault: '' };
    if (!isZeroPage(entry)) {
      const page = k.world.at('pages', pfnAt(entry, start));
      const rule = k.facts.era.get('wp_reuse');
      const alone =
        (rule === 'exclusive' && hasFlag(entry, 'anon_exclusive')) ||
        (page?.mapcount === 0 && (rule === 'mapcount' || page.refcount === 1));
      if (alone) {
        const exclusive = k.facts.era.get('anon_page_exclusive');
        k.world.update('ptes', start, start + size, ({ flags }) => ({
          flags: withFlags(flags, {
            write: true,
            young: true,
            dirty: true,
            ...(exclusive ? { anon_exclusive: true } : {}),
          }),
        }));
        return { handled: Math.min(run.end, start + size) - run.start, fault: '' };
      }
    }
    yield* call(split_huge_pmd, { start, end: start + size });
    return { handled: 0, fault: 'FALLBACK' };
  },
  { covers: coversPositions, show: showSpan },
);
