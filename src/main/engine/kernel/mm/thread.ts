import { leaf } from '../../core/world/operation.ts';
import { newTask } from './task.ts';

/** copy_process() with CLONE_VM and CLONE_THREAD: another task of the address space. Gives its PID. */
export const clone_thread = leaf<{ child: string; mm: string }, number>(
  (k) => k.facts.era.get('kernel_clone'),
  'kernel/fork.c:copy_mm',
  (k, { child, mm }) => {
    k.world.patch('mms', mm, { mm_users: k.world.need('mms', mm).mm_users + 1 });
    return newTask(k, child, mm, k.current()).pid;
  },
);
