import type { Kernel } from '../../core/facts.ts';
import { sleepOn, type Operation } from '../../core/world/operation.ts';
import { firstLocked, holdQueue, lockQueue } from '../page/page-lock.ts';
import { isDevicePrivate, pfnAt, pteSame, type Pte } from './pte.ts';

/**
 * A fault on `entry` said all is well, and the entry is what it was: the access faults again, as
 * often as it takes until somebody else lets go of the page. Here it waits for that, so that the
 * rounds in between are no steps.
 *
 * @returns false where nobody else has the page: the next fault will bring as little
 */
export function* letGoOf(k: Kernel, position: number, entry: Pte | undefined): Operation<boolean> {
  if (!entry || !isDevicePrivate(entry) || !pteSame(k, position, entry)) return false;
  const pfn = pfnAt(entry, position);
  const locked = firstLocked(k, { pfn, end: pfn + 1 });
  const row = k.world.at('pages', pfn);
  if (locked !== undefined) yield* sleepOn(lockQueue(locked));
  else if (row && row.refcount > row.mapcount + 1) yield* sleepOn(holdQueue(pfn));
  else return false;
  return true;
}
