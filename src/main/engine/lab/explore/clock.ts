/**
 * How many events of each actor happened before something: a vector clock. `a` happened before `b`
 * where b's clock counts a's actor up to a.
 */
export type Clock = Map<string, number>;

/** Takes what the other clock knows as well. */
export function join(clock: Clock, other: ReadonlyMap<string, number>): void {
  for (const [actor, count] of other) {
    if ((clock.get(actor) ?? 0) < count) clock.set(actor, count);
  }
}

/** One move on the path, with its place in the order of what depends on what. */
export interface Ordered {
  readonly actor: string;
  /** Its number among its actor's moves, from 1. */
  readonly nth: number;
  readonly clock: ReadonlyMap<string, number>;
}

export function before(a: Ordered, b: Pick<Ordered, 'clock'>): boolean {
  return (b.clock.get(a.actor) ?? 0) >= a.nth;
}
