import type { Kernel } from '../../core/facts.ts';
import { coversPositions, isError, type VmFault, type VmFaultRun } from '../mm/fault.ts';
import { handle_mm_fault } from '../mm/handle-mm-fault.ts';
import { split_huge_pmd } from '../mm/huge-memory.ts';
import { notifyEnd, notifyStart } from '../mm/mmu-notifier.ts';
import { positionOf } from '../mm/position.ts';
import {
  hasFlag,
  isDeviceExclusive,
  pfnAt,
  present,
  pteAt,
  pteFlags,
  pteRuns,
  pteSame,
  withFlags,
} from '../mm/pte.ts';
import { addRmap, isAnonPage, removeRmap } from '../mm/rmap.ts';
import { hasVmFlag, vmaAt } from '../mm/vma.ts';
import type { VmFaultFunction } from '../mm/vm-operations.ts';
import { folio_lock, folio_trylock, folio_unlock } from '../page/page-lock.ts';
import { folio_put, get_page } from '../page/page-ref.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

const RMAP = 'mm/rmap.c';

/** Pages from `address` (bytes) a device wants alone; `owner` keeps its own notifier calm. */
export interface ExclusiveParams {
  readonly mm: string;
  readonly address: bigint;
  readonly pages: number;
  readonly owner: string;
}

/** Pages of adjacent positions, locked and referenced for the driver. */
export interface ExclusiveRun {
  readonly index: number;
  readonly pages: number;
  readonly pfn: number;
}

/** Positions [start, end). */
interface Positions {
  readonly start: number;
  readonly end: number;
}

interface Range extends Positions {
  readonly mm: string;
}

/** get_user_pages_remote() with FOLL_WRITE and FOLL_SPLIT_PMD: writable pages, referenced. */
const get_user_page_vma_remote = operation<Range, Outcome<{ pfn: number; end: number }>>(
  'get_user_page_vma_remote',
  'include/linux/mm.h:get_user_page_vma_remote',
  function* (k, { mm, start, end }) {
    const vma = vmaAt(k, start);
    if (vma?.mm !== mm) return fail('EFAULT', '!vma');
    if (!hasVmFlag(vma, 'write')) return fail('EFAULT', '!(vm_flags & VM_WRITE)');
    for (;;) {
      const entry = pteAt(k, start);
      if (present(entry) && hasFlag(entry, 'write')) {
        if (entry.level !== 'pte') {
          yield* call(split_huge_pmd, { start, end: start + 1 });
          continue;
        }
        const pfn = pfnAt(entry, start);
        const last = pfn + Math.min(end, entry.end, vma.end) - start;
        const to = Math.min(last, k.world.at('pages', pfn)?.end ?? last);
        yield* call(get_page, { pfn, end: to });
        return { pfn, end: to };
      }
      const run = { mm, start, end: start + 1, write: true, user: false, remote: true };
      const result = yield* call(handle_mm_fault, { ...run, end });
      if (isError(result)) return fail('EFAULT', `VM_FAULT_${result.fault}`);
    }
  },
  { covers: coversPositions, show: ({ start, end }) => ({ pages: end - start }) },
);

/** The entries still map those pages, writable: they become device exclusive. */
function rewrite(k: Kernel, start: number, pfn: number, pages: number): boolean {
  const entry = pteAt(k, start);
  const same = present(entry) && entry.level === 'pte' && pfnAt(entry, start) === pfn;
  if (!same || !hasFlag(entry, 'write')) return false;
  const types = k.facts.era.get('device_exclusive_types');
  const kept = (['young', 'dirty', 'anon_exclusive'] as const).filter((flag) =>
    hasFlag(entry, flag),
  );
  k.world.update('ptes', start, start + pages, {
    kind: types === 1 ? 'device_exclusive' : 'device_exclusive_write',
    flags: pteFlags(...kept),
  });
  // Until 6.15 the page counted as unmapped meanwhile; the entry kept its reference.
  if (types !== 1) removeRmap(k, pfn, pfn + pages);
  return true;
}

const make_exclusive_entries = leaf<{ start: number; pfn: number; pages: number }, Outcome<void>>(
  (k) =>
    k.facts.era.get('device_exclusive_types') === 1
      ? 'make_device_exclusive_entry'
      : 'page_make_device_exclusive_one',
  `${RMAP}:make_device_exclusive`,
  (k, { start, pfn, pages }) =>
    rewrite(k, start, pfn, pages)
      ? undefined
      : fail('EBUSY', 'fw.page != page || !pte_write(fw.pte)'),
  { show: ({ pfn, pages }) => ({ pfn, pages }) },
);

function* exclusivePages(k: Kernel, params: ExclusiveParams): Operation<Outcome<ExclusiveRun[]>> {
  const { mm, owner } = params;
  const space = k.world.get('mms', mm);
  if (!space) return fail('EFAULT', `no address space ${mm}`);
  const start = positionOf(k, space, params.address);
  const end = start + params.pages;
  const runs: ExclusiveRun[] = [];
  let at = start;
  while (at < end) {
    const got = yield* call(get_user_page_vma_remote, { mm, start: at, end });
    if (failed(got)) return runs.length > 0 ? runs : got;
    const pages = got.end - got.pfn;
    if (!isAnonPage(k, got.pfn)) {
      yield* call(folio_put, got);
      return fail('EOPNOTSUPP', '!folio_test_anon(folio)');
    }
    yield* call(folio_lock, got);
    const range = { mm, start: at, end: at + pages, event: 'EXCLUSIVE', owner };
    yield* notifyStart(k, range);
    const made = yield* call(make_exclusive_entries, { start: at, pfn: got.pfn, pages });
    yield* notifyEnd(k, range);
    if (failed(made)) {
      yield* call(folio_unlock, got);
      yield* call(folio_put, got);
      return made;
    }
    runs.push({ index: at - start, pages, pfn: got.pfn });
    at += pages;
  }
  return runs;
}

/**
 * make_device_exclusive(), page after page, or make_device_exclusive_range(): the CPU loses its
 * access until it faults. The pages come back locked and referenced; the driver gives both up.
 */
export const make_device_exclusive = operation<ExclusiveParams, Outcome<readonly ExclusiveRun[]>>(
  (k) => {
    const name = k.facts.era.get('device_exclusive');
    return name === 'none' ? 'make_device_exclusive' : name;
  },
  `${RMAP}:make_device_exclusive`,
  function* (k, params) {
    if (k.facts.era.get('device_exclusive') === 'none') {
      return fail('EOPNOTSUPP', 'model: this kernel has no device exclusive entries');
    }
    return yield* exclusivePages(k, params);
  },
  { show: ({ address, pages, owner }) => ({ address, pages, owner }) },
);

/** restore_exclusive_pte(): present again, writable as far as the VMA and the entry allow. */
export const restore_exclusive_pte = leaf<Positions, void>(
  'restore_exclusive_pte',
  'mm/memory.c:restore_exclusive_pte',
  (k, { start, end }) => {
    const types = k.facts.era.get('device_exclusive_types');
    for (const { start: from, end: to, entry } of pteRuns(k, start, end)) {
      if (!entry || !isDeviceExclusive(entry)) continue;
      const vma = vmaAt(k, from);
      const may = vma !== undefined && hasVmFlag(vma, 'write');
      const write =
        may && (types === 1 ? reusable(k, entry.flags) : entry.kind === 'device_exclusive_write');
      const flags = withFlags(entry.flags, write ? { write: true, dirty: true } : {});
      k.world.update('ptes', from, to, { kind: 'present', flags });
      const pfn = pfnAt(entry, from);
      if (types !== 1) addRmap(k, pfn, pfn + to - from);
    }
  },
  { covers: coversPositions },
);

/** can_change_pte_writable() of an anonymous page: it belongs to this process alone. */
function reusable(k: Kernel, flags: string): boolean {
  return !k.facts.era.get('anon_page_exclusive') || flags.split('|').includes('anon_exclusive');
}

/** remove_device_exclusive_entry(): the CPU wants its page back; the device is told to let go. */
export const remove_device_exclusive_entry: VmFaultFunction = operation<VmFaultRun, VmFault>(
  'remove_device_exclusive_entry',
  'mm/memory.c:remove_device_exclusive_entry',
  function* (k, { mm, start, end, orig }) {
    if (!orig) return { handled: 0, fault: '' };
    const entry = pteSame(k, start, orig) ? pteAt(k, start) : undefined;
    // folio_try_get(): where nobody holds the page any more the entry is gone too.
    if (!entry) return { handled: 0, fault: '' };
    const pfn = pfnAt(entry, start);
    const last = Math.min(end, entry.end, start + (k.world.at('pages', pfn)?.end ?? pfn + 1) - pfn);
    const pages = { pfn, end: pfn + last - start };
    yield* call(get_page, pages);
    yield* call(folio_lock, pages);
    const range = { mm, start, end: last, event: 'CLEAR', owner: '' };
    yield* notifyStart(k, range);
    if (pteSame(k, start, orig)) {
      yield* call(restore_exclusive_pte, { start, end: last });
    }
    yield* call(folio_unlock, pages);
    yield* call(folio_put, pages);
    yield* notifyEnd(k, range);
    return { handled: 0, fault: '' };
  },
  { covers: coversPositions, show: ({ start, end }) => ({ pages: end - start }) },
);

/** try_restore_exclusive_pte() for fork: false where a page is locked, and then nothing changes. */
export const try_restore_exclusive_pte: KernelFunction<Positions, boolean> = operation(
  'try_restore_exclusive_pte',
  'mm/memory.c:try_restore_exclusive_pte',
  function* (k, { start, end }) {
    for (const { start: from, end: to, entry } of pteRuns(k, start, end)) {
      if (!entry || !isDeviceExclusive(entry)) continue;
      const pages = { pfn: pfnAt(entry, from), end: pfnAt(entry, from) + to - from };
      if (!(yield* call(folio_trylock, pages))) return false;
      yield* call(restore_exclusive_pte, { start: from, end: to });
      yield* call(folio_unlock, pages);
    }
    return true;
  },
  { covers: coversPositions },
);
