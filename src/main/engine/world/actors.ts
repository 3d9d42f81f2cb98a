import type { Args } from '../../../shared/world/value.ts';
import type { CallEffect, KernelFunction, Operation } from './operation.ts';

/** One entry of a lab's program: what to call, by whom. */
export interface Task {
  readonly actor: string;
  readonly fn: KernelFunction<never, unknown>;
  readonly params: unknown;
  /** Called when the task has returned, with its result and the step that showed it. */
  readonly done?: (result: unknown, seq: number) => void;
}

/** A choice of the scheduler: from step `step` on, `actor` runs. */
export interface Choice {
  readonly step: number;
  readonly actor: string;
}

export interface Frame {
  readonly generator: Operation<unknown>;
  readonly fn: KernelFunction<never, unknown>;
  readonly name: string;
  /** Call step of this frame. */
  readonly seq: number;
  readonly task: Task | undefined;
}

/** An independent stack of calls: a CPU task, a device engine, the administrator. */
export interface Actor {
  readonly id: string;
  /** The kernel call stack, outermost frame first. */
  readonly stack: Frame[];
  /** Tasks it runs and will run, each with its place in the program. */
  readonly queue: { index: number; task: Task }[];
  pending: CallEffect | undefined;
  /** The value its top frame resumes with. */
  value: unknown;
  /** Name of the lock or completion it waits for; '' while it may run. */
  blockedOn: string;
  /** It waits on a wait queue of that name. */
  sleeps: boolean;
  /** A named point its top frame stands at: the next step begins there. */
  at: { label: string; args: Args } | undefined;
}

function mayRun(actor: Actor): boolean {
  return actor.blockedOn === '' && (actor.stack.length > 0 || actor.queue.length > 0);
}

/** Who there is, and who runs next: by hand, by a recorded schedule, or in program order. */
export class Actors {
  private readonly byId = new Map<string, Actor>();
  private readonly schedule: readonly Choice[];
  private scheduleAt = 0;
  private tasks = 0;

  constructor(schedule: readonly Choice[]) {
    this.schedule = schedule;
  }

  get size(): number {
    return this.byId.size;
  }

  all(): IterableIterator<Actor> {
    return this.byId.values();
  }

  get(id: string): Actor | undefined {
    return this.byId.get(id);
  }

  /** Appends a task to its actor's queue; a new actor comes into being with its first task. */
  add(task: Task): void {
    let actor = this.byId.get(task.actor);
    if (!actor) {
      actor = {
        id: task.actor,
        stack: [],
        queue: [],
        pending: undefined,
        value: undefined,
        blockedOn: '',
        sleeps: false,
        at: undefined,
      };
      this.byId.set(task.actor, actor);
    }
    actor.queue.push({ index: this.tasks, task });
    this.tasks += 1;
  }

  /** Actors that may run now, in order of their place in the program. */
  runnable(): Actor[] {
    return [...this.byId.values()]
      .filter(mayRun)
      .sort((a, b) => (a.queue[0]?.index ?? 0) - (b.queue[0]?.index ?? 0));
  }

  /** The actor that makes step `seq`. Throws where `by` or the schedule asks for one that cannot. */
  choose(seq: number, current: Actor | undefined, by: string | undefined): Actor | undefined {
    if (by !== undefined) return this.wanted(by, seq);
    const planned = this.schedule[this.scheduleAt];
    if (planned && planned.step <= seq) {
      this.scheduleAt += 1;
      return this.wanted(planned.actor, seq);
    }
    if (this.schedule.length > 0 && current && mayRun(current) && current.stack.length > 0) {
      return current;
    }
    if (this.byId.size > 1) return this.runnable()[0];
    const [only] = this.byId.values();
    return only && mayRun(only) ? only : undefined;
  }

  private wanted(id: string, seq: number): Actor {
    const actor = this.byId.get(id);
    if (!actor || !mayRun(actor)) throw new Error(`actor ${id} cannot run at step ${seq}`);
    return actor;
  }
}
