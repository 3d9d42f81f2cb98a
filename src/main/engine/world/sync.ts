import type { World } from './world.ts';

/** Tries to take a lock for an actor. False: somebody else owns it, and the actor now waits. */
export function tryLock(world: World, name: string, kind: string, actor: string): boolean {
  const lock = world.get('locks', name);
  if (!lock || lock.owner === '') {
    world.put('locks', { name, kind, owner: actor, waiters: [] });
    return true;
  }
  if (lock.owner === actor) throw new Error(`${actor} takes ${name} again: it would deadlock`);
  world.patch('locks', name, { waiters: [...lock.waiters, actor] });
  return false;
}

/** Gives a lock up; the first waiter owns it from now on. Returns who is to be woken. */
export function releaseLock(world: World, name: string, actor: string): string | undefined {
  const lock = world.need('locks', name);
  if (lock.owner !== actor) throw new Error(`${actor} releases ${name}, owned by ${lock.owner}`);
  const [next, ...rest] = lock.waiters;
  if (next === undefined) world.remove('locks', name);
  else world.patch('locks', name, { owner: next, waiters: rest });
  return next;
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
