import type { Actor, Actors } from './actors.ts';
import type { LockEffect, WaitEffect } from './operation.ts';
import { releaseLock, tryLock, tryWait } from './sync.ts';
import type { World } from './world.ts';

/** Grants the lock or completion, or makes the actor wait for it. False: it waits. */
export function proceed(world: World, actor: Actor, effect: LockEffect | WaitEffect): boolean {
  const granted =
    effect.op === 'lock'
      ? tryLock(world, effect.name, effect.kind, actor.id)
      : tryWait(world, effect.name, actor.id);
  if (granted) return true;
  actor.blockedOn = effect.name;
  world.put('actors', { id: actor.id, state: 'blocked', waits_on: effect.name });
  return false;
}

/** Gives a lock up and wakes who owns it next. */
export function release(world: World, actors: Actors, actor: Actor, name: string): void {
  const next = releaseLock(world, name, actor.id);
  if (next !== undefined) wake(world, actors.get(next));
}

/** Wakes who waits on a completion that is done: `complete` is reached through the world. */
export function wakeCompleted(world: World, actors: Actors): void {
  for (const actor of actors.all()) {
    if (actor.blockedOn === '') continue;
    const completion = world.get('completions', actor.blockedOn);
    if (!completion?.done) continue;
    world.patch('completions', completion.name, {
      waiters: completion.waiters.filter((id) => id !== actor.id),
    });
    wake(world, actor);
  }
}

function wake(world: World, actor: Actor | undefined): void {
  if (!actor) return;
  actor.blockedOn = '';
  world.remove('actors', actor.id);
}
