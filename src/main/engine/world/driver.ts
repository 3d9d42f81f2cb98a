import type { Diff, Step, StepReturn } from '../../../shared/world/step.ts';
import type { Args } from '../../../shared/world/value.ts';
import type { Facts, Kernel } from '../facts.ts';
import { Actors, type Actor, type Choice, type Frame, type Task } from './actors.ts';
import { Deadlock } from './deadlock.ts';
import { makeStep, returnOf, type Draft } from './draft.ts';
import type { FindCallback, KernelLogLevel } from './kernel.ts';
import { CallEffect, type Effect, type KernelFunction, type Operation } from './operation.ts';
import { Seeded } from './seeded.ts';
import { proceed, release, wakeCompleted } from './waiting.ts';
import { World } from './world.ts';

/** Where steps go as they are made. */
export interface StepSink {
  step(step: Step): void;
  returned(event: StepReturn): void;
}

const NO_ARGS: Args = {};
const NO_DIFF: Diff = [];
const NO_CALLBACK: FindCallback = () => undefined;

export interface DriverOptions {
  readonly facts: Facts;
  readonly seed?: number;
  readonly world?: World;
  /** Recorded choices to follow; without them the order of the program decides. */
  readonly schedule?: readonly Choice[];
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
  private readonly actors: Actors;
  private readonly sink: StepSink;
  private readonly journal: boolean;
  private seq = 0;
  private current: Actor | undefined;
  /** The actor whose code runs. */
  private running = '';
  private noteText: string | undefined;

  constructor(sink: StepSink, options: DriverOptions) {
    this.sink = sink;
    this.journal = options.journal ?? true;
    this.world = options.world ?? new World(undefined, { journal: this.journal });
    this.actors = new Actors(options.schedule ?? []);
    const seeded = new Seeded(options.seed ?? 1);
    this.kernel = {
      world: this.world,
      facts: options.facts,
      current: () => this.running,
      callback: options.callback ?? NO_CALLBACK,
      note: (text) => {
        this.noteText = this.noteText === undefined ? text : `${this.noteText}; ${text}`;
      },
      printk: (level: KernelLogLevel, text) => {
        this.world.put('kernel_log', { n: this.world.count('kernel_log') + 1, level, text });
      },
      random: (below) => seeded.below(below),
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
      const actor = this.actors.choose(this.seq + 1, this.current, wanted);
      wanted = undefined;
      if (!actor) {
        const waiting = [...this.actors.all()].filter((a) => a.blockedOn !== '');
        if (waiting.length === 0) return false;
        return new Deadlock(waiting.map((a) => ({ actor: a.id, on: a.blockedOn })));
      }
      if (this.run(actor)) return true;
    }
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
      fn: fn as unknown as KernelFunction<never, unknown>,
      name,
      seq,
      task,
    };
    actor.stack.push(frame);
    actor.value = undefined;
    const segment = this.segment(actor, frame);
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
    const segment = this.segment(actor, frame);
    actor.at = segment.point;
    const changed = this.world.dirty || this.noteText !== undefined;
    const base = {
      source: frame.fn.source,
      basis: frame.fn.basis,
      count: 1,
      range: undefined,
    };
    if (!segment.done) {
      if (!changed && !named && actor.blockedOn === '') return false;
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

  /** Runs the frame until it calls, reaches a point, blocks or returns. */
  private segment(
    actor: Actor,
    frame: Frame,
  ): { done: boolean; result?: unknown; point?: { label: string; args: Args } } {
    for (;;) {
      const { done, value } = frame.generator.next(actor.value);
      if (done) return { done: true, result: value };
      const effect = value as Effect;
      actor.value = undefined;
      switch (effect.op) {
        case 'call':
          actor.pending = effect;
          return NOT_DONE;
        case 'point':
          return { done: false, point: { label: effect.label, args: effect.args } };
        case 'unlock':
          release(this.world, this.actors, actor, effect.name);
          break;
        default:
          if (proceed(this.world, actor, effect)) break;
          this.kernel.note(`blocks on ${effect.name}`);
          return NOT_DONE;
      }
    }
  }

  private emit(actor: Actor, draft: Draft, result: unknown, end: number | undefined): number {
    this.seq += 1;
    if (actor !== this.current) {
      this.current = actor;
      this.choices.push({ step: this.seq, actor: actor.id });
    }
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

const NOT_DONE = { done: false } as const;

function isOperation(value: unknown): value is Operation<unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && Symbol.iterator in value;
}
