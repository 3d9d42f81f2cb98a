import { taskOf } from '../../kernel/mm/mm-struct.ts';
import { ensureTask } from '../../kernel/mm/task.ts';
import { clone_thread } from '../../kernel/mm/thread.ts';
import { call, fail, failed, type KernelFunction } from '../../core/world/operation.ts';
import { textField } from './op-arguments.ts';
import { labOperation } from './lab-operation.ts';

/** `thread: { child }`: another actor runs in the same address space. */
const thread = labOperation('thread', { child: textField() }, function* (k, { child }) {
  const mm = yield* ensureTask(k);
  if (failed(mm)) return mm;
  if (taskOf(k, child)) return fail('EEXIST', `lab: there is a task ${child} already`);
  return { pid: yield* call(clone_thread, { child, mm: mm.id }), child };
});

export const THREAD_OPS: Readonly<Record<string, KernelFunction<never, unknown>>> = { thread };
