import type { Kernel } from '../../core/facts.ts';
import { flagList, withFlag } from '../page/flags.ts';
import { folio_unlock } from '../page/page-lock.ts';
import { put_page } from '../page/page-ref.ts';
import { call, operation, type Operation } from '../../core/world/operation.ts';
import { vma_alloc_folio } from './alloc-user-pages.ts';
import { copyContents } from './contents.ts';
import { placeAnon, withAnonVma } from './do-anonymous-page.ts';
import { wantsWriteNotify } from './do-wp-page.ts';
import { coversPositions, isError, type VmFault, type VmFaultRun, showSpan } from './fault.ts';
import { addMmCounter } from './mm-struct.ts';
import { pteFlags, pteRuns } from './pte.ts';
import { addRmap, rssCounterOf } from './rmap.ts';
import { hasVmFlag } from './vma.ts';
import { vmOperations } from './vm-operations.ts';

const OPTIONS = {
  covers: coversPositions,
  show: (run: VmFaultRun, k: Kernel) => ({ ...showSpan(run, k), pgoff: run.pgoff }),
};

/** __do_fault(): the file system's own `fault` finds the pages, or maps them itself (NOPAGE). */
const __do_fault = operation<VmFaultRun, VmFault>(
  '__do_fault',
  'mm/memory.c:__do_fault',
  function* (k, run) {
    const fault = vmOperations(k, run.vma)?.fault;
    if (!fault) return { handled: 0, fault: 'SIGBUS' };
    return yield* call(fault, run);
  },
  OPTIONS,
);

/**
 * finish_fault(), under the page table lock: pages [pfn, ...) of a file for the empty entries of
 * the run. The references `fault` took are the entries' now.
 * @returns pages whose entry somebody else has filled meanwhile: their references are left over
 */
function finishFault(k: Kernel, run: VmFaultRun, pfn: number, pages: number) {
  const left: { pfn: number; end: number }[] = [];
  const shared = hasVmFlag(run.vma, 'shared');
  const writable = shared && hasVmFlag(run.vma, 'write');
  const write = writable && (run.write || !wantsWriteNotify(k, run.start));
  const flags = pteFlags(
    'young',
    ...(write ? (['write'] as const) : []),
    ...(run.write && shared ? (['dirty'] as const) : []),
  );
  for (const { start, end, entry } of pteRuns(k, run.start, run.start + pages)) {
    const at = pfn + start - run.start;
    const to = at + end - start;
    if (entry) {
      left.push({ pfn: at, end: to });
      continue;
    }
    k.world.set('ptes', start, end, { mm: run.mm, level: 'pte', kind: 'present', pfn: at, flags });
    addRmap(k, at, to);
    addMmCounter(k, run.mm, rssCounterOf(k, at), to - at);
  }
  return left;
}

/** What the file system found, mapped; then its pages are unlocked. */
function* finish(k: Kernel, run: VmFaultRun, found: VmFault): Operation<VmFault> {
  const { handled, pfn } = found;
  if (pfn === undefined || handled === 0) return { ...found, fault: passed(found) };
  const left = finishFault(k, run, pfn, handled);
  const pages = { pfn, end: pfn + handled };
  if (found.locked) yield* call(folio_unlock, pages);
  for (const page of left) yield* call(put_page, page);
  return { handled, fault: '', ...(found.major ? { major: true } : {}) };
}

/** NOPAGE is no error: the file system has mapped the pages. */
function passed({ fault }: VmFault): VmFault['fault'] {
  return fault === 'NOPAGE' ? '' : fault;
}

/** do_read_fault(): the file's pages are mapped, read-only where a write must be noticed. */
const do_read_fault = operation<VmFaultRun, VmFault>(
  'do_read_fault',
  'mm/memory.c:do_read_fault',
  function* (k, run) {
    const found = yield* call(__do_fault, run);
    return yield* finish(k, run, found);
  },
  OPTIONS,
);

/** do_cow_fault(): a write to a private mapping of a file: copies of its pages. */
const do_cow_fault = operation<VmFaultRun, VmFault>(
  'do_cow_fault',
  'mm/memory.c:do_cow_fault',
  function* (k, run) {
    const vma = yield* withAnonVma(k, run);
    const { start, end } = run;
    const taken = yield* call(vma_alloc_folio, { start, end, order: 0, zero: false });
    let at = start;
    let result: VmFault = { handled: 0, fault: taken.length === 0 ? 'OOM' : '' };
    for (const { pfn, end: to } of taken) {
      let copy = pfn;
      while (copy < to && result.fault === '') {
        const pgoff = run.pgoff + at - start;
        const part = { ...run, vma, start: at, end: at + to - copy, pgoff, cow_page: copy };
        const found = yield* call(__do_fault, part);
        const { handled, pfn: page } = found;
        if (found.done_cow && handled > 0) {
          // A DAX file has no page of its own to copy from later: it filled the new ones.
          const { lost } = placeAnon(k, vma, at, copy, handled);
          for (const back of lost) yield* call(put_page, back);
          at += handled;
          copy += handled;
          result = { handled: at - start, fault: '' };
          continue;
        }
        if (isError(found) || handled === 0 || page === undefined) {
          result = { handled: at - start + handled, fault: passed(found) };
          break;
        }
        copyContents(k, page, copy, handled);
        const { lost } = placeAnon(k, vma, at, copy, handled);
        const pages = { pfn: page, end: page + handled };
        if (found.locked) yield* call(folio_unlock, pages);
        yield* call(put_page, pages);
        for (const back of lost) yield* call(put_page, back);
        at += handled;
        copy += handled;
        result = { handled: at - start, fault: '' };
      }
      if (copy < to) yield* call(put_page, { pfn: copy, end: to });
    }
    return result;
  },
  OPTIONS,
);

/** do_page_mkwrite(): the file system learns of the write before it happens. */
function* mkwrite(k: Kernel, run: VmFaultRun): Operation<VmFault | undefined> {
  const notify = vmOperations(k, run.vma)?.page_mkwrite;
  if (!notify) return undefined;
  const result = yield* call(notify, run);
  return result.fault === '' ? undefined : result;
}

/** do_shared_fault(): a write to a shared mapping: the file's own pages, dirty from now on. */
const do_shared_fault = operation<VmFaultRun, VmFault>(
  'do_shared_fault',
  'mm/memory.c:do_shared_fault',
  function* (k, run) {
    const found = yield* call(__do_fault, run);
    const { pfn, handled } = found;
    if (pfn === undefined || handled === 0) return yield* finish(k, run, found);
    const refused = yield* mkwrite(k, { ...run, end: run.start + handled });
    if (refused) {
      const pages = { pfn, end: pfn + handled };
      if (found.locked) yield* call(folio_unlock, pages);
      yield* call(put_page, pages);
      return refused;
    }
    // fault_dirty_shared_page()
    k.world.update('pages', pfn, pfn + handled, ({ flags }) => ({
      flags: flagList(flags).includes('dirty') ? flags : withFlag(flags, 'dirty'),
    }));
    return yield* finish(k, run, found);
  },
  OPTIONS,
);

/** do_fault(): empty entries of a mapping with vm_ops. SIGBUS where they have no `fault`. */
export const do_fault = operation<VmFaultRun, VmFault>(
  'do_fault',
  'mm/memory.c:do_fault',
  function* (k, run) {
    if (!vmOperations(k, run.vma)?.fault) return { handled: 0, fault: 'SIGBUS' };
    if (!run.write) return yield* call(do_read_fault, run);
    if (!hasVmFlag(run.vma, 'shared')) return yield* call(do_cow_fault, run);
    return yield* call(do_shared_fault, run);
  },
  OPTIONS,
);
