import type { Kernel } from './kernel.ts';
import { sleepOn, type Operation } from './operation.ts';
import { wakeUp } from './sync.ts';

/** The record that lists who reads under RCU (or with interrupts off); never owned, never waited for. */
const RCU = 'rcu_read_lock';
/** Where a grace period waits for them. */
const QUEUE = 'synchronize_rcu';

type Reader = Pick<Kernel, 'world' | 'current'>;

/** rcu_read_lock(), local_irq_save(): no grace period ends while the actor is listed. */
export function rcuReadLock(k: Reader): void {
  const readers = k.world.get('locks', RCU)?.readers ?? [];
  const lock = { name: RCU, kind: 'rcu', owner: '', waiters: [] };
  k.world.put('locks', { ...lock, readers: [...readers, k.current()] });
}

/** rcu_read_unlock(), local_irq_restore(): who waits for a grace period looks again. */
export function rcuReadUnlock(k: Reader): void {
  const { readers } = k.world.need('locks', RCU);
  const left = readers.filter((id) => id !== k.current());
  if (left.length === 0) k.world.remove('locks', RCU);
  else k.world.patch('locks', RCU, { readers: left });
  wakeUp(k.world, QUEUE);
}

/**
 * A grace period, as in synchronize_rcu(): until everybody who reads now has finished. Who begins
 * later does not count.
 */
export function* gracePeriod(k: Pick<Kernel, 'world'>): Operation<void> {
  const readers = k.world.get('locks', RCU)?.readers ?? [];
  while (readers.some((id) => k.world.get('locks', RCU)?.readers.includes(id))) {
    yield* sleepOn(QUEUE);
  }
}
