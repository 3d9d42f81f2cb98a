import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  leaf,
  lock,
  operation,
  unlock,
  type Outcome,
} from '../../core/world/operation.ts';
import { copy_page_range } from './copy-page-range.ts';
import { exit_mmap } from './exit.ts';
import { mmapLock, newMm, taskOf, type Mm } from './mm-struct.ts';
import { MM_SPAN, spaceOf } from './position.ts';
import { newTask } from './task.ts';
import { hasVmFlag, vmaAt, type Vma } from './vma.ts';

/** mm_alloc() and mm_init() for a child. */
const mm_init = leaf<{ comm: string }, Outcome<Mm>>(
  'mm_init',
  'kernel/fork.c:mm_init',
  (k, { comm }) => {
    const known = taskOf(k, comm) ?? k.world.get('mms', comm);
    if (known) return fail('EEXIST', `lab: there is a process ${comm} already`);
    const mm = newMm(k, comm);
    return mm ?? fail('ENOMEM', 'allocate_mm(): the model holds 511 address spaces');
  },
);

/**
 * anon_vma_fork(): the child's VMA is linked to its parent's anon_vma, where the pages it shares
 * are found, and has one of its own for pages to come.
 */
const anon_vma_fork = leaf<{ vma: Vma; mm: Mm }, Vma | undefined>(
  'anon_vma_fork',
  'mm/rmap.c:anon_vma_fork',
  (k, { vma: { start: at }, mm }) => {
    const vma = vmaAt(k, at);
    if (!vma) return undefined;
    const by = (mm.nr - Math.floor(vma.start / MM_SPAN)) * MM_SPAN;
    const { start, end, ...payload } = vma;
    const own = `${mm.id}/${(start % MM_SPAN).toString(16)}`;
    const anon_vma = vma.anon_vma === '' ? '' : own;
    k.world.set('vmas', start + by, end + by, { ...payload, mm: mm.id, anon_vma });
    return { ...payload, start: start + by, end: end + by, mm: mm.id, anon_vma };
  },
  { show: ({ vma, mm }) => ({ parent: vma.mm, child: mm.id, pages: vma.end - vma.start }) },
);

/**
 * vma_needs_copy(): page tables that a fault can make again are left out: those of mappings without
 * pages of their own.
 */
function needsCopy(vma: Vma): boolean {
  return vma.anon_vma !== '' || hasVmFlag(vma, 'pfnmap') || hasVmFlag(vma, 'mixedmap');
}

/** dup_mmap(): VMA by VMA, with both mmap_locks for writing. */
const dup_mmap = operation<{ mm: Mm; oldmm: string }, Outcome<void>>(
  'dup_mmap',
  'kernel/fork.c:dup_mmap',
  function* (k, { mm, oldmm }) {
    yield* lock(mmapLock(oldmm), 'rwsem');
    yield* lock(mmapLock(mm.id), 'rwsem');
    const { start, end } = spaceOf(k.world.need('mms', oldmm));
    let result: Outcome<void> = undefined;
    for (const vma of k.world.overlapping('vmas', start, end)) {
      if (hasVmFlag(vma, 'dontcopy')) continue;
      const child = yield* call(anon_vma_fork, { vma, mm });
      if (!child || !needsCopy(vma)) continue;
      result = yield* call(copy_page_range, { src: vma, dst: child });
      if (failed(result)) break;
    }
    yield* unlock(mmapLock(mm.id));
    yield* unlock(mmapLock(oldmm));
    return result;
  },
  { show: ({ mm, oldmm }) => ({ mm: mm.id, oldmm }) },
);

/** dup_mm(): a copy of the address space; what was copied goes again where it fails. */
const dup_mm = operation<{ comm: string; oldmm: string }, Outcome<Mm>>(
  'dup_mm',
  'kernel/fork.c:dup_mm',
  function* (k, { comm, oldmm }) {
    const mm = yield* call(mm_init, { comm });
    if (failed(mm)) return mm;
    const copied = yield* call(dup_mmap, { mm, oldmm });
    if (!failed(copied)) return mm;
    yield* call(exit_mmap, { mm: mm.id });
    k.world.remove('mms', mm.id);
    return copied;
  },
);

/** copy_process(): the child with its copy of the address space. */
const copy_process = operation<{ child: string }, Outcome<number>>(
  'copy_process',
  'kernel/fork.c:copy_process',
  function* (k, { child }) {
    const parent = taskOf(k, k.current());
    if (!parent) return fail('ESRCH', 'lab: who forks is no process');
    const mm = yield* call(dup_mm, { comm: child, oldmm: parent.mm });
    if (failed(mm)) return mm;
    return newTask(k, child, mm.id, parent.id).pid;
  },
);

/**
 * kernel_clone() (_do_fork): returns the child's PID. `thread`: with CLONE_VM and CLONE_THREAD, another
 * task of that address space; without, a process with a copy of it.
 */
export const kernel_clone = operation<{ child: string; thread?: string }, Outcome<number>>(
  (k: Kernel) => k.facts.era.get('kernel_clone'),
  'kernel/fork.c:kernel_clone',
  function* (k, { child, thread: mm }) {
    if (mm === undefined) return yield* call(copy_process, { child });
    k.world.patch('mms', mm, { mm_users: k.world.need('mms', mm).mm_users + 1 });
    return newTask(k, child, mm, k.current()).pid;
  },
);
