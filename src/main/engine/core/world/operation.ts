import type { CoveredRange, KernelError } from '../../../../shared/world/step.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import type { Kernel } from '../facts.ts';

/**
 * An operation in the making: a generator that yields at each kernel function boundary.
 * `yield* call(...)` hands the call to the driver, which runs it as a frame of its own;
 * nothing is delegated deeper than one level, so a step costs the same at any depth.
 */
export type Operation<R> = Generator<Effect, R, unknown>;

/** What a kernel function hands back: its value, or the errno with the check that raised it. */
export type Outcome<R> = R | Failure;

/** A negative errno on its way up the stack. */
export interface Failure extends KernelError {
  readonly failed: true;
}

/** `-errno`, raised by `check` (the condition as the kernel source has it). */
export function fail(errno: string, check: string): Failure {
  return { failed: true, errno, check };
}

export function failed(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && (value as Failure).failed === true;
}

/**
 * A modelled kernel function. `P` is its one parameter record, shown as the step's arguments
 * (through `show` where it holds more than scalars or too much).
 */
export interface KernelFunction<P, R> {
  /**
   * The kernel's own name; a function of the era where it was renamed, and of the parameters where
   * older kernels had several functions for what is one now.
   */
  readonly name: string | ((k: Kernel, params: P) => string);
  /** `file:function`, and the commit title and release where versions differ. */
  readonly source: string;
  readonly basis: 'kernel' | 'model';
  readonly show: ((params: P, k: Kernel) => Args) | undefined;
  readonly covers: ((params: P, k: Kernel) => Covers | undefined) | undefined;
  /** A leaf returns its value at once; others are generators. */
  readonly body: (k: Kernel, params: P) => R | Operation<R>;
  readonly kind: 'call' | 'plugin' | 'user';
}

/** A run of equal calls: how many, on which PFNs or sections. */
export interface Covers {
  readonly count: number;
  readonly range: CoveredRange;
}

export interface FunctionOptions<P> {
  readonly basis?: 'kernel' | 'model';
  readonly show?: (params: P, k: Kernel) => Args;
  readonly covers?: ((params: P, k: Kernel) => Covers | undefined) | undefined;
  readonly kind?: 'call' | 'plugin' | 'user';
}

/** The parameters of a function that has none. */
export type None = Record<string, never>;

/** Declares a kernel function that calls others, or may block. */
export function operation<P, R>(
  name: KernelFunction<P, R>['name'],
  source: string,
  body: (k: Kernel, params: P) => Operation<R>,
  options: FunctionOptions<P> = {},
): KernelFunction<P, R> {
  return build(name, source, body, options);
}

/** Declares a kernel function that does nothing but call `callees`, one after the other. */
export function caller(
  name: KernelFunction<None, void>['name'],
  source: string,
  ...callees: readonly KernelFunction<None, unknown>[]
): KernelFunction<None, void> {
  return operation(name, source, function* () {
    for (const callee of callees) yield* call(callee, {});
  });
}

/** Declares a kernel function that is one step by itself. */
export function leaf<P, R>(
  name: KernelFunction<P, R>['name'],
  source: string,
  body: (k: Kernel, params: P) => R,
  options: FunctionOptions<P> = {},
): KernelFunction<P, R> {
  return build(name, source, body, options);
}

function build<P, R>(
  name: KernelFunction<P, R>['name'],
  source: string,
  body: (k: Kernel, params: P) => R | Operation<R>,
  options: FunctionOptions<P>,
): KernelFunction<P, R> {
  const { basis = 'kernel', show, covers, kind = 'call' } = options;
  return { name, source, basis, show, covers, body, kind };
}

/** What an operation asks of the driver. */
export type Effect =
  CallEffect | PointEffect | LockEffect | UnlockEffect | WaitEffect | SleepEffect;

/** An effect is its own one-shot iterator, so `yield*` gives its result a type. */
abstract class Once<R> implements Iterable<Effect, R, unknown> {
  private asked = false;

  [Symbol.iterator](): Iterator<Effect, R, unknown> {
    return this;
  }

  next(this: Effect & Once<R>, value?: unknown): IteratorResult<Effect, R> {
    if (this.asked) return { done: true, value: value as R };
    this.asked = true;
    return { done: false, value: this };
  }
}

export class CallEffect<P = unknown, R = unknown> extends Once<R> {
  readonly op = 'call';
  readonly fn: KernelFunction<P, R>;
  readonly params: P;

  constructor(fn: KernelFunction<P, R>, params: P) {
    super();
    this.fn = fn;
    this.params = params;
  }
}

class PointEffect extends Once<void> {
  readonly op = 'point';
  readonly label: string;
  readonly args: Args;

  constructor(label: string, args: Args) {
    super();
    this.label = label;
    this.args = args;
  }
}

export class LockEffect extends Once<void> {
  readonly op = 'lock';
  readonly name: string;
  readonly kind: string;
  /** For reading: others may read too, nobody may write. */
  readonly shared: boolean;

  constructor(name: string, kind: string, shared: boolean) {
    super();
    this.name = name;
    this.kind = kind;
    this.shared = shared;
  }
}

class UnlockEffect extends Once<void> {
  readonly op = 'unlock';
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

export class WaitEffect extends Once<void> {
  readonly op = 'wait';
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

export class SleepEffect extends Once<void> {
  readonly op = 'sleep';
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** Calls a kernel function: `const ret = yield* call(pagemap_range, { ... })`. */
export function call<P, R>(fn: KernelFunction<P, R>, params: P): CallEffect<P, R> {
  return new CallEffect(fn, params);
}

/** A named point inside a function where others may run: `gup_fast_pte_range:recheck`. */
export function point(label: string, args: Args = {}): PointEffect {
  return new PointEffect(label, args);
}

/** Takes a lock; blocks the actor while another owns or reads it. */
export function lock(name: string, kind = 'mutex'): LockEffect {
  return new LockEffect(name, kind, false);
}

/** Takes a rw semaphore for reading; blocks the actor while another owns or waits for it. */
export function lockShared(name: string, kind = 'rwsem'): LockEffect {
  return new LockEffect(name, kind, true);
}

/** Releases a lock the actor owns or reads; who waited longest has it next. */
export function unlock(name: string): UnlockEffect {
  return new UnlockEffect(name);
}

/** Waits until `complete(k, name)` was called. */
export function waitForCompletion(name: string): WaitEffect {
  return new WaitEffect(name);
}

/**
 * Sleeps on a wait queue until `wakeUp(k.world, name)`. As with every wait queue the condition is
 * checked again afterwards: `while (locked()) yield* sleepOn(queue)`.
 */
export function sleepOn(name: string): SleepEffect {
  return new SleepEffect(name);
}

/** How a result is shown in a step: failures as `-ERRNO`, `undefined` as nothing. */
export function shownResult(value: unknown): Value | undefined {
  if (value === undefined || failed(value)) return undefined;
  if (value === null || typeof value !== 'object') return value as Value;
  return undefined;
}

/** Did a body return its generator, or (a leaf) its result? */
export function isOperation(value: unknown): value is Operation<unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && Symbol.iterator in value;
}
