import type { WrittenSchedule } from '../../../../shared/lab/program.ts';
import type { Diff, Step, StepReturn } from '../../../../shared/world/step.ts';
import type { Args } from '../../../../shared/world/value.ts';
import type { Facts, Kernel } from '../facts.ts';
import { Actors, type Actor, type Choice, type Frame, type Task } from './actors.ts';
import { deadlockOf, type Deadlock } from './deadlock.ts';
import { makeStep, returnOf, type Draft } from './draft.ts';
import type { KernelLogLevel } from '../../../../shared/plugins/log-levels.ts';
import type { FindCallback } from './kernel.ts';
import { CallEffect, isOperation, type KernelFunction } from './operation.ts';
import { Seeded } from './seeded.ts';
import { placesOf, runSegment } from './segment.ts';
import { wakeCompleted } from './waiting.ts';
import { World } from './world.ts';

/** Where steps go as they are made. */
export interface StepSink {
  step(step: Step): void;
  returned(event: StepReturn): void;
}

const NO_ARGS: Args = {};
const NO_DIFF: Diff = [];

export interface DriverOptions {
  readonly facts: Facts;
  readonly seed?: number;
  readonly world?: World;
  /** Recorded choices to follow; without them the order of the program decides. */
  readonly schedule?: WrittenSchedule;
  /** For a run that goes on from a world in which no function runs. */
  readonly from?: { readonly seq: number; readonly seeded: Seeded };
  /** The devices' callbacks. */
  readonly callback?: FindCallback;
  /** False keeps neither diffs nor steps (benchmarks only). */
  readonly journal?: boolean;
}

/**
 * Runs operations one step at a time. Each actor has a stack of frames, which is the kernel call
 * stack; `advance` lets one actor go on to its next function boundary and makes exactly one step.
 */
export class Driver {
  readonly world: World;
  readonly kernel: Kernel;
  /** Choices made, in a form `schedule` takes. */
  readonly choices: Choice[] = [];
  readonly actors: Actors;
  private readonly sink: StepSink;
  private readonly journal: boolean;
  /** The lab's random numbers, as far as they were drawn. */
  readonly seeded: Seeded;
  private seq: number;
  /** The choice of the step being made is not what a replay would do by itself. */
  private forced = false;
  /** Somebody was chosen and made no step: the next step's choice is recorded, whoever it is. */
  private returnedSilently = false;
  private current: Actor | undefined;
  /** The actor whose code runs. */
  private running = '';
  private noteText: string | undefined;

  constructor(sink: StepSink, options: DriverOptions) {
    this.sink = sink;
    this.journal = options.journal ?? true;
    this.world = options.world ?? new World(undefined, { journal: this.journal });
    this.actors = new Actors(options.schedule ?? []);
    this.seq = options.from?.seq ?? 0;
    this.seeded = options.from?.seeded.copy() ?? new Seeded(options.seed ?? 1);
    this.kernel = {
      world: this.world,
      facts: options.facts,
      current: () => this.running,
      callback: options.callback ?? (() => undefined),
      start: (...task) => this.actors.start(this.running, ...task),
      note: (text) => {
        this.noteText = this.noteText === undefined ? text : `${this.noteText}; ${text}`;
      },
      printk: (level: KernelLogLevel, text) => {
        this.world.put('kernel_log', { n: this.world.count('kernel_log') + 1, level, text });
      },
      random: (below) => {
        this.world.access?.touched('seed');
        return this.seeded.below(below);
      },
    };
  }

  /** Steps made so far; the last step's `seq`. */
  get steps(): number {
    return this.seq;
  }

  add(task: Task): void {
    this.actors.add(task);
  }

  /** Actors that may run now, in order of their place in the program. */
  runnable(): string[] {
    return this.actors.runnable().map((actor) => actor.id);
  }

  /** No function of anybody runs: a place to go on from. */
  get idle(): boolean {
    for (const { stack } of this.actors.all()) if (stack.length > 0) return false;
    return true;
  }

  /** What the actor's kernel stack holds, outermost first. */
  stackOf(id: string): { fn: string; seq: number }[] {
    return (this.actors.get(id)?.stack ?? []).map(({ name, seq }) => ({ fn: name, seq }));
  }

  /**
   * Makes one step, by the actor `by` where it is given and has one to make. `false`: everything
   * is done. A `Deadlock`: nobody can go on.
   */
  advance(by?: string): boolean | Deadlock {
    let wanted = by;
    for (;;) {
      const { actor, deliberate } = this.actors.choose(this.seq + 1, this.current, wanted);
      if (!actor) return deadlockOf(this.actors.all()) ?? false;
      this.forced = deliberate && actor !== this.actors.following(this.current);
      if (this.run(actor)) return true;
      // It returned without a step; who was chosen for this step makes it with its next task.
      const goesOn = deliberate && this.actors.hasMore(actor);
      wanted = goesOn && !this.actors.planned(this.seq + 1) ? actor.id : undefined;
    }
  }

  /**
   * One step of this actor and of nobody else. False: it returned without one, which is a choice
   * too: what it read on its way out it read now. Recorded under the number of the next step.
   */
  advanceOnly(id: string): boolean {
    const { actor } = this.actors.choose(this.seq + 1, this.current, id);
    if (!actor) return false;
    this.forced = actor !== this.actors.following(this.current);
    if (this.run(actor)) return true;
    this.choices.push({ step: this.seq + 1, actor: id });
    this.returnedSilently = true;
    return false;
  }

  /** Runs to the end, or for at most `limit` steps. */
  runToEnd(limit = Infinity): boolean | Deadlock {
    let result: boolean | Deadlock = true;
    for (let made = 0; made < limit && result === true; made += 1) result = this.advance();
    return result;
  }

  /** One actor up to its next step; false when it ended without making one. */
  private run(actor: Actor): boolean {
    this.running = actor.id;
    if (actor.stack.length === 0 && !actor.pending) {
      const entry = actor.queue[0];
      if (!entry) return false;
      actor.pending = new CallEffect(
        entry.task.fn as KernelFunction<unknown, unknown>,
        entry.task.params,
      );
    }
    for (;;) {
      if (actor.pending) {
        this.enter(actor, actor.pending);
        return true;
      }
      const frame = actor.stack[actor.stack.length - 1];
      if (!frame) return false;
      if (this.resume(actor, frame)) return true;
    }
  }

  /** A call: the frame's first segment is part of the call's step. */
  private enter(actor: Actor, { fn, params }: CallEffect): void {
    actor.pending = undefined;
    const above = actor.stack[actor.stack.length - 1];
    const task = above ? undefined : actor.queue[0]?.task;
    const name = typeof fn.name === 'string' ? fn.name : fn.name(this.kernel, params as never);
    const seq = this.seq + 1;
    const covered = fn.covers?.(params as never, this.kernel);
    const draft: Draft = {
      kind: fn.kind,
      fn: name,
      source: fn.source,
      basis: fn.basis,
      parent: above?.seq ?? 0,
      depth: actor.stack.length,
      args: this.journal
        ? fn.show
          ? fn.show(params as never, this.kernel)
          : (params as Args)
        : NO_ARGS,
      count: covered?.count ?? 1,
      range: covered?.range,
    };
    const started = fn.body(this.kernel, params as never);
    if (!isOperation(started)) {
      const step = this.emit(actor, draft, started, seq);
      actor.value = started;
      if (!above) this.finishTask(actor, task, started, step);
      return;
    }
    const frame: Frame = {
      generator: started,
      fn,
      name,
      seq,
      task,
    };
    actor.stack.push(frame);
    actor.value = undefined;
    const segment = runSegment(this.kernel, this.actors, actor, frame);
    if (segment.done) {
      actor.stack.pop();
      const step = this.emit(actor, draft, segment.result, seq);
      actor.value = segment.result;
      if (!above) this.finishTask(actor, task, segment.result, step);
    } else {
      actor.at = segment.point;
      this.emit(actor, draft, undefined, undefined);
    }
  }

  /** Goes on after a callee. Makes a step only where something changed, or at a named point. */
  private resume(actor: Actor, frame: Frame): boolean {
    const named = actor.at;
    const segment = runSegment(this.kernel, this.actors, actor, frame);
    actor.at = segment.point;
    const changed = this.world.dirty || this.noteText !== undefined;
    const base = { source: frame.fn.source, basis: frame.fn.basis, count: 1, range: undefined };
    if (!segment.done) {
      // What was read before a named point is read before others run there.
      if (!changed && !named && !segment.point && actor.blockedOn === '') return false;
      const fn = named ? `${frame.name}:${named.label}` : frame.name;
      const args = named?.args ?? NO_ARGS;
      this.emit(
        actor,
        { ...base, kind: 'point', fn, parent: frame.seq, depth: actor.stack.length, args },
        undefined,
        undefined,
      );
      return true;
    }
    actor.stack.pop();
    let made = false;
    let last = this.seq;
    if (changed || named) {
      const fn = named ? `${frame.name}:${named.label}` : frame.name;
      const kind = named ? 'point' : 'return';
      const draft: Draft = {
        ...base,
        kind,
        fn,
        parent: frame.seq,
        depth: actor.stack.length + 1,
        args: named?.args ?? NO_ARGS,
      };
      last = this.emit(actor, draft, segment.result, this.seq + 1);
      made = true;
    }
    if (this.journal) this.sink.returned(returnOf(frame.seq, last, segment.result));
    actor.value = segment.result;
    if (actor.stack.length === 0) this.finishTask(actor, frame.task, segment.result, last);
    return made;
  }

  private finishTask(actor: Actor, task: Task | undefined, result: unknown, seq: number): void {
    actor.queue.shift();
    actor.value = undefined;
    task?.done?.(result, seq);
  }

  private emit(actor: Actor, draft: Draft, result: unknown, end: number | undefined): number {
    this.seq += 1;
    if (actor !== this.current || this.forced || this.returnedSilently) {
      this.current = actor;
      this.forced = false;
      this.returnedSilently = false;
      this.choices.push({ step: this.seq, actor: actor.id });
    }
    const { script } = this.actors;
    if (!script.empty) script.stands(actor.id, placesOf(actor, draft));
    if (this.actors.size > 1) wakeCompleted(this.world, this.actors);
    const note = this.noteText;
    this.noteText = undefined;
    if (!this.journal) {
      this.world.takeChanges();
      return this.seq;
    }
    const diff = this.world.dirty ? this.world.takeChanges() : NO_DIFF;
    const step = makeStep(draft, this.seq, actor.id, diff, note, end, result);
    this.sink.step(step);
    return this.seq;
  }
}
