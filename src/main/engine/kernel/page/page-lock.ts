import type { Kernel } from '../../core/facts.ts';
import { leaf, operation, sleepOn, type Operation } from '../../core/world/operation.ts';
import { wakeUp } from '../../core/world/sync.ts';
import { flagList, withFlag, withoutFlag } from './flags.ts';
import { coversPages } from './page-runs.ts';

/** Pages [pfn, end); a page of a compound page is locked as its head. */
export interface PageRun {
  readonly pfn: number;
  readonly end: number;
}

/** The wait queue of who waits for a page's lock. */
export function lockQueue(pfn: number): string {
  return `folio_wait ${pfn}`;
}

/** The wait queue of who waits until others give their references to a page back. */
export function holdQueue(pfn: number): string {
  return `folio_hold ${pfn}`;
}

/** The run rounded out to whole compound pages: the lock is the head's. */
function folios(k: Kernel, { pfn, end }: PageRun): PageRun {
  const first = 2 ** (k.world.at('pages', pfn)?.compound_order ?? 0);
  const last = 2 ** (k.world.at('pages', end - 1)?.compound_order ?? 0);
  return { pfn: pfn - (pfn % first), end: end + ((last - (end % last)) % last) };
}

/** First page of the run that is locked; undefined where none is. */
export function firstLocked(k: Kernel, run: PageRun): number | undefined {
  const { pfn, end } = folios(k, run);
  const row = k.world
    .overlapping('pages', pfn, end)
    .find(({ flags }) => flagList(flags).includes('locked'));
  return row && Math.max(row.start, pfn);
}

/** Takes the lock of every page of the run if all are free; for use inside another step. */
export function tryLockPages(k: Kernel, run: PageRun): boolean {
  if (firstLocked(k, run) !== undefined) return false;
  const { pfn, end } = folios(k, run);
  k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withFlag(flags, 'locked') }));
  return true;
}

/** Unlocks the run and wakes who waits for one of its pages; for use inside another step. */
function unlockPages(k: Kernel, run: PageRun): void {
  const { pfn, end } = folios(k, run);
  k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withoutFlag(flags, 'locked') }));
  wakePages(k, { pfn, end });
}

/** wake_up_page() on the queues of the run's pages. */
export function wakePages(k: Kernel, { pfn, end }: PageRun): void {
  if (k.world.count('wait_queues') === 0) return;
  for (const { name } of [...k.world.rows('wait_queues')]) {
    const at = /^(?:folio_wait|folio_hold|migration_entry_wait) (\d+)$/.exec(name)?.[1];
    if (at !== undefined && Number(at) >= pfn && Number(at) < end) wakeUp(k.world, name);
  }
}

function named(folio: string, page: string) {
  return (k: Kernel): string => (k.facts.era.get('lock_page') ? folio : page);
}

/** folio_trylock(), or trylock_page(): all pages of the run or none. */
export const folio_trylock = leaf<PageRun, boolean>(
  named('folio_trylock', 'trylock_page'),
  'include/linux/pagemap.h:folio_trylock',
  tryLockPages,
  { covers: coversPages },
);

function* sleepWhileLocked(k: Kernel, run: PageRun): Operation<void> {
  for (;;) {
    const held = firstLocked(k, run);
    if (held === undefined) return;
    yield* sleepOn(lockQueue(held));
  }
}

/** folio_lock(), or lock_page(): sleeps while somebody holds one of them. */
export const folio_lock = operation<PageRun, void>(
  named('folio_lock', 'lock_page'),
  'include/linux/pagemap.h:folio_lock, mm/filemap.c:__folio_lock',
  function* (k, run) {
    yield* sleepWhileLocked(k, run);
    tryLockPages(k, run);
  },
  { covers: coversPages },
);

/** folio_unlock(), or unlock_page(): wakes who waits. */
export const folio_unlock = leaf<PageRun, void>(
  named('folio_unlock', 'unlock_page'),
  'mm/filemap.c:folio_unlock',
  unlockPages,
  { covers: coversPages },
);

/**
 * folio_wait_locked() and migration_entry_wait_on_locked(): sleeps until the page's lock is given
 * up; takes neither lock nor reference.
 */
export const folio_wait_locked = operation<PageRun, void>(
  named('folio_wait_locked', 'wait_on_page_locked'),
  'include/linux/pagemap.h:folio_wait_locked',
  sleepWhileLocked,
  { covers: coversPages },
);
