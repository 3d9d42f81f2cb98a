import type { ADVICE } from '../../../../shared/lab/operations/address-space.ts';
import { call, fail, operation, type Failure, type Outcome } from '../../core/world/operation.ts';
import type { Kernel } from '../../core/facts.ts';
import { coversPositions, showMmSpan } from './fault.ts';
import { advisedRuns, splitForAdvice } from './madvise-folios.ts';
import { withFlags } from './pte.ts';
import { flagList, withFlag, withoutFlag } from '../page/flags.ts';
import { hasVmFlag, isAnonymous, vmasIn, withVmFlags, type Vma } from './vma.ts';
import { splitAtEnds } from './huge-memory.ts';
import { zap_page_range_single, type PageSpan } from './zap.ts';

/** Advice of madvise(2) that is modelled, by the name MADV_* has without the prefix. */
export type Advice = (typeof ADVICE)[number];

interface VmaPart extends PageSpan {
  readonly vma: Vma;
  readonly advice: Advice;
}

/** can_madv_lru_vma(): no advice on pages of VMAs that are locked, of hugetlbfs, or without pages. */
function notLruVma(vma: Vma): Failure | undefined {
  const refused = (['locked', 'hugetlb', 'pfnmap'] as const).find((flag) => hasVmFlag(vma, flag));
  return refused && fail('EINVAL', `!can_madv_lru_vma(vma): VM_${refused.toUpperCase()}`);
}

/** madvise_dontneed_free(): the pages go, the VMA stays; what is read later is zero, or the file. */
const madvise_dontneed_free = operation<VmaPart, Outcome<void>>(
  'madvise_dontneed_free',
  'mm/madvise.c:madvise_dontneed_free',
  function* (_k, { mm, start, end, vma }) {
    const refused = notLruVma(vma);
    if (refused) return refused;
    yield* call(zap_page_range_single, { mm, start, end });
    return undefined;
  },
  { covers: coversPositions, show: showMmSpan },
);

/**
 * madvise_free_single_vma(): anonymous pages may be thrown away instead of written to swap. Entries
 * lose their accessed and dirty bits, pages PG_swapbacked; what is not present stays as it is, and so do
 * pages of a device and large folios that others map too. -EINVAL for memory of files.
 */
const madvise_free_single_vma = operation<VmaPart, Outcome<void>>(
  'madvise_free_single_vma',
  'mm/madvise.c:madvise_free_single_vma, madvise_free_pte_range',
  function* (k, span) {
    if (!isAnonymous(span.vma)) return fail('EINVAL', '!vma_is_anonymous(vma)');
    yield* splitForAdvice(k, span);
    for (const { pfn, end, at, to } of advisedRuns(k, span)) {
      k.world.update('ptes', at, to, ({ flags }) => ({
        flags: withFlags(flags, { young: false, dirty: false }),
      }));
      k.world.update('pages', pfn, end, ({ flags }) => ({
        flags: withoutFlag(flags, 'swapbacked'),
      }));
    }
    return undefined;
  },
  { covers: coversPositions, show: showMmSpan },
);

/**
 * madvise_cold(): entries lose their accessed bit and pages go to the inactive list, those of one
 * mapping only. Pages on no LRU list, a device's among them, stay as they are.
 */
const madvise_cold = operation<VmaPart, Outcome<void>>(
  'madvise_cold',
  'mm/madvise.c:madvise_cold, madvise_cold_or_pageout_pte_range',
  function* (k, span) {
    const refused = notLruVma(span.vma);
    if (refused) return refused;
    yield* splitForAdvice(k, span);
    for (const { row, pfn, end, at, to } of advisedRuns(k, span)) {
      if (row.mapcount !== 0 || !flagList(row.flags).includes('lru')) continue;
      k.world.update('ptes', at, to, ({ flags }) => ({
        flags: withFlags(flags, { young: false }),
      }));
      k.world.update('pages', pfn, end, ({ flags }) => ({ flags: deactivated(flags) }));
    }
    return undefined;
  },
  { covers: coversPositions, show: showMmSpan },
);

/** folio_clear_referenced(), folio_deactivate(): what was active is remembered as working set. */
function deactivated(flags: string): string {
  const active = flagList(flags).includes('active');
  const cold = withoutFlag(withoutFlag(flags, 'referenced'), 'active');
  return active ? withFlag(cold, 'workingset') : cold;
}

/** madvise_update_vma(): only the VMA's flags change. */
const madvise_update_vma = operation<VmaPart & { vm_flags: string }, void>(
  'madvise_update_vma',
  'mm/madvise.c:madvise_update_vma',
  function* (k, { start, end, vm_flags }) {
    // vma_adjust_trans_huge(): no huge entry reaches over the end of a VMA.
    yield* splitAtEnds(k, { start, end });
    k.world.update('vmas', start, end, { vm_flags });
  },
  {
    covers: coversPositions,
    show: ({ vm_flags, ...span }, k) => ({ ...showMmSpan(span, k), vm_flags }),
  },
);

const FLAG_CHANGES: Partial<Readonly<Record<Advice, Parameters<typeof withVmFlags>[1]>>> = {
  hugepage: { hugepage: true, nohugepage: false },
  nohugepage: { hugepage: false, nohugepage: true },
  dontfork: { dontcopy: true },
  dofork: { dontcopy: false },
};

/** Advice on pages, and whether the era has it (madvise_behavior_valid()). */
const ON_PAGES: Partial<Readonly<Record<Advice, typeof madvise_cold>>> = {
  free: madvise_free_single_vma,
  cold: madvise_cold,
};

function behaviorValid(k: Kernel, advice: Advice): boolean {
  return !(advice in ON_PAGES) || k.facts.era.get('madvise_advice').split(' ').includes(advice);
}

/** do_madvise(): VMA by VMA. -ENOMEM in the end where a part of the range is not mapped. */
export const do_madvise = operation<PageSpan & { advice: Advice }, Outcome<void>>(
  'do_madvise',
  'mm/madvise.c:do_madvise',
  function* (k, { mm, start, end, advice }) {
    if (!behaviorValid(k, advice)) return fail('EINVAL', '!madvise_behavior_valid(behavior)');
    let at = start;
    let hole = false;
    for (const vma of vmasIn(k, start, end)) {
      if (vma.start > at) hole = true;
      const part = {
        mm,
        start: Math.max(vma.start, start),
        end: Math.min(vma.end, end),
        vma,
        advice,
      };
      const change = FLAG_CHANGES[advice];
      if (change) {
        const vm_flags = withVmFlags(vma.vm_flags, change);
        if (vm_flags !== vma.vm_flags) yield* call(madvise_update_vma, { ...part, vm_flags });
      } else {
        const result = yield* call(ON_PAGES[advice] ?? madvise_dontneed_free, part);
        if (result) return result;
      }
      at = part.end;
    }
    return hole || at < end ? fail('ENOMEM', 'unmapped_error: a part is not mapped') : undefined;
  },
  {
    covers: coversPositions,
    show: ({ advice, ...span }, k) => ({ ...showMmSpan(span, k), advice }),
  },
);
