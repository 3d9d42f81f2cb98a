import type { AccessLog } from '../../core/world/access.ts';
import type { Branch, Broken, Start } from './branch.ts';
import { before, join, type Clock, type Ordered } from './clock.ts';

export interface Limits {
  /** Moves from the start beyond which no other order is tried. */
  readonly depth: number;
  /** Moves in all, those made again included. */
  readonly budget: number;
  /** False tries every order of every move (for comparison). */
  readonly reduce: boolean;
}

/** A move on the path. */
export interface Event extends Ordered {
  readonly access: AccessLog;
  readonly fn: string;
  readonly group: number;
}

/** Something that broke, and the path there: `broken` is about its last event. */
export interface Sighting {
  readonly broken: Broken;
  readonly path: readonly Event[];
  /** The path is a whole interleaving: a deadlock, or an expectation at its end. */
  readonly whole: boolean;
}

export interface SearchResult {
  /** Interleavings run to their end. */
  readonly interleavings: number;
  /** Those given up because the same outcome was seen already. */
  readonly redundant: number;
  readonly moves: number;
  readonly exhaustive: boolean;
  /** Why it was not exhaustive. */
  readonly limit: 'depth' | 'budget' | undefined;
  readonly hashes: ReadonlySet<string>;
}

/** A place where somebody is chosen. */
interface Choice {
  readonly offered: readonly string[];
  /** Who is to be tried here. */
  readonly wanted: Set<string>;
  /** Whose next move was tried, here or before, and has met nothing since that it depends on. */
  readonly asleep: Map<string, AccessLog>;
}

class OutOfBudget extends Error {}

/**
 * Tries the interleavings of a branch's actors, one of each class that differs only in the order of
 * independent moves: dynamic partial-order reduction with source sets and sleep sets (Abdulla et
 * al., "Optimal dynamic partial order reduction", POPL 2014, algorithm 1). What a move depends on is
 * seen as it is made, so moves are made again from the start for each order.
 */
export function search(
  start: Start,
  limits: Limits,
  seen: (sighting: Sighting) => void,
): SearchResult {
  const choices: Choice[] = [];
  const path: Event[] = [];
  const hashes = new Set<string>();
  let moves = 0;
  let interleavings = 0;
  let redundant = 0;
  let cut = false;

  const offeredAt = (at: number, actor: string): boolean =>
    choices[at]?.offered.includes(actor) ?? false;

  const spend = (): void => {
    if (moves >= limits.budget) throw new OutOfBudget();
    moves += 1;
  };

  /** One move, with the races it is in. */
  const go = (branch: Branch, actor: string): boolean => {
    const choice = choices[path.length] as Choice;
    spend();
    const group = branch.groupOf(actor);
    const { access, fn, broken } = branch.move(actor);
    // Who was woken depends on who woke it.
    access.key('actors', actor, false);
    const clock: Clock = new Map();
    // A group begins after all that those before it did until then. Who of them could not go on, and
    // was woken since, interleaves with it.
    const begun = path.findIndex((event) => event.group >= group);
    path.forEach((event, at) => {
      const leads = event.group < group && (begun < 0 || at < begun);
      if (event.actor === actor || leads) join(clock, event.clock);
    });
    const races: number[] = [];
    for (let at = path.length - 1; at >= 0; at -= 1) {
      const event = path[at] as Event;
      if (before(event, { clock }) || !event.access.conflicts(access)) continue;
      // Who was woken by a move cannot have come before it.
      const woken = !offeredAt(at, actor) && offeredAt(at + 1, actor);
      if (!woken) races.push(at);
      join(clock, event.clock);
    }
    const nth = (clock.get(actor) ?? 0) + 1;
    clock.set(actor, nth);
    const event: Event = { actor, nth, clock, access, fn, group };
    if (limits.reduce) {
      for (const at of races) {
        if (at >= limits.depth) cut = true;
        else addSource(choices[at] as Choice, path, at, event);
      }
    }
    path.push(event);
    choice.wanted.add(actor);
    if (broken) seen({ broken, path: [...path], whole: false });
    return broken?.kind !== 'error';
  };

  const run = (branch: Branch): void => {
    for (;;) {
      const offered = branch.offered();
      if (offered.length === 0) break;
      const last = path[path.length - 1];
      const asleep =
        limits.reduce && last ? stillAsleep(choices[path.length - 1] as Choice, last) : new Map();
      const awake = offered.filter((actor) => !asleep.has(actor));
      const next = awake.find((actor) => actor === last?.actor) ?? awake[0];
      if (next === undefined) {
        redundant += 1;
        return;
      }
      const wanted = new Set([next]);
      if (!limits.reduce) for (const actor of offered) wanted.add(actor);
      choices.push({ offered, wanted, asleep });
      if (!go(branch, next)) {
        interleavings += 1;
        return;
      }
    }
    interleavings += 1;
    const { broken, hash } = branch.end();
    hashes.add(hash);
    if (broken) seen({ broken, path: [...path], whole: true });
  };

  /** The deepest place where somebody is still to be tried; the path ends there. */
  const backtrack = (): string | undefined => {
    while (path.length > 0) {
      const tried = path.pop() as Event;
      choices.length = path.length + 1;
      const choice = choices[path.length] as Choice;
      choice.asleep.set(tried.actor, tried.access);
      for (const actor of choice.wanted) if (!choice.asleep.has(actor)) return actor;
    }
    return undefined;
  };

  const within = (work: (branch: Branch) => void): void => {
    const branch = start();
    try {
      work(branch);
    } finally {
      branch.close();
    }
  };

  try {
    within(run);
    for (let next = backtrack(); next !== undefined; next = backtrack()) {
      const actor = next;
      within((branch) => {
        for (const event of path) {
          spend();
          branch.move(event.actor);
        }
        if (go(branch, actor)) run(branch);
        else interleavings += 1;
      });
    }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return { interleavings, redundant, moves, exhaustive: false, limit: 'budget', hashes };
  }
  const limit = cut ? 'depth' : undefined;
  return { interleavings, redundant, moves, exhaustive: !cut, limit, hashes };
}

/** Who of those asleep is not woken by the move that was made. */
function stillAsleep({ asleep }: Choice, made: Event): Map<string, AccessLog> {
  const still = new Map<string, AccessLog>();
  for (const [actor, access] of asleep) {
    if (actor !== made.actor && !access.conflicts(made.access)) still.set(actor, access);
  }
  return still;
}

/**
 * `event` could have come before the move at `at`. Of what does not depend on that move, whoever
 * can begin must be tried there; where nobody of them is yet, one is added.
 */
function addSource(choice: Choice, path: readonly Event[], at: number, event: Event): void {
  const first = path[at] as Event;
  const rest = [...path.slice(at + 1).filter((other) => !before(first, other)), event];
  const initials = new Set<string>();
  const begun = new Set<string>();
  rest.forEach((other, index) => {
    if (begun.has(other.actor)) return;
    begun.add(other.actor);
    if (!rest.slice(0, index).some((earlier) => before(earlier, other))) initials.add(other.actor);
  });
  for (const actor of initials) if (choice.wanted.has(actor)) return;
  const [any] = initials;
  const added = initials.has(event.actor) ? event.actor : any;
  if (added !== undefined) choice.wanted.add(added);
}
