import type { PROCESSES } from '../../../../shared/lab/operations/processes.ts';
import { do_group_exit } from '../../kernel/mm/exit.ts';
import { kernel_clone } from '../../kernel/mm/fork.ts';
import { taskOf } from '../../kernel/mm/mm-struct.ts';
import { ensureTask } from '../../kernel/mm/task.ts';
import { call, fail, failed } from '../../core/world/operation.ts';
import type { Bodies } from './bodies.ts';

/** What processes do to come and go. */
export const PROCESS_OPS: Bodies<keyof typeof PROCESSES> = {
  *fork(k, { child }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    if (taskOf(k, child)) return fail('EEXIST', `lab: there is a process ${child} already`);
    const pid = yield* call(kernel_clone, { child });
    return failed(pid) ? pid : { pid, child };
  },

  *thread(k, { child }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    if (taskOf(k, child)) return fail('EEXIST', `lab: there is a task ${child} already`);
    return { pid: yield* call(kernel_clone, { child, thread: mm.id }), child };
  },

  *exit(k) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    yield* call(do_group_exit, { signal: 'exit' });
    return undefined;
  },
};
