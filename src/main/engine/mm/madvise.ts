import { call, fail, leaf, operation, type Outcome } from '../world/operation.ts';
import { coversPositions, showMmSpan } from './fault.ts';
import { pfnAt, pteRuns, withFlags } from './pte.ts';
import { isNormal } from './rmap.ts';
import { withoutFlag } from '../page/flags.ts';
import { hasVmFlag, isAnonymous, vmasIn, withVmFlags, type Vma } from './vma.ts';
import { splitAtEnds } from './huge-memory.ts';
import { zap_page_range_single, type PageSpan } from './zap.ts';

/** Advice of madvise(2) that is modelled, by the name MADV_* has without the prefix. */
export const ADVICE = ['dontneed', 'free', 'hugepage', 'nohugepage', 'dontfork', 'dofork'] as const;
export type Advice = (typeof ADVICE)[number];

interface VmaPart extends PageSpan {
  readonly vma: Vma;
  readonly advice: Advice;
}

/** madvise_dontneed_free(): the pages go, the VMA stays; what is read later is zero, or the file. */
const madvise_dontneed_free = operation<VmaPart, Outcome<void>>(
  'madvise_dontneed_free',
  'mm/madvise.c:madvise_dontneed_free',
  function* (_k, { mm, start, end, vma }) {
    const refused = (['locked', 'hugetlb', 'pfnmap'] as const).find((flag) => hasVmFlag(vma, flag));
    if (refused) return fail('EINVAL', `!can_madv_lru_vma(vma): VM_${refused.toUpperCase()}`);
    yield* call(zap_page_range_single, { mm, start, end });
    return undefined;
  },
  { covers: coversPositions, show: showMmSpan },
);

/**
 * madvise_free_single_vma(): anonymous pages may be thrown away instead of written to swap. Entries
 * lose their accessed and dirty bits, pages PG_swapbacked; what is not present stays as it is, and so do
 * pages of a device. -EINVAL for memory of files.
 */
const madvise_free_single_vma = leaf<VmaPart, Outcome<void>>(
  'madvise_free_single_vma',
  'mm/madvise.c:madvise_free_single_vma, madvise_free_pte_range',
  (k, { start, end, vma }) => {
    if (!isAnonymous(vma)) return fail('EINVAL', '!vma_is_anonymous(vma)');
    for (const { start: from, end: to, entry } of pteRuns(k, start, end)) {
      if (!entry || !isNormal(entry)) continue;
      const pfn = pfnAt(entry, from);
      for (const row of k.world.overlapping('pages', pfn, pfn + to - from)) {
        // folio_is_zone_device(folio); before, vm_normal_page() gave no page of a device.
        if (row.pgmap !== null) continue;
        const first = Math.max(row.start, pfn);
        const last = Math.min(row.end, pfn + to - from);
        k.world.update('ptes', from + first - pfn, from + last - pfn, ({ flags }) => ({
          flags: withFlags(flags, { young: false, dirty: false }),
        }));
        k.world.update('pages', first, last, ({ flags }) => ({
          flags: withoutFlag(flags, 'swapbacked'),
        }));
      }
    }
    return undefined;
  },
  { covers: coversPositions, show: showMmSpan },
);

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

/** do_madvise(): VMA by VMA. -ENOMEM in the end where a part of the range is not mapped. */
export const do_madvise = operation<PageSpan & { advice: Advice }, Outcome<void>>(
  'do_madvise',
  'mm/madvise.c:do_madvise',
  function* (k, { mm, start, end, advice }) {
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
        const free = advice === 'free' ? madvise_free_single_vma : madvise_dontneed_free;
        const result = yield* call(free, part);
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
