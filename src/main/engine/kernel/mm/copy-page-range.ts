import type { Kernel } from '../../core/facts.ts';
import { addToCount, headRuns } from '../page/page-runs.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { vma_alloc_folio } from './alloc-user-pages.ts';
import { copyContents } from './contents.ts';
import { newAnonFlags } from './do-anonymous-page.ts';
import { coversPositions, showSpan } from './fault.ts';
import { split_huge_pmd } from './huge-memory.ts';
import { addMmCounter } from './mm-struct.ts';
import { notifyEnd, notifyStart } from './mmu-notifier.ts';
import { MM_SPAN } from './position.ts';
import {
  hasFlag,
  isDeviceExclusive,
  isDevicePrivate,
  isMigration,
  pfnAt,
  present,
  pteAt,
  pteRuns,
  withFlags,
  type Pte,
} from './pte.ts';
import { addNewAnon, addRmap, countedRuns, isAnonPage, isNormal } from './rmap.ts';
import { hasVmFlag, isCowMapping, vmaAt, type Vma } from './vma.ts';
import { isZeroPage } from './zero-page.ts';

/** GUP_PIN_COUNTING_BIAS (include/linux/mm_types.h). */
const GUP_PIN_COUNTING_BIAS = 1024;

interface Vmas {
  readonly src: Vma;
  readonly dst: Vma;
}

/** One run of equal entries of the parent. */
interface SourceRun extends Vmas {
  readonly start: number;
  readonly end: number;
  readonly entry: Pte;
}

const show = (run: SourceRun, k: Kernel) => ({
  src: run.src.mm,
  dst: run.dst.mm,
  ...showSpan(run, k),
});
const OPTIONS = { covers: coversPositions, show } as const;

/** Position of the child that corresponds to one of the parent. */
function inChild({ src, dst }: Vmas, position: number): number {
  return position - src.start + dst.start;
}

/** Counts the child's pages and their mappings, and takes a reference for each entry. */
function dup(k: Kernel, run: SourceRun, mapped: boolean): void {
  const pfn = pfnAt(run.entry, run.start);
  const end = pfn + run.end - run.start;
  const perFolio = run.entry.level !== 'pte';
  for (const heads of headRuns(k, { pfn, end }, perFolio)) addToCount(k, heads, heads.refs);
  if (mapped) addRmap(k, pfn, end);
  for (const counted of countedRuns(k, pfn, end)) {
    addMmCounter(k, run.dst.mm, counted.counter, counted.end - counted.pfn);
  }
}

function put(k: Kernel, run: SourceRun, fields: Partial<Pte>): void {
  const { level, kind, flags } = { ...run.entry, ...fields };
  const at = inChild(run, run.start);
  const pfn = isZeroPage(run.entry) ? at % MM_SPAN : pfnAt(run.entry, run.start);
  const end = at + run.end - run.start;
  k.world.set('ptes', at, end, { mm: run.dst.mm, level, kind, pfn, flags });
}

/** The first piece of a run as its entries are now, if they are still of the kind that was seen. */
function asNow(k: Kernel, run: SourceRun, kind: (entry: Pte) => boolean): SourceRun | undefined {
  const [first] = pteRuns(k, run.start, run.end);
  const [src, dst] = [vmaAt(k, run.start), vmaAt(k, inChild(run, run.start))];
  if (!src || !dst || !first?.entry || !kind(first.entry)) return undefined;
  return { src, dst, start: first.start, end: first.end, entry: first.entry };
}

/** Present, and not the page of somebody who keeps it: shared by fork(). */
const sharedByFork = (k: Kernel, at: number) => (entry: Pte) =>
  present(entry) && !pinned(k, entry, at);

/**
 * copy_present_ptes(), under both page table locks: parent and child share the pages; in a private
 * mapping both lose the right to write, and nobody has them for himself.
 * @returns up to where; entries that others changed meanwhile are looked at again
 */
const copy_present_pte = leaf<SourceRun, number>(
  (k) => (k.facts.era.get('copy_pte_split') ? k.facts.era.get('copy_present_pte') : 'copy_one_pte'),
  'mm/memory.c:copy_present_pte, mm/huge_memory.c:copy_huge_pmd',
  (k, seen) => {
    const run = asNow(k, seen, sharedByFork(k, seen.start));
    if (!run) return seen.start;
    if (isNormal(run.entry)) dup(k, run, true);
    const shared = hasVmFlag(run.src, 'shared');
    let { flags } = run.entry;
    if (isCowMapping(run.src)) {
      flags = withFlags(flags, { write: false, anon_exclusive: false });
      k.world.update('ptes', run.start, run.end, { flags });
    }
    put(k, run, { flags: withFlags(flags, { young: false, ...(shared ? { dirty: false } : {}) }) });
    return run.end;
  },
  OPTIONS,
);

/** A swap entry that fork() copies as it is. */
const isCopied = (entry: Pte) => !present(entry) && !isDeviceExclusive(entry);

/** copy_nonpresent_pte(): swap entries of the special types, under both page table locks. */
const copy_nonpresent_pte = leaf<SourceRun, number>(
  (k) => (k.facts.era.get('copy_pte_split') ? 'copy_nonpresent_pte' : 'copy_one_pte'),
  'mm/memory.c:copy_nonpresent_pte',
  (k, seen) => {
    const run = asNow(k, seen, isCopied);
    if (!run) return seen.start;
    const cow = isCowMapping(run.src);
    let { kind, flags } = run.entry;
    if (isDevicePrivate(run.entry)) {
      dup(k, run, true);
      if (cow && kind === 'device_private_write') kind = 'device_private_read';
      if (cow) flags = withFlags(flags, { anon_exclusive: false });
    } else if (isMigration(run.entry)) {
      const pfn = pfnAt(run.entry, run.start);
      for (const counted of countedRuns(k, pfn, pfn + run.end - run.start)) {
        addMmCounter(k, run.dst.mm, counted.counter, counted.end - counted.pfn);
      }
      if (cow && kind !== 'migration_read') kind = 'migration_read';
    }
    k.world.update('ptes', run.start, run.end, { kind, flags });
    put(k, run, { kind, flags });
    return run.end;
  },
  OPTIONS,
);

/** copy_present_page(): pages that may be pinned are copied now; the parent keeps its own. */
const copy_present_page = operation<SourceRun, Outcome<void>>(
  'copy_present_page',
  'mm/memory.c:copy_present_page',
  function* (k, run) {
    const { start, end } = run;
    const taken = yield* call(vma_alloc_folio, { start, end, order: 0, zero: false });
    let at = start;
    for (const { pfn, end: to } of taken) {
      const pages = to - pfn;
      const child = inChild(run, at);
      const [entry, dst] = [pteAt(k, at), vmaAt(k, child)];
      if (!entry || !dst) break;
      copyContents(k, pfnAt(entry, at), pfn, pages);
      const flags = newAnonFlags(k, dst);
      k.world.set('ptes', child, child + pages, {
        mm: dst.mm,
        level: 'pte',
        kind: 'present',
        pfn,
        flags,
      });
      addNewAnon(k, dst, child, pfn, to);
      addMmCounter(k, dst.mm, 'anonpages', pages);
      at += pages;
    }
    return at < end ? fail('ENOMEM', '!folio: no page for a copy of a pinned one') : undefined;
  },
  OPTIONS,
);

/** folio_needs_cow_for_dma(): may the anonymous page be pinned, so that the parent must keep it? */
function pinned(k: Kernel, entry: Pte, position: number): boolean {
  if (!k.facts.era.get('fork_copies_pinned') || !isNormal(entry)) return false;
  const pfn = pfnAt(entry, position);
  const page = k.world.at('pages', pfn);
  if (!page || page.refcount < GUP_PIN_COUNTING_BIAS || !isAnonPage(k, pfn)) return false;
  // Before it was marked, every page with many references was taken for pinned.
  return !k.facts.era.get('anon_page_exclusive') || hasFlag(entry, 'anon_exclusive');
}

/** First part of the run whose pages are alike: pinned, or not. */
function alike(k: Kernel, { start, end, entry }: SourceRun): { end: number; copies: boolean } {
  const copies = pinned(k, entry, start);
  const first = pfnAt(entry, start);
  if (!isNormal(entry)) return { end, copies };
  for (const row of k.world.overlapping('pages', first, first + end - start)) {
    const at = start + row.start - first;
    if (at > start && pinned(k, entry, at) !== copies) return { end: at, copies };
  }
  return { end, copies };
}

/**
 * copy_pte_range(): run by run. Device exclusive entries are made present first; where a page is
 * locked the whole copy fails with -EBUSY.
 */
const copy_pte_range = operation<Vmas, Outcome<void>>(
  'copy_pte_range',
  'mm/memory.c:copy_pte_range, copy_pmd_range',
  function* (k, { src, dst }) {
    let at = src.start;
    while (at < src.end) {
      const next = pteRuns(k, at, src.end).find(({ entry }) => entry !== undefined);
      if (!next?.entry) return undefined;
      const { entry, start } = next;
      const run: SourceRun = { src, dst, start, end: next.end, entry };
      at = next.end;
      if (isDeviceExclusive(entry)) {
        const restore = k.facts.wiring.try_restore_exclusive_pte;
        const restored = yield* call(restore, { start, end: run.end });
        if (!restored) return fail('EBUSY', 'try_restore_exclusive_pte(): !folio_trylock()');
        at = start;
        continue;
      }
      if (!present(entry)) {
        at = yield* call(copy_nonpresent_pte, run);
        continue;
      }
      const { end, copies } = alike(k, run);
      at = end;
      if (!copies) at = yield* call(copy_present_pte, { ...run, end });
      else if (entry.level !== 'pte') {
        yield* call(split_huge_pmd, { start, end });
        at = start;
      } else {
        const now = pteAt(k, start) ?? entry;
        const result = yield* call(copy_present_page, { ...run, end, entry: now });
        if (failed(result)) return result;
      }
    }
    return undefined;
  },
  { show: ({ src, dst }, k) => ({ src: src.mm, dst: dst.mm, ...showSpan(src, k) }) },
);

/** copy_page_range(): the page table of one VMA; private mappings tell mirrors of the protection. */
export const copy_page_range = operation<Vmas, Outcome<void>>(
  'copy_page_range',
  'mm/memory.c:copy_page_range',
  function* (k, params) {
    const { mm, start, end } = params.src;
    const range = { mm, start, end, event: 'PROTECTION_PAGE' };
    const cow = isCowMapping(params.src);
    if (cow) yield* notifyStart(k, range);
    const result = yield* call(copy_pte_range, params);
    if (cow) yield* notifyEnd(k, range);
    return result;
  },
  { show: ({ src, dst }, k) => ({ src: src.mm, dst: dst.mm, ...showSpan(src, k) }) },
);
