import type { Kernel } from '../../core/facts.ts';
import { call, operation, type KernelFunction } from '../../core/world/operation.ts';
import { do_anonymous_page } from './do-anonymous-page.ts';
import { do_fault } from './do-fault.ts';
import { do_swap_page } from './do-swap-page.ts';
import { do_wp_page } from './do-wp-page.ts';
import {
  coversPositions,
  type FaultRun,
  type VmFault,
  type VmFaultRun,
  showSpan,
} from './fault.ts';
import { create_huge, hugeRun, wp_huge } from './huge-fault.ts';
import { hasFlag, present, pteRuns, wholeLeaves, withFlags, type Pte } from './pte.ts';
import { isAnonymous, pageIndexOf, vmaAt } from './vma.ts';

function show(run: FaultRun, k: Kernel) {
  return { ...showSpan(run, k), write: run.write };
}

const OPTIONS = { show, covers: coversPositions } as const;

/** The entry is there already: only its accessed and dirty bits are left to set. */
function touch(k: Kernel, entry: Pte, { start, end, write }: VmFaultRun): void {
  const leaves = wholeLeaves(k, entry, start, end);
  k.world.update('ptes', leaves.start, leaves.end, ({ flags }) => ({
    flags: withFlags(flags, write ? { young: true, dirty: true } : { young: true }),
  }));
}

/** handle_pte_fault(): what the entry asks for. The run's entries are alike. */
const handle_pte_fault = operation<VmFaultRun, VmFault>(
  'handle_pte_fault',
  'mm/memory.c:handle_pte_fault',
  function* (k, run) {
    const [first] = pteRuns(k, run.start, run.end);
    const entry = first?.entry;
    const same = { ...run, end: first?.end ?? run.end, orig: entry };
    if (!entry) {
      return yield* call(isAnonymous(run.vma) ? do_anonymous_page : do_fault, same);
    }
    if (!present(entry)) return yield* call(do_swap_page, same);
    if ((run.write || run.unshare) && !hasFlag(entry, 'write')) {
      return yield* call(do_wp_page, same);
    }
    touch(k, entry, same);
    return { handled: same.end - same.start, fault: '' };
  },
  OPTIONS,
);

/**
 * __handle_mm_fault(): walks the levels. Where a whole empty PMD (or PUD) lies in the VMA a huge
 * page is tried; on FALLBACK, and for everything else, single entries.
 */
const __handle_mm_fault: KernelFunction<VmFaultRun, VmFault> = operation<VmFaultRun, VmFault>(
  '__handle_mm_fault',
  'mm/memory.c:__handle_mm_fault',
  function* (k, run) {
    const huge = hugeRun(k, run);
    let { end } = run;
    for (const create of huge.creates) {
      const result = yield* call(create_huge, create);
      if (result.handled > 0 || result.fault !== 'FALLBACK') return clipped(run, create, result);
      end = Math.min(end, result.fallback ? create.start + result.fallback : create.end);
    }
    if (huge.entry) {
      const { entry } = huge;
      end = Math.min(end, entry.end);
      if (!present(entry)) return yield* call(do_swap_page, { ...run, end, orig: entry });
      if ((run.write || run.unshare) && !hasFlag(entry, 'write')) {
        if (entry.level !== 'pte') {
          const result = yield* call(wp_huge, { ...run, end, orig: entry });
          if (result.handled > 0 || result.fault !== 'FALLBACK') return result;
        }
      } else {
        touch(k, entry, { ...run, end });
        return { handled: end - run.start, fault: '' };
      }
    } else if (huge.creates.length === 0) end = Math.min(end, huge.until);
    return yield* call(handle_pte_fault, { ...run, end });
  },
  OPTIONS,
);

/** A huge page covers more than was asked for: what counts is the part of the run. */
function clipped(run: VmFaultRun, create: VmFaultRun, { handled, ...rest }: VmFault): VmFault {
  const done = Math.min(create.start + handled, run.end) - run.start;
  return { ...rest, handled: Math.max(0, done), fault: handled > 0 ? '' : rest.fault };
}

/**
 * handle_mm_fault(): faults on [start, end), as many of them as meet the same state; the caller
 * holds mmap_lock for reading, and calls again for the rest. The VMA allows the access: that is
 * the caller's check (access_error(), check_vma_flags()).
 */
export const handle_mm_fault = operation<FaultRun, VmFault>(
  'handle_mm_fault',
  'mm/memory.c:handle_mm_fault',
  function* (k, run) {
    const vma = vmaAt(k, run.start);
    if (!vma) return { handled: 0, fault: 'SIGSEGV' };
    const end = Math.min(run.end, vma.end);
    const pgoff = pageIndexOf(vma, run.start);
    return yield* call(__handle_mm_fault, { ...run, end, vma, pgoff, order: 0, orig: undefined });
  },
  OPTIONS,
);
