import type { Kernel } from './kernel.ts';
import { sleepOn, type Operation } from './operation.ts';
import { wakeUp } from './sync.ts';

/** The record that lists who reads under RCU (or with interrupts off); never owned, never waited for. */
const RCU = 'rcu_read_lock';

/** Where a grace period waits for them. */
function queueOf(domain: string): string {
  return domain === RCU ? 'synchronize_rcu' : `synchronize_srcu ${domain}`;
}

type Reader = Pick<Kernel, 'world' | 'current'>;

/**
 * rcu_read_lock(), local_irq_save(): no grace period ends while the actor is listed. With a domain
 * (the name of a struct srcu_struct) srcu_read_lock(), whose readers may sleep.
 */
export function rcuReadLock(k: Reader, domain = RCU): void {
  const readers = k.world.get('locks', domain)?.readers ?? [];
  const kind = domain === RCU ? 'rcu' : 'srcu';
  const lock = { name: domain, kind, owner: '', waiters: [] };
  k.world.put('locks', { ...lock, readers: [...readers, k.current()] });
}

/** rcu_read_unlock(), local_irq_restore(): who waits for a grace period looks again. */
export function rcuReadUnlock(k: Reader, domain = RCU): void {
  const { readers } = k.world.need('locks', domain);
  const left = readers.filter((id) => id !== k.current());
  if (left.length === 0) k.world.remove('locks', domain);
  else k.world.patch('locks', domain, { readers: left });
  wakeUp(k.world, queueOf(domain));
}

/**
 * A grace period, as in synchronize_rcu(): until everybody who reads now has finished. Who begins
 * later does not count.
 */
export function* gracePeriod(k: Pick<Kernel, 'world'>, domain = RCU): Operation<void> {
  const readers = k.world.get('locks', domain)?.readers ?? [];
  while (readers.some((id) => k.world.get('locks', domain)?.readers.includes(id))) {
    yield* sleepOn(queueOf(domain));
  }
}
