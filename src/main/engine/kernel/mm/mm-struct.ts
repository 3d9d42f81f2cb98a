import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { MAX_MMS } from './position.ts';

export type Mm = RowOf<'mms'>;
export type Task = RowOf<'tasks'>;

/** Counters of struct mm_rss_stat that pages count in (mm_counter()). */
export type RssCounter = 'anonpages' | 'filepages' | 'shmempages';

/** Name of the lock record of mm->mmap_lock. */
export function mmapLock(mm: string): string {
  return `mmap_lock ${mm}`;
}

/** add_mm_counter(). */
export function addMmCounter(k: Kernel, mm: string, counter: RssCounter, pages: number): void {
  const row = k.world.get('mms', mm);
  if (row && pages !== 0) k.world.patch('mms', mm, { [counter]: row[counter] + pages });
}

/** A new, empty address space under the lowest number that is free; undefined: there are too many. */
export function newMm(k: Kernel, id: string): Mm | undefined {
  const used = new Set([...k.world.rows('mms')].map(({ nr }) => nr));
  let nr = 1;
  while (used.has(nr)) nr += 1;
  if (nr > MAX_MMS) return undefined;
  const counters = { anonpages: 0, filepages: 0, shmempages: 0 };
  const mm: Mm = { id, nr, mm_users: 1, ...counters, notifiers: [] };
  k.world.put('mms', mm);
  return mm;
}

/** The task of an actor; undefined for one that runs no program (a kernel thread). */
export function taskOf(k: Kernel, actor: string): Task | undefined {
  return k.world.get('tasks', actor);
}
