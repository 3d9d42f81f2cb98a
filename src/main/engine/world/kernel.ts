import type { World } from './world.ts';

/**
 * What every modelled function gets: the world it changes, and the facts that do not change
 * during a run. `era` and `arch` are filled in by `engine/era` and `engine/arch`.
 */
export interface Kernel<Facts = unknown> {
  readonly world: World;
  /** Machine, architecture, era and configuration of this run. */
  readonly facts: Facts;
  /** `current`: the actor that makes this step. */
  current(): string;
  /** A remark on the current step, shown beside it. */
  note(text: string): void;
  /** printk: one line of the kernel log. */
  printk(level: KernelLogLevel, text: string): void;
  /** Deterministic pseudo-random integer in [0, below), from the lab's seed. */
  random(below: number): number;
}

export type KernelLogLevel =
  'emerg' | 'alert' | 'crit' | 'err' | 'warn' | 'notice' | 'info' | 'debug';
