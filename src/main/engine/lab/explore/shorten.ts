import type { Broken, Start } from './branch.ts';
import { before } from './clock.ts';
import type { Event, Sighting } from './search.ts';

/** Actors in the order they go on; as long as the moves that break something. */
export interface Breakage {
  readonly broken: Broken;
  readonly actors: readonly string[];
  /** How often another actor goes on than before, the first included. */
  readonly switches: number;
}

export function switchesOf(actors: readonly string[]): number {
  return actors.filter((actor, at) => actor !== actors[at - 1]).length;
}

/**
 * The same breakage in as few moves and changes of actor as are easily found: what it does not
 * depend on is left out, and independent moves are put together by actor. Made again, to be sure.
 */
export function shorten(start: Start, { broken, path, whole }: Sighting): Breakage {
  const found = path.map(({ actor }) => actor);
  const candidates = ordersOf({ broken, path, whole });
  candidates.sort((a, b) => switchesOf(a) - switchesOf(b));
  for (const actors of candidates) {
    if (breaks(start, actors, broken, whole)) {
      return { broken, actors, switches: switchesOf(actors) };
    }
  }
  return { broken, actors: found, switches: switchesOf(found) };
}

/** The moves a breakage depends on, itself included; all of them where it is about the end. */
export function neededBy({ path, whole }: Sighting): readonly Event[] {
  const last = path[path.length - 1];
  return whole || !last ? path : path.filter((event) => before(event, last));
}

/** Orders of the needed moves that keep what depends on what, one for each actor that can begin. */
export function ordersOf(sighting: Sighting): string[][] {
  const events = neededBy(sighting);
  const actors = [...new Set(events.map(({ actor }) => actor))];
  return actors.flatMap((first) => {
    const order = together(events, first);
    return order ? [order] : [];
  });
}

/** Each actor goes on for as long as it can; undefined where `first` cannot begin. */
function together(events: readonly Event[], first: string): string[] | undefined {
  const queues = new Map<string, Event[]>();
  for (const event of events) queues.set(event.actor, [...(queues.get(event.actor) ?? []), event]);
  const left = new Set(events);
  const free = (event: Event): boolean => {
    for (const other of left) if (other !== event && before(other, event)) return false;
    return true;
  };
  const order: string[] = [];
  let actor = first;
  while (left.size > 0) {
    let went = false;
    for (let next = queues.get(actor)?.[0]; next && free(next); next = queues.get(actor)?.[0]) {
      queues.get(actor)?.shift();
      left.delete(next);
      order.push(actor);
      went = true;
    }
    if (!went && order.length === 0) return undefined;
    const other = [...queues].find(([id, [head]]) => id !== actor && head && free(head));
    if (!other) return left.size === 0 ? order : undefined;
    [actor] = other;
  }
  return order;
}

/** Does this order break the same? */
function breaks(start: Start, actors: readonly string[], wanted: Broken, whole: boolean): boolean {
  const branch = start();
  const same = (broken: Broken | undefined): boolean =>
    broken?.kind === wanted.kind && broken.about === wanted.about;
  try {
    for (const [at, actor] of actors.entries()) {
      if (!branch.offered().includes(actor)) return false;
      const { broken } = branch.move(actor);
      if (broken) return same(broken) && at === actors.length - 1;
    }
    return whole && branch.offered().length === 0 && same(branch.end().broken);
  } finally {
    branch.close();
  }
}
