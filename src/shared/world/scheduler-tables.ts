import { count, list, text, truth } from './field.ts';
import { keyed } from './table.ts';

const waiters = () => list(text('An actor'), 'Who waits, longest first');

/** Who runs and who waits for whom, and what the kernel printed. */
export const SCHEDULER_TABLES = {
  locks: keyed(
    'name',
    { title: 'Locks', meaning: 'Mutexes and rw semaphores that somebody has' },
    {
      name: text('As the kernel names it'),
      kind: text('mutex, rwsem ...'),
      owner: text('The actor that has it for writing; empty where readers have it'),
      readers: list(text('An actor'), 'Who has it for reading'),
      waiters: waiters(),
    },
  ),
  completions: keyed(
    'name',
    { title: 'Completions', meaning: 'What actors wait for', struct: 'completion' },
    {
      name: text('How the bench names it', { member: '' }),
      done: truth('Has it come?'),
      waiters: { ...waiters(), member: 'wait' },
    },
  ),
  wait_queues: keyed(
    'name',
    {
      title: 'Wait queues',
      meaning: 'With somebody on them: a page’s lock, a page’s count, a migration entry',
      struct: 'wait_queue_head',
    },
    {
      name: text('What is waited for', { member: '' }),
      waiters: { ...waiters(), member: 'head' },
    },
  ),
  actors: keyed(
    'id',
    { title: 'Actors', meaning: 'Who cannot run' },
    {
      id: text('The actor'),
      state: text('runnable, blocked or done'),
      waits_on: text('The lock, completion or wait queue'),
    },
  ),
  kernel_log: keyed(
    'n',
    { title: 'Kernel log', meaning: 'printk, in order' },
    { n: count('In order'), level: text('How serious it is'), text: text('The line') },
  ),
};
