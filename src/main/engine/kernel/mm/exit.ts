import {
  call,
  fail,
  leaf,
  operation,
  type Outcome,
  type None,
} from '../../core/world/operation.ts';
import { taskOf } from './mm-struct.ts';
import { unlinkFileVmas } from './i-mmap.ts';
import { mmapWrite } from './mmap.ts';
import { spaceOf } from './position.ts';
import { putFiles } from './truncate.ts';
import { unmap_vmas } from './zap.ts';

/** __mmdrop(): nothing refers to the mm_struct any more. */
const __mmdrop = leaf<{ mm: string }, void>('__mmdrop', 'kernel/fork.c:__mmdrop', (k, { mm }) => {
  k.world.remove('mms', mm);
});

/**
 * exit_mmap(): all of the address space goes: mirrors are released, then every VMA's pages, the page
 * tables, the VMAs.
 */
export const exit_mmap = operation<{ mm: string }, void>(
  'exit_mmap',
  'mm/mmap.c:exit_mmap',
  function* (k, { mm }) {
    const row = k.world.need('mms', mm);
    const { start, end } = spaceOf(row);
    const vmas = k.world.overlapping('vmas', start, end);
    const first = vmas[0];
    const last = vmas[vmas.length - 1];
    if (!first || !last) return;
    yield* call(unmap_vmas, { mm, start: first.start, end: last.end });
    const files = vmas.map(({ vm_file }) => vm_file);
    yield* unlinkFileVmas(files);
    k.world.clear('vmas', start, end);
    yield* putFiles(k, files);
  },
);

/**
 * mmput(): the last user takes the address space down. -EINVAL for a driver that puts a reference it
 * does not have: the kernel has no check there and would take the processes' own.
 */
export const mmput = operation<{ mm: string }, Outcome<void>>(
  'mmput',
  'kernel/fork.c:mmput',
  function* (k, { mm }) {
    const row = k.world.get('mms', mm);
    const tasks = [...k.world.rows('tasks')].filter((task) => task.mm === mm).length;
    if (!row || row.mm_users <= tasks) return fail('EINVAL', `model: no reference on ${mm} to put`);
    k.world.patch('mms', mm, { mm_users: row.mm_users - 1 });
    if (row.mm_users > 1) return undefined;
    yield* mmapWrite(mm, function* () {
      yield* call(exit_mmap, { mm });
    });
    yield* call(__mmdrop, { mm });
    return undefined;
  },
);

/** exit_mm(): the task has no address space from now on. */
const exit_mm = operation<None, void>('exit_mm', 'kernel/exit.c:exit_mm', function* (k) {
  const task = taskOf(k, k.current());
  if (!task || task.mm === '') return;
  k.world.patch('tasks', task.id, { mm: '' });
  yield* call(mmput, { mm: task.mm });
});

/**
 * do_group_exit(): the running process ends, by itself (`signal` 'exit') or by a signal; its record
 * stays, a zombie, and says why.
 */
export const do_group_exit = operation<{ signal: string }, void>(
  'do_group_exit',
  'kernel/exit.c:do_group_exit',
  function* (k, { signal }) {
    k.world.patch('tasks', k.current(), { signal });
    yield* call(exit_mm, {});
  },
);
