import type { ActorView } from '../../../shared/bench/views.ts';
import type { OperationView } from '../../../shared/bench/state.ts';
import type { Step } from '../../../shared/world/step.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import { waiterId } from '../../engine/core/world/sync.ts';
import type { World } from '../../engine/core/world/world.ts';
import type { Inspection } from './context.ts';

/** The steps of each actor, in order. Grows with the recording. */
export class ActorSteps {
  private readonly source: StepSource;
  private readonly byActor = new Map<string, number[]>();
  private known = 0;

  constructor(source: StepSource) {
    this.source = source;
  }

  /** Actors in order of their first step. */
  actors(): string[] {
    this.index();
    return [...this.byActor.keys()];
  }

  /** The actor's last step not after `at`; 0 before its first. */
  last(actor: string, at: number): number {
    this.index();
    const steps = this.byActor.get(actor) ?? [];
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((steps[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return steps[low - 1] ?? 0;
  }

  private index(): void {
    while (this.known < this.source.length) {
      this.known += 1;
      const { actor } = this.source.step(this.known);
      const steps = this.byActor.get(actor);
      if (steps) steps.push(this.known);
      else this.byActor.set(actor, [this.known]);
    }
  }
}

/** Every actor of the program at the current step. */
export function actorViews(
  { world, source, at }: Inspection,
  steps: ActorSteps,
  operations: readonly OperationView[],
): ActorView[] {
  const ids = new Set([...operations.map(({ actor }) => actor), ...steps.actors()]);
  return [...ids].map((id): ActorView => {
    const last = steps.last(id, at);
    const stack = last === 0 ? [] : openCalls(source, last, at);
    const mine = operations.filter(({ actor }) => actor === id);
    const next = mine.find(({ first }) => first === 0 || first > at);
    const blocked = world.get('actors', id);
    return {
      id,
      state: blocked ? 'blocked' : stack.length > 0 ? 'inside' : next ? 'between' : 'done',
      stack,
      ...(blocked ? { waits_on: blocked.waits_on } : {}),
      waits_for: blocked ? holders(world, blocked.waits_on) : [],
      holds: locksOf(world, id),
      last,
      ...(next ? { next: [next.title, next.detail].filter((text) => text !== '').join(' ') } : {}),
    };
  });
}

/** Calls of the actor that are entered and have not returned after step `at`, outermost first. */
function openCalls(source: StepSource, last: number, at: number): { seq: number; fn: string }[] {
  const open: { seq: number; fn: string }[] = [];
  const isOpen = ({ kind, end }: Step): boolean =>
    kind !== 'point' && kind !== 'return' && (end === undefined || end > at);
  for (let seq = last; seq > 0;) {
    const step = source.step(seq);
    if (isOpen(step)) open.unshift({ seq, fn: step.fn });
    seq = step.parent;
  }
  return open;
}

function holders(world: World, name: string): string[] {
  const lock = world.get('locks', name);
  return lock ? [lock.owner, ...lock.readers].filter((id) => id !== '') : [];
}

function locksOf(world: World, id: string): { name: string; waiters: string[] }[] {
  return [...world.rows('locks')]
    .filter(({ owner, readers }) => owner === id || readers.includes(id))
    .map(({ name, waiters }) => ({ name, waiters: waiters.map(waiterId) }));
}
