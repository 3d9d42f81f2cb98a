import * as f from './field.ts';
import { keyed } from './table.ts';

const waiters = () => f.list(f.text('An actor'), 'Who waits, longest first');

/** Who runs and who waits for whom, and what the kernel printed. */
export const SCHEDULER_TABLES = {
  locks: keyed(
    'name',
    { title: 'Locks', meaning: 'Mutexes and rw semaphores that somebody has' },
    {
      name: f.text('As the kernel names it'),
      kind: f.text('mutex, rwsem and so on'),
      owner: f.text('The actor that has it for writing; empty where readers have it'),
      readers: f.list(f.text('An actor'), 'Who has it for reading'),
      waiters: waiters(),
    },
  ),
  completions: keyed(
    'name',
    { title: 'Completions', meaning: 'What actors wait for', struct: 'completion' },
    {
      name: f.text('How the bench names it', { member: '' }),
      done: f.truth('Has it come?'),
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
      name: f.text('What is waited for', { member: '' }),
      waiters: { ...waiters(), member: 'head' },
    },
  ),
  actors: keyed(
    'id',
    { title: 'Actors', meaning: 'Who cannot run' },
    {
      id: f.text('The actor'),
      state: f.text('runnable, blocked or done'),
      waits_on: f.text('The lock, completion or wait queue'),
    },
  ),
  kernel_log: keyed(
    'n',
    { title: 'Kernel log', meaning: 'printk, in order' },
    { n: f.count('In order'), level: f.text('How serious it is'), text: f.text('The line') },
  ),
};
