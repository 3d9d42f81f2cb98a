import type { World } from './world.ts';

/** A waiter for reading, as `waiters` holds it: its id behind a mark no id begins with. */
const READER = '\u0000r:';

/** The actor a `waiters` entry stands for. */
export function waiterId(entry: string): string {
  return entry.startsWith(READER) ? entry.slice(READER.length) : entry;
}

/**
 * Tries to take a lock for an actor. False: somebody else has it, and the actor now waits. Readers
 * queue behind a writer who waits, as with rw semaphores.
 */
export function tryLock(
  world: World,
  name: string,
  kind: string,
  actor: string,
  shared = false,
): boolean {
  const lock = world.get('locks', name);
  if (!lock) {
    const owner = shared ? '' : actor;
    world.put('locks', { name, kind, owner, readers: shared ? [actor] : [], waiters: [] });
    return true;
  }
  if (lock.owner === actor || lock.readers.includes(actor)) {
    throw new Error(`${actor} takes ${name} again: it would deadlock`);
  }
  if (shared && lock.owner === '' && lock.waiters.length === 0) {
    world.patch('locks', name, { readers: [...lock.readers, actor] });
    return true;
  }
  world.patch('locks', name, { waiters: [...lock.waiters, shared ? READER + actor : actor] });
  return false;
}

/** down_read_trylock() and the like: takes the lock if nobody has to wait for it; never waits. */
export function lockNow(
  world: World,
  name: string,
  kind: string,
  actor: string,
  shared = false,
): boolean {
  const lock = world.get('locks', name);
  const free = !lock || (shared && lock.owner === '' && lock.waiters.length === 0);
  return free && tryLock(world, name, kind, actor, shared);
}

/** Gives a lock up; who waited longest has it from now on. Returns who is to be woken. */
export function releaseLock(world: World, name: string, actor: string): readonly string[] {
  const lock = world.need('locks', name);
  const reads = lock.readers.includes(actor);
  if (lock.owner !== actor && !reads) {
    throw new Error(`${actor} releases ${name}, owned by ${lock.owner || lock.readers.join(', ')}`);
  }
  const readers = reads ? lock.readers.filter((id) => id !== actor) : lock.readers;
  if (readers.length > 0) {
    world.patch('locks', name, { readers });
    return [];
  }
  const [next] = lock.waiters;
  if (next === undefined) {
    world.remove('locks', name);
    return [];
  }
  if (!next.startsWith(READER)) {
    world.patch('locks', name, { owner: next, readers: [], waiters: lock.waiters.slice(1) });
    return [next];
  }
  const writer = lock.waiters.findIndex((entry) => !entry.startsWith(READER));
  const woken = lock.waiters.slice(0, writer < 0 ? undefined : writer).map(waiterId);
  const waiters = lock.waiters.slice(woken.length);
  world.patch('locks', name, { owner: '', readers: woken, waiters });
  return woken;
}

/** The actor sleeps on a wait queue from now on. */
export function prepareToWait(world: World, name: string, actor: string): void {
  const waiters = world.get('wait_queues', name)?.waiters ?? [];
  world.put('wait_queues', { name, waiters: [...waiters, actor] });
}

/** wake_up_all(): everybody on the queue may run and look again. The driver sees it. */
export function wakeUp(world: World, name: string): void {
  if (world.get('wait_queues', name)) world.remove('wait_queues', name);
}

/** init_completion(). */
export function initCompletion(world: World, name: string): void {
  world.put('completions', { name, done: false, waiters: [] });
}

/** True when the completion is done; else the actor waits. */
export function tryWait(world: World, name: string, actor: string): boolean {
  const completion = world.need('completions', name);
  if (completion.done) return true;
  world.patch('completions', name, { waiters: [...completion.waiters, actor] });
  return false;
}

/** complete_all(): everybody who waits may run. The driver sees it and wakes them. */
export function complete(world: World, name: string): void {
  world.patch('completions', name, { done: true });
}
