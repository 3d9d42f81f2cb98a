import type { Kernel } from '../../core/facts.ts';
import { flagList } from '../page/flags.ts';
import { put_page } from '../page/page-ref.ts';
import { call, operation } from '../../core/world/operation.ts';
import { vma_alloc_folio } from './alloc-user-pages.ts';
import { clearContents, copyContents } from './contents.ts';
import { newAnonFlags, withAnonVma } from './do-anonymous-page.ts';
import { coversPositions, type VmFault, type VmFaultRun, showSpan } from './fault.ts';
import { addMmCounter } from './mm-struct.ts';
import { notifyEnd, notifyStart } from './mmu-notifier.ts';
import { hasFlag, pfnAt, pteAt, pteSame, withFlags, type Pte } from './pte.ts';
import { addNewAnon, isAnonPage, isNormal, removeRmap, rssCounterOf } from './rmap.ts';
import { hasVmFlag, isAnonymous, vmaAt } from './vma.ts';
import { vmOperations } from './vm-operations.ts';
import { isZeroPage } from './zero-page.ts';

const OPTIONS = {
  covers: coversPositions,
  show: showSpan,
};

/** wp_page_reuse(): the page is this process's alone; the entry becomes writable. */
function reuse(k: Kernel, { start, end, vma }: VmFaultRun): void {
  const exclusive =
    k.facts.era.get('anon_page_exclusive') &&
    !hasVmFlag(vma, 'shared') &&
    isAnonPage(k, pfnAt(pteAt(k, start) as Pte, start));
  k.world.update('ptes', start, end, ({ flags }) => ({
    flags: withFlags(flags, {
      write: hasVmFlag(vma, 'write'),
      young: true,
      dirty: true,
      ...(exclusive ? { anon_exclusive: true } : {}),
    }),
  }));
}

/** SetPageAnonExclusive(): unsharing found that nobody shares. */
function markExclusive(k: Kernel, { start, end }: VmFaultRun): void {
  if (!k.facts.era.get('anon_page_exclusive')) return;
  k.world.update('ptes', start, end, ({ flags }) => ({
    flags: withFlags(flags, { anon_exclusive: true }),
  }));
}

/** How far from `start` on pte_same() says the same, and what it says. */
function sameEntries(
  k: Kernel,
  { start, end, entry }: { readonly start: number; readonly end: number; readonly entry: Pte },
): { readonly same: boolean; readonly end: number } {
  const same = pteSame(k, start, entry);
  for (const { start: at } of k.world.overlapping('ptes', start, end)) {
    if (at > start && pteSame(k, at, entry) !== same) return { same, end: at };
  }
  if (!same) return { same, end: pteAt(k, start) ? end : start + 1 };
  // Positions behind the last record have no entry any more.
  let at = start;
  for (const row of k.world.overlapping('ptes', start, end)) if (row.start <= at) at = row.end;
  return { same, end: Math.min(at, end) };
}

/**
 * wp_page_copy(): new pages with the old ones' contents take their place. Only where nobody
 * changed the entries meanwhile.
 */
const wp_page_copy = operation<VmFaultRun & { entry: Pte }, VmFault>(
  'wp_page_copy',
  'mm/memory.c:wp_page_copy',
  function* (k, run) {
    const { start, end, entry } = run;
    yield* withAnonVma(k, run);
    const zero = isZeroPage(entry);
    const taken = yield* call(vma_alloc_folio, { start, end, order: 0, zero });
    const range = { mm: run.mm, start, end, event: 'CLEAR' };
    yield* notifyStart(k, range);
    let at = start;
    const back: { pfn: number; end: number }[] = [];
    const copies = taken.map((run) => ({ ...run }));
    for (let copy = copies.shift(); copy; copy = copies.shift()) {
      const { pfn } = copy;
      const found = sameEntries(k, { start: at, end: at + copy.end - pfn, entry });
      const pages = found.end - at;
      const to = pfn + pages;
      if (to < copy.end) copies.unshift({ pfn: to, end: copy.end });
      if (!found.same) {
        back.push({ pfn, end: to });
        at += pages;
        continue;
      }
      const vma = vmaAt(k, at);
      if (!vma) break;
      const old = pfnAt(entry, at);
      if (zero || !isNormal(entry)) clearContents(k, pfn, to);
      if (!zero) copyContents(k, old, pfn, pages);
      if (isNormal(entry)) {
        addMmCounter(k, run.mm, rssCounterOf(k, old), -pages);
        removeRmap(k, old, old + pages);
        back.push({ pfn: old, end: old + pages });
      }
      addMmCounter(k, run.mm, 'anonpages', pages);
      k.world.set('ptes', at, at + pages, {
        mm: run.mm,
        level: 'pte',
        kind: 'present',
        pfn,
        flags: newAnonFlags(k, vma),
      });
      addNewAnon(k, vma, at, pfn, to);
      at += pages;
    }
    yield* notifyEnd(k, range);
    for (const old of back) yield* call(put_page, old);
    return { handled: at - start, fault: at < end ? 'OOM' : '' };
  },
  OPTIONS,
);

/** What becomes of the page at a position, by the rules of the era. */
function verdict(k: Kernel, entry: Pte, position: number): 'reuse' | 'copy' {
  const pfn = pfnAt(entry, position);
  const page = k.world.at('pages', pfn);
  if (!page || !isNormal(entry) || !isAnonPage(k, pfn)) return 'copy';
  const rule = k.facts.era.get('wp_reuse');
  if (rule === 'exclusive' && hasFlag(entry, 'anon_exclusive')) return 'reuse';
  if (rule !== 'mapcount' && page.refcount !== 1) return 'copy';
  if (page.mapcount !== 0) return 'copy';
  return flagList(page.flags).includes('locked') ? 'copy' : 'reuse';
}

/** The part of the run that has one verdict. */
function sameVerdict(k: Kernel, run: VmFaultRun, entry: Pte): { end: number; what: string } {
  const what = verdict(k, entry, run.start);
  const first = pfnAt(entry, run.start);
  let { end } = run;
  const boundaries = [
    ...k.world.overlapping('pages', first, first + run.end - run.start),
    ...k.world.overlapping('page_mappings', first, first + run.end - run.start),
  ].map((row) => run.start + row.start - first);
  for (const at of boundaries.sort((a, b) => a - b)) {
    if (at > run.start && at < end && verdict(k, entry, at) !== what) end = at;
  }
  return { end, what };
}

/** wp_page_shared() and wp_pfn_shared(): a shared mapping tells its file system, then writes. */
const wp_page_shared = operation<VmFaultRun & { entry: Pte }, VmFault>(
  'wp_page_shared',
  'mm/memory.c:wp_page_shared, wp_pfn_shared',
  function* (k, { entry, ...run }) {
    const ops = vmOperations(k, run.vma);
    const notify = isNormal(entry) ? ops?.page_mkwrite : ops?.pfn_mkwrite;
    if (notify) {
      const result = yield* call(notify, run);
      if (result.fault !== '') return result;
    }
    const { same, end } = sameEntries(k, { ...run, entry });
    if (!same) return { handled: 0, fault: '' };
    reuse(k, { ...run, end });
    return { handled: end - run.start, fault: '' };
  },
  OPTIONS,
);

/**
 * do_wp_page(): a write to present entries that are not writable (or, to unshare, a read that wants
 * its own page): reuse or copy, by who else uses the page.
 */
export const do_wp_page = operation<VmFaultRun, VmFault>(
  'do_wp_page',
  'mm/memory.c:do_wp_page',
  function* (k, params) {
    const entry = params.orig;
    // handle_pte_fault() looks again under the lock that do_wp_page() then holds.
    if (!entry || !pteSame(k, params.start, entry)) return { handled: 0, fault: '' };
    const { end: last } = sameEntries(k, { ...params, entry });
    const run = { ...params, end: last, vma: vmaAt(k, params.start) ?? params.vma };
    if (hasVmFlag(run.vma, 'shared') && !run.unshare) {
      return yield* call(wp_page_shared, { ...run, entry });
    }
    if (isZeroPage(entry)) return yield* call(wp_page_copy, { ...run, entry });
    const { end, what } = sameVerdict(k, run, entry);
    if (what === 'copy') return yield* call(wp_page_copy, { ...run, end, entry });
    if (run.unshare) markExclusive(k, { ...run, end });
    else reuse(k, { ...run, end });
    return { handled: end - run.start, fault: '' };
  },
  OPTIONS,
);

/** Would a write to a page of this VMA have to tell a file system first (vma_wants_writenotify)? */
export function wantsWriteNotify(k: Kernel, position: number): boolean {
  const vma = vmaAt(k, position);
  if (!vma || isAnonymous(vma)) return false;
  const ops = vmOperations(k, vma);
  return ops?.page_mkwrite !== undefined || ops?.pfn_mkwrite !== undefined;
}
