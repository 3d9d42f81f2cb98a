import type { Args, Key, Row, Value } from './value.ts';

/** One record's change. Added: no `from`. Removed: no `to`. Undo swaps the two. */
export interface Change {
  readonly table: string;
  readonly key: Key;
  readonly from: Row | undefined;
  readonly to: Row | undefined;
}

/** What a step did to the world, in order of first touch, one entry a record. */
export type Diff = readonly Change[];

/**
 * - `call`: a kernel function was entered (a leaf also returned in this step)
 * - `point`: the function went on between two of its callees, or at a named race point
 * - `return`: the function changed something after its last callee, then returned
 * - `plugin`: a hardware model's callback or action was entered
 * - `user`: the lab's program asked for something
 */
export type StepKind = 'call' | 'point' | 'return' | 'plugin' | 'user';

/** A kernel error: the errno's name and the check that raised it. */
export interface KernelError {
  readonly errno: string;
  readonly check: string;
}

/**
 * What a run of equal calls covers; `end` is exclusive, `unit` says of what. `page`: pages of an
 * address space, as positions in `vmas` and `ptes`; `index`: pages of a file, as in `i_pages`.
 */
export interface CoveredRange {
  readonly start: number;
  readonly end: number;
  readonly unit: 'pfn' | 'section' | 'block' | 'subsection' | 'page' | 'index';
}

/**
 * One step: one call, or one run of equal calls on adjacent PFNs or sections.
 * `seq` counts from 1; step 0 is the empty world before the first step.
 */
export interface Step {
  readonly seq: number;
  readonly actor: string;
  /** `seq` of the call step this one runs inside; 0 at the top. */
  readonly parent: number;
  /** The kernel function's own name. */
  readonly fn: string;
  readonly kind: StepKind;
  readonly depth: number;
  readonly args: Args;
  /** How many equal calls this step stands for; 1 for a single call. */
  readonly count: number;
  readonly range: CoveredRange | undefined;
  readonly diff: Diff;
  /** `file:function`, and the commit and release where versions differ. */
  readonly source: string;
  readonly basis: 'kernel' | 'model';
  readonly note: string | undefined;
  /** Return value, known once the function has returned (see `end`). */
  ret?: Value | undefined;
  err?: KernelError | undefined;
  /** `seq` of the last step inside this call; set when it returns. A leaf's own `seq`. */
  end?: number | undefined;
}

/** Told after the call step when a function returns later than the step that entered it. */
export interface StepReturn {
  readonly seq: number;
  readonly end: number;
  readonly ret?: Value | undefined;
  readonly err?: KernelError | undefined;
}
