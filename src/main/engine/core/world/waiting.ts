import type { Actor, Actors } from './actors.ts';
import type { LockEffect, SleepEffect, WaitEffect } from './operation.ts';
import { prepareToWait, releaseLock, tryLock, tryWait } from './sync.ts';
import type { World } from './world.ts';

/** Grants the lock or completion, or makes the actor wait for it. False: it waits. */
export function proceed(
  world: World,
  actor: Actor,
  effect: LockEffect | WaitEffect | SleepEffect,
): boolean {
  if (granted(world, actor, effect)) return true;
  actor.blockedOn = effect.name;
  actor.sleeps = effect.op === 'sleep';
  world.put('actors', { id: actor.id, state: 'blocked', waits_on: effect.name });
  return false;
}

function granted(
  world: World,
  actor: Actor,
  effect: LockEffect | WaitEffect | SleepEffect,
): boolean {
  switch (effect.op) {
    case 'lock':
      return tryLock(world, effect.name, effect.kind, actor.id, effect.shared);
    case 'wait':
      return tryWait(world, effect.name, actor.id);
    case 'sleep':
      prepareToWait(world, effect.name, actor.id);
      return false;
  }
}

/** Gives a lock up and wakes who has it next. */
export function release(world: World, actors: Actors, actor: Actor, name: string): void {
  for (const next of releaseLock(world, name, actor.id)) wake(world, actors.get(next));
}

/**
 * Wakes who waits for a completion that is done or a queue that was woken, through the world. The
 * looking is the driver's, so that it counts as no step's reading.
 */
export function wakeCompleted(world: World, actors: Actors): void {
  for (const actor of actors.all()) {
    if (actor.blockedOn === '') continue;
    if (actor.sleeps) {
      const queue = world.store.get('wait_queues', actor.blockedOn);
      if (!queue?.waiters.includes(actor.id)) wake(world, actor);
      continue;
    }
    if (world.store.get('completions', actor.blockedOn)?.done !== true) continue;
    const completion = world.need('completions', actor.blockedOn);
    world.patch('completions', completion.name, {
      waiters: completion.waiters.filter((id) => id !== actor.id),
    });
    wake(world, actor);
  }
}

function wake(world: World, actor: Actor | undefined): void {
  if (!actor) return;
  actor.blockedOn = '';
  actor.sleeps = false;
  world.remove('actors', actor.id);
}
