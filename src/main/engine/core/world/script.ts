import type { ScheduleOrder } from '../../../../shared/lab/program.ts';
import type { Actor } from './actors.ts';

/** A schedule that does not fit the run it is given to: which entry, and a sentence. */
class ScheduleMismatch extends Error {
  constructor(entry: number, message: string) {
    super(`schedule[${entry}]: ${message}`);
  }
}

/**
 * A lab's schedule by places instead of step numbers, so that it survives edits of the lab:
 * - `run` lets an actor go on until it stands at a place, has made some steps, or cannot go on;
 * - `hold` stops an actor when it stands at a place, until `release`.
 * An actor stands at `fn` right after the step that entered it, at `fn:point` with the code behind
 * the point still to run. What the schedule leaves open follows the order of the program.
 */
export class Script {
  private readonly orders: readonly { readonly entry: number; readonly order: ScheduleOrder }[];
  private at = 0;
  /** Steps the actor of the current `run` has made in it. */
  private made = 0;
  private readonly holds = new Map<string, string>();
  private readonly held = new Set<string>();

  constructor(orders: readonly { readonly entry: number; readonly order: ScheduleOrder }[]) {
    this.orders = orders;
  }

  get empty(): boolean {
    return this.orders.length === 0;
  }

  /** Is the actor held where it stands? */
  holdsBack(id: string): boolean {
    return this.held.has(id);
  }

  /**
   * Who goes on, of those who may (in order of their place in the program); undefined: nobody may.
   * Throws ScheduleMismatch where a `run` ended before its place.
   */
  choose(offered: readonly Actor[], known: (id: string) => Actor | undefined): Actor | undefined {
    for (;;) {
      const current = this.orders[this.at];
      if (!current) break;
      const { entry, order } = current;
      if ('hold' in order) {
        this.holds.set(order.hold.actor, order.hold.at);
        this.next();
        continue;
      }
      if ('release' in order) {
        this.release(order.release);
        this.next();
        continue;
      }
      const { actor: id, until } = order.run;
      const actor = offered.find((one) => one.id === id);
      if (actor && !this.held.has(id)) return actor;
      if (this.made === 0 && !this.held.has(id)) {
        const waiting = known(id);
        if (waiting && (waiting.stack.length > 0 || waiting.queue.length > 0)) break;
        throw new ScheduleMismatch(entry, `${id} has nothing left to do`);
      }
      if (until !== undefined) {
        const blockedOn = known(id)?.blockedOn ?? '';
        const why = this.held.has(id)
          ? `is held at ${this.holds.get(id)}`
          : blockedOn === ''
            ? 'ends'
            : `blocks on ${blockedOn}`;
        throw new ScheduleMismatch(entry, `${id} ${why} before it stands at ${until}`);
      }
      this.next();
    }
    const free = offered.find(({ id }) => !this.held.has(id));
    if (free || offered.length === 0) return free;
    // Nobody else can go on: holding longer would end the run.
    for (const { id } of offered) this.release(id);
    return offered[0];
  }

  /** An actor made a step and stands at these places. */
  stands(id: string, places: readonly string[]): void {
    const held = this.holds.get(id);
    if (held !== undefined && places.includes(held)) this.held.add(id);
    const order = this.orders[this.at]?.order;
    if (!order || !('run' in order) || order.run.actor !== id) return;
    this.made += 1;
    const { until, steps } = order.run;
    if ((until !== undefined && places.includes(until)) || this.made === steps) this.next();
  }

  private release(id: string): void {
    this.holds.delete(id);
    this.held.delete(id);
  }

  private next(): void {
    this.at += 1;
    this.made = 0;
  }
}
