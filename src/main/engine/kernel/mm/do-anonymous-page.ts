import type { Kernel } from '../../core/facts.ts';
import { put_page } from '../page/page-ref.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { vma_alloc_folio } from './alloc-user-pages.ts';
import { coversPositions, type VmFault, type VmFaultRun, showSpan } from './fault.ts';
import { addMmCounter } from './mm-struct.ts';
import { MM_SPAN } from './position.ts';
import { pteFlags, pteRuns } from './pte.ts';
import { addNewAnon } from './rmap.ts';
import { anonVmaPrepare, hasVmFlag, vmaAt, type Vma } from './vma.ts';

/** A run of pages put into a table: where, which, and what was there already. */
export interface Placed {
  readonly pages: number;
  /** Pages that found somebody else's entry: to be given back. */
  readonly lost: readonly { readonly pfn: number; readonly end: number }[];
}

/** Bits of a new entry of an anonymous page of the VMA that belongs to this process alone. */
export function newAnonFlags(k: Kernel, vma: Vma, dirty = true): string {
  const write = hasVmFlag(vma, 'write');
  return pteFlags(
    'young',
    ...(dirty && write ? (['write', 'dirty'] as const) : []),
    ...(k.facts.era.get('anon_page_exclusive') ? (['anon_exclusive'] as const) : []),
  );
}

/** Under the page table lock: pages [pfn, ...) for the empty entries from `start` on. */
export function placeAnon(k: Kernel, vma: Vma, start: number, pfn: number, pages: number): Placed {
  const lost: { pfn: number; end: number }[] = [];
  let placed = 0;
  for (const run of pteRuns(k, start, start + pages)) {
    const at = pfn + run.start - start;
    const end = at + run.end - run.start;
    if (run.entry) {
      lost.push({ pfn: at, end });
      continue;
    }
    k.world.set('ptes', run.start, run.end, {
      mm: vma.mm,
      level: 'pte',
      kind: 'present',
      pfn: at,
      flags: newAnonFlags(k, vma),
    });
    addNewAnon(k, vma, run.start, at, end);
    placed += end - at;
  }
  addMmCounter(k, vma.mm, 'anonpages', placed);
  return { pages: placed, lost };
}

/** __anon_vma_prepare(): the VMA gets its anon_vma before its first anonymous page. */
export const anon_vma_prepare = leaf<{ vma: Vma }, Vma>(
  '__anon_vma_prepare',
  'mm/rmap.c:__anon_vma_prepare',
  (k, { vma }) => anonVmaPrepare(k, vma),
  { show: ({ vma }) => ({ mm: vma.mm }) },
);

/** The VMA as it is now, with an anon_vma. */
export function* withAnonVma(k: Kernel, run: VmFaultRun) {
  const vma = vmaAt(k, run.start) ?? run.vma;
  return vma.anon_vma === '' ? yield* call(anon_vma_prepare, { vma }) : vma;
}

/**
 * do_anonymous_page(): empty entries of anonymous memory. A read maps the zero page, a write gets
 * pages of zeros. SIGBUS for a shared mapping without vm_ops; OOM where no page is left.
 */
export const do_anonymous_page = operation<VmFaultRun, VmFault>(
  'do_anonymous_page',
  'mm/memory.c:do_anonymous_page',
  function* (k, run) {
    const { start, end, write } = run;
    if (hasVmFlag(run.vma, 'shared')) return { handled: 0, fault: 'SIGBUS' };
    if (!write) {
      for (const { start: from, end: to, entry } of pteRuns(k, start, end)) {
        if (entry) continue;
        k.world.set('ptes', from, to, {
          mm: run.mm,
          level: 'pte',
          kind: 'zero',
          pfn: from % MM_SPAN,
          flags: pteFlags('young', 'special'),
        });
      }
      return { handled: end - start, fault: '' };
    }
    const vma = yield* withAnonVma(k, run);
    const taken = yield* call(vma_alloc_folio, { start, end, order: 0, zero: true });
    let at = start;
    const lost: { pfn: number; end: number }[] = [];
    for (const { pfn, end: to } of taken) {
      lost.push(...placeAnon(k, vma, at, pfn, to - pfn).lost);
      at += to - pfn;
    }
    for (const back of lost) yield* call(put_page, back);
    return { handled: at - start, fault: at < end ? 'OOM' : '' };
  },
  { covers: coversPositions, show: (run, k) => ({ ...showSpan(run, k), write: run.write }) },
);
