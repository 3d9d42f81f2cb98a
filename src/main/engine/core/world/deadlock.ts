import type { Actor } from './actors.ts';
import type { World } from './world.ts';

/** All actors left are blocked: a deadlock, with who waits for what. */
export class Deadlock {
  readonly waiting: readonly { actor: string; on: string }[];
  constructor(waiting: readonly { actor: string; on: string }[]) {
    this.waiting = waiting;
  }
}

/** The deadlock of actors of whom none can go on; undefined where nobody waits. */
export function deadlockOf(actors: Iterable<Actor>): Deadlock | undefined {
  const waiting = [...actors].filter(({ blockedOn }) => blockedOn !== '');
  if (waiting.length === 0) return undefined;
  return new Deadlock(waiting.map(({ id, blockedOn }) => ({ actor: id, on: blockedOn })));
}

/** Who has what the waiting actors wait for, as far as somebody has it: `admin waits for L of app`. */
export function deadlockText({ waiting }: Deadlock, world: World): string {
  const parts = waiting.map(({ actor, on }) => {
    const lock = world.store.get('locks', on);
    const holders = lock ? [lock.owner, ...lock.readers].filter((id) => id !== '') : [];
    const whose = holders.length > 0 ? `, which ${holders.join(' and ')} holds` : '';
    return `${actor} waits for ${on}${whose}`;
  });
  return `deadlock: ${parts.join('; ')}`;
}
