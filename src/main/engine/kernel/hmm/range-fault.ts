import type { Kernel } from '../../core/facts.ts';
import { migration_entry_wait } from '../mm/do-swap-page.ts';
import { coversPositions, isError } from '../mm/fault.ts';
import { handle_mm_fault } from '../mm/handle-mm-fault.ts';
import { positionOf } from '../mm/position.ts';
import {
  hasFlag,
  isDeviceExclusive,
  isDevicePrivate,
  isMigration,
  present,
  pteRuns,
  type Pte,
  type PteRun,
} from '../mm/pte.ts';
import { isNormal } from '../mm/rmap.ts';
import { hasVmFlag, vmaAt } from '../mm/vma.ts';
import { isZeroPage } from '../mm/zero-page.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';

/** struct hmm_range: HMM_PFN_REQ_*, and what the driver has as range->notifier_seq. */
export interface HmmRangeParams {
  readonly notifier: string;
  /** Bytes, rounded down to a page. */
  readonly address: bigint;
  readonly pages: number;
  readonly seq: number;
  readonly fault: boolean;
  readonly write: boolean;
  /** range->dev_private_owner. */
  readonly owner: string;
}

/** The same by positions. */
interface HmmRange extends HmmRangeParams {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Equal entries of range->hmm_pfns. `state` 'none' is 0; 'error' HMM_PFN_ERROR; 'valid' HMM_PFN_VALID
 * with `pfn` (growing; the same for all where `zero`), `write` and the order of the mapping.
 */
export interface HmmRun {
  readonly index: number;
  readonly count: number;
  readonly state: 'none' | 'error' | 'valid';
  readonly pfn: number | null;
  readonly write: boolean;
  readonly zero: boolean;
  readonly order: number;
}

const SOURCE = 'mm/hmm.c';

/** What a piece of the walk comes to: entries of hmm_pfns, pages to fault in, or a wait. */
type Verdict =
  | { readonly what: 'pfns'; readonly run: Omit<HmmRun, 'index' | 'count'> }
  | { readonly what: 'fault' }
  | { readonly what: 'wait' };

const NOTHING = { pfn: null, write: false, zero: false, order: 0 } as const;
const pfns = (run: Omit<HmmRun, 'index' | 'count'>): Verdict => ({ what: 'pfns', run });

function orderOf(k: Kernel, { level }: Pte): number {
  const { pmd_shift, page_shift } = k.facts.arch;
  if (level === 'pmd') return pmd_shift - page_shift;
  return level === 'pud' ? 2 * (pmd_shift - page_shift) : 0;
}

/** hmm_vma_handle_pte() and hmm_vma_handle_pmd(): one answer for entries alike. */
function handlePte(k: Kernel, range: HmmRange, { start, entry }: PteRun): Verdict | 'EFAULT' {
  if (!entry) return range.fault ? { what: 'fault' } : pfns({ state: 'none', ...NOTHING });
  const pfn = entry.pfn + start - entry.start;
  const inRam: boolean = present(entry);
  if (!inRam) {
    if (isDevicePrivate(entry)) {
      const page = k.world.at('pages', pfn);
      const pgmap = page?.pgmap == null ? undefined : k.world.get('pgmaps', page.pgmap);
      if (pgmap && pgmap.owner === range.owner) {
        const write = entry.kind === 'device_private_write';
        return pfns({ state: 'valid', pfn, write, zero: false, order: orderOf(k, entry) });
      }
    }
    if (!range.fault) return pfns({ state: 'none', ...NOTHING });
    if (isDevicePrivate(entry) || isDeviceExclusive(entry)) return { what: 'fault' };
    return isMigration(entry) ? { what: 'wait' } : 'EFAULT';
  }
  const writable = hasFlag(entry, 'write');
  if (range.fault && range.write && !writable) return { what: 'fault' };
  const zero = isZeroPage(entry);
  if (!isNormal(entry) && !zero) {
    return range.fault ? 'EFAULT' : pfns({ state: 'error', ...NOTHING });
  }
  const order = orderOf(k, entry);
  return pfns({ state: 'valid', pfn: zero ? null : pfn, write: writable, zero, order });
}

interface FaultParams {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  readonly write: boolean;
}

/**
 * hmm_vma_fault(): faults the pages in as the CPU would. -EPERM for a write to a VMA without
 * VM_WRITE, -EFAULT where a fault fails; -EBUSY when done: the walk starts again.
 */
const hmm_vma_fault = operation<FaultParams, Outcome<void>>(
  (k) =>
    k.facts.era.get('hmm_range_fault') === 'hmm_range_fault' ? 'hmm_vma_fault' : 'hmm_vma_do_fault',
  `${SOURCE}:hmm_vma_fault`,
  function* (k, { mm, start, end, write }) {
    const vma = vmaAt(k, start);
    if (!vma) return fail('EFAULT', '!vma');
    if (write && !hasVmFlag(vma, 'write')) return fail('EPERM', '!(vma->vm_flags & VM_WRITE)');
    let at = start;
    while (at < end) {
      const run = { mm, start: at, end, write, user: false, remote: true };
      const result = yield* call(handle_mm_fault, run);
      at += result.handled;
      if (isError(result) && result.fault !== 'RETRY') {
        return fail('EFAULT', `handle_mm_fault() & VM_FAULT_ERROR: VM_FAULT_${result.fault}`);
      }
    }
    return fail('EBUSY', 'model: the walk starts again');
  },
  { covers: coversPositions, show: ({ start, end, write }) => ({ pages: end - start, write }) },
);

interface WalkParams {
  readonly range: HmmRange;
  readonly start: number;
}

/** What the walk found at a place, and up to where. */
interface Walked {
  readonly end: number;
  readonly verdict: Verdict;
}

/**
 * hmm_vma_walk_pmd() over a piece of equal entries. VMAs that cannot be read, and addresses without
 * a VMA, are errors: -EFAULT where pages were asked for.
 */
const hmm_vma_walk_pmd = leaf<WalkParams, Outcome<Walked>>(
  'hmm_vma_walk_pmd',
  `${SOURCE}:hmm_vma_walk_pmd`,
  (k, { range, start }) => {
    const vma = vmaAt(k, start);
    if (vma?.mm !== range.mm) {
      const [next] = k.world.overlapping('vmas', start, range.end);
      if (range.fault) return fail('EFAULT', '!walk->vma && required_fault');
      const end = Math.min(next?.start ?? range.end, range.end);
      return { end, verdict: pfns({ state: 'error', ...NOTHING }) };
    }
    const limit = Math.min(vma.end, range.end);
    if (hasVmFlag(vma, 'io') || hasVmFlag(vma, 'pfnmap') || !hasVmFlag(vma, 'read')) {
      if (range.fault) return fail('EFAULT', '!(vma->vm_flags & VM_READ) && required_fault');
      return { end: limit, verdict: pfns({ state: 'error', ...NOTHING }) };
    }
    const [run] = pteRuns(k, start, limit);
    if (!run) return fail('EFAULT', 'model: nothing to walk');
    const verdict = handlePte(k, range, run);
    if (verdict === 'EFAULT')
      return fail('EFAULT', 'an entry that is neither memory nor a device\u2019s');
    return { end: run.end, verdict };
  },
  {
    show: ({ range, start }) => ({
      pages: range.end - start,
      fault: range.fault,
      write: range.write,
    }),
  },
);

/** Pieces that ask for the same fault are faulted in together. */
function faultEnd(k: Kernel, range: HmmRange, start: number, first: number): number {
  let end = first;
  const vma = vmaAt(k, start);
  const limit = Math.min(vma?.end ?? range.end, range.end);
  for (const run of pteRuns(k, first, limit)) {
    const verdict = handlePte(k, range, run);
    if (verdict === 'EFAULT' || verdict.what !== 'fault') break;
    end = run.end;
  }
  return end;
}

/**
 * hmm_range_fault(): what the CPU's page table has for a range, faulted in where the driver asks
 * for it; the caller holds mmap_lock. -EBUSY where the range was invalidated since
 * mmu_interval_read_begin().
 */
export const hmm_range_fault = operation<HmmRangeParams, Outcome<readonly HmmRun[]>>(
  (k) => k.facts.era.get('hmm_range_fault'),
  `${SOURCE}:hmm_range_fault`,
  function* (k, params) {
    const found = k.world.get('mmu_interval_notifiers', params.notifier);
    const mm = found && k.world.get('mms', found.mm);
    if (!mm) return fail('EINVAL', `no notifier ${params.notifier}`);
    const start = positionOf(k, mm, params.address);
    const range = { ...params, mm: mm.id, start, end: start + params.pages };
    const runs: HmmRun[] = [];
    let at = start;
    while (at < range.end) {
      const notifier = k.world.get('mmu_interval_notifiers', range.notifier);
      if (notifier?.invalidate_seq !== range.seq) {
        return fail('EBUSY', 'mmu_interval_check_retry(range->notifier, range->notifier_seq)');
      }
      const walked = yield* call(hmm_vma_walk_pmd, { range, start: at });
      if (failed(walked)) return walked;
      const { verdict, end } = walked;
      if (verdict.what === 'pfns') {
        runs.push({ index: at - range.start, count: end - at, ...verdict.run });
        at = end;
      } else if (verdict.what === 'wait') {
        yield* call(migration_entry_wait, { position: at });
      } else {
        const { write } = range;
        const until = faultEnd(k, range, at, end);
        const faults = { mm: mm.id, start: at, end: until, write };
        const result = yield* call(hmm_vma_fault, faults);
        if (failed(result) && result.errno !== 'EBUSY') return result;
      }
    }
    return runs;
  },
  {
    show: ({ address, pages, fault, write, owner }) => ({
      ...{ address, pages },
      default_flags: fault
        ? write
          ? 'HMM_PFN_REQ_FAULT|HMM_PFN_REQ_WRITE'
          : 'HMM_PFN_REQ_FAULT'
        : '',
      dev_private_owner: owner,
    }),
  },
);
