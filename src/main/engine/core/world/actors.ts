import type { ScheduleOrder, WrittenSchedule } from '../../../../shared/lab/program.ts';
import type { Args } from '../../../../shared/world/value.ts';
import { Script } from './script.ts';
import type { CallEffect, KernelFunction, Operation } from './operation.ts';

/** One entry of a lab's program: what to call, by whom. */
export interface Task {
  readonly actor: string;
  readonly fn: KernelFunction<never, unknown>;
  readonly params: unknown;
  /**
   * Tasks of one group interleave; a group begins when those before it have ended, or when none of
   * them can go on. All in one where it is left out.
   */
  readonly group?: number;
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
  private readonly choices: readonly Choice[];
  readonly script: Script;
  private choiceAt = 0;
  private tasks = 0;
  /** The last group of tasks that has begun. */
  private opened = -Infinity;

  constructor(schedule: WrittenSchedule) {
    this.choices = schedule.filter((entry): entry is Choice => 'step' in entry);
    this.script = new Script(
      schedule.flatMap((entry, index) =>
        'step' in entry ? [] : [{ entry: index, order: entry as ScheduleOrder }],
      ),
    );
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

  /** A task from now on, in the group of what `running` does: of hardware, or of an interrupt. */
  start<P>(running: string, actor: string, fn: KernelFunction<P, unknown>, params: P): void {
    this.add({ actor, fn, params, group: groupOf(this.byId.get(running)) });
  }

  /** Actors that may run now, in order of their place in the program. */
  runnable(): Actor[] {
    const able = [...this.byId.values()].filter(mayRun);
    able.sort((a, b) => (a.queue[0]?.index ?? 0) - (b.queue[0]?.index ?? 0));
    const open = able.filter((actor) => groupOf(actor) <= this.opened);
    if (open.length > 0 || able.length === 0) return open;
    this.opened = Math.min(...able.map(groupOf));
    return able.filter((actor) => groupOf(actor) <= this.opened);
  }

  /**
   * The actor that makes step `seq`; `deliberate` where somebody chose it. Throws where `by` or the
   * schedule asks for one that cannot.
   */
  choose(
    seq: number,
    current: Actor | undefined,
    by: string | undefined,
  ): { readonly actor: Actor | undefined; readonly deliberate: boolean } {
    if (by !== undefined) return { actor: this.wanted(by, seq), deliberate: true };
    const planned = this.choices[this.choiceAt];
    if (planned && planned.step <= seq) {
      this.choiceAt += 1;
      return { actor: this.wanted(planned.actor, seq), deliberate: true };
    }
    if (!this.script.empty) {
      const actor = this.script.choose(this.runnable(), (id) => this.byId.get(id));
      return { actor, deliberate: true };
    }
    if (this.choices.length > 0) return { actor: this.following(current), deliberate: false };
    return { actor: this.first(), deliberate: false };
  }

  /** Is a recorded choice for step `seq` still to be followed? */
  planned(seq: number): boolean {
    const choice = this.choices[this.choiceAt];
    return choice !== undefined && choice.step <= seq;
  }

  /** Who runs where nobody chooses: the first in order of the program. */
  private first(): Actor | undefined {
    if (this.byId.size > 1) return this.runnable()[0];
    const [only] = this.byId.values();
    return only && mayRun(only) ? only : undefined;
  }

  /**
   * Between two of its tasks: does it go on with the next one? Who was named for a step makes it,
   * whatever its group; a script goes on only where that group's turn has come.
   */
  hasMore(actor: Actor): boolean {
    return mayRun(actor) && (this.script.empty || groupOf(actor) <= this.opened);
  }

  /** Who runs under recorded choices where none is recorded for the step. */
  following(current: Actor | undefined): Actor | undefined {
    if (current && mayRun(current) && current.stack.length > 0) return current;
    return this.runnable()[0];
  }

  private wanted(id: string, seq: number): Actor {
    const actor = this.byId.get(id);
    if (!actor || !mayRun(actor)) throw new Error(`actor ${id} cannot run at step ${seq}`);
    this.opened = Math.max(this.opened, groupOf(actor));
    return actor;
  }
}

/** Group of the task it runs, or would begin. */
export function groupOf(actor: Actor | undefined): number {
  return actor?.queue[0]?.task.group ?? 0;
}
