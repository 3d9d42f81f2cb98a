import { numberVar, setVar } from '../../core/world/variables.ts';
import { alloc_pages } from '../buddy/page-alloc.ts';
import { parseGfp } from '../buddy/gfp.ts';
import type { Kernel } from '../../core/facts.ts';
import { numa_mem_id } from '../buddy/numa-mem-id.ts';
import { withFlag } from '../page/flags.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { newMm, taskOf, type Mm, type Task } from './mm-struct.ts';
import { hasZeroPage } from './zero-page.ts';

/** First PID a lab's process gets. */
const FIRST_PID = 1000;

/** alloc_pid(): the next one. */
function nextPid(k: Kernel): number {
  const pid = Math.max(numberVar(k, 'last_pid') + 1, FIRST_PID);
  setVar(k, 'last_pid', pid);
  return pid;
}

/** copy_process(), as far as it makes the task_struct. */
export function newTask(k: Kernel, id: string, mm: string, parent: string): Task {
  const task: Task = { id, pid: nextPid(k), mm, parent, signal: '', flags: '' };
  k.world.put('tasks', task);
  return task;
}

/** The page that read faults of anonymous memory map: see zero-page.ts. */
const empty_zero_page = operation<Record<string, never>, void>(
  'empty_zero_page',
  'arch/x86/kernel/head_64.S:empty_zero_page',
  function* (k) {
    const gfp = parseGfp(k.facts, 'GFP_KERNEL');
    if (!gfp) return;
    const nid = yield* call(numa_mem_id, {});
    const [run] = yield* call(alloc_pages, { order: 0, gfp, nid, count: 1 });
    if (!run) return;
    k.world.update('pages', run.pfn, run.end, ({ flags }) => ({
      flags: withFlag(flags, 'reserved'),
    }));
    setVar(k, 'zero_pfn', run.pfn);
  },
  { basis: 'model' },
);

/** exec_mmap(): a program of its own starts, with an empty address space. */
const exec_mmap = leaf<{ comm: string }, Outcome<Mm>>(
  'exec_mmap',
  'fs/exec.c:exec_mmap',
  (k, { comm }) => {
    const forked = k.world.get('mms', comm);
    if (forked) return fail('ESRCH', `lab: fork() has not made ${comm} yet`);
    const mm = newMm(k, comm);
    if (!mm) return fail('ENOMEM', 'mm_alloc(): the model holds 511 address spaces');
    newTask(k, comm, mm.id, '');
    return mm;
  },
  { basis: 'model' },
);

/**
 * The running actor as a process: made at its first operation that needs one. -ESRCH where a
 * signal has ended it.
 */
export function* ensureTask(k: Kernel) {
  const id = k.current();
  const task = taskOf(k, id);
  if (task?.signal !== undefined && task.signal !== '') {
    return fail('ESRCH', `lab: ${id} was ended by ${task.signal}`);
  }
  if (task && task.mm === '') return fail('ESRCH', `lab: ${id} has exited`);
  if (task) return k.world.need('mms', task.mm);
  if (!hasZeroPage(k)) yield* call(empty_zero_page, {});
  const mm = yield* call(exec_mmap, { comm: id });
  return failed(mm) ? mm : k.world.need('mms', mm.id);
}
