import type { CallbackName } from '../../../../shared/plugins/callbacks.ts';
import type { KernelLogLevel } from '../../../../shared/plugins/log-levels.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import type { KernelFunction, Outcome } from './operation.ts';
import type { World } from './world.ts';

/** Code of a driver that the kernel calls, such as `folio_free` of a pagemap's ops. */
export type DriverCallback = KernelFunction<Args, Outcome<Value | undefined>>;

/**
 * The callback `id` (named as in the newest kernel) of a device of the bench, shown in its step as
 * `name`; undefined where the device or its model has none.
 */
export type FindCallback = (
  device: string,
  id: CallbackName,
  name: string,
) => DriverCallback | undefined;

/**
 * What every modelled function gets: the world it changes, and the facts that do not change
 * during a run. `era` and `arch` are filled in by `engine/core/era` and `engine/core/arch`.
 */
export interface Kernel<Facts = unknown> {
  readonly world: World;
  /** Machine, architecture, era and configuration of this run. */
  readonly facts: Facts;
  /** `current`: the actor that makes this step. */
  current(): string;
  /** A driver's code behind a callback; see driverCallback() in engine/kernel/device/callback.ts. */
  readonly callback: FindCallback;
  /**
   * Gives an actor a task from now on, in the current task's group: what hardware does by itself,
   * or an interrupt. The actor comes into being with it.
   */
  start<P>(actor: string, fn: KernelFunction<P, unknown>, params: P): void;
  /** A remark on the current step, shown beside it. */
  note(text: string): void;
  /** printk: one line of the kernel log. */
  printk(level: KernelLogLevel, text: string): void;
  /** Deterministic pseudo-random integer in [0, below), from the lab's seed. */
  random(below: number): number;
}
