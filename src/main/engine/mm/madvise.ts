import { call, fail, leaf, operation, type Outcome } from '../world/operation.ts';
import { coversPositions, showMmSpan } from './fault.ts';
import { hasVmFlag, vmasIn, withVmFlags, type Vma } from './vma.ts';
import { zap_page_range_single, type PageSpan } from './zap.ts';

/** Advice of madvise(2) that is modelled, by the name MADV_* has without the prefix. */
export const ADVICE = ['dontneed', 'hugepage', 'nohugepage', 'dontfork', 'dofork'] as const;
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

/** madvise_update_vma(): only the VMA's flags change. */
const madvise_update_vma = leaf<VmaPart & { vm_flags: string }, void>(
  'madvise_update_vma',
  'mm/madvise.c:madvise_update_vma',
  (k, { start, end, vm_flags }) => {
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
        const result = yield* call(madvise_dontneed_free, part);
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
