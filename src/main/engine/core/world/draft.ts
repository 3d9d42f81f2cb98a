import type {
  CoveredRange,
  Diff,
  KernelError,
  Step,
  StepKind,
  StepReturn,
} from '../../../../shared/world/step.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import { failed, shownResult } from './operation.ts';

/** What is known of a step when its function is entered. */
export interface Draft {
  kind: StepKind;
  fn: string;
  source: string;
  basis: 'kernel' | 'model';
  parent: number;
  depth: number;
  args: Args;
  count: number;
  range: CoveredRange | undefined;
}

/** The finished step; `end` is set where the function has returned within it. */
export function makeStep(
  draft: Draft,
  seq: number,
  actor: string,
  diff: Diff,
  note: string | undefined,
  end: number | undefined,
  result: unknown,
): Step {
  return {
    seq,
    actor,
    parent: draft.parent,
    fn: draft.fn,
    kind: draft.kind,
    depth: draft.depth,
    args: draft.args,
    count: draft.count,
    range: draft.range,
    diff,
    source: draft.source,
    basis: draft.basis,
    note,
    ret: end === undefined ? undefined : shownResult(result),
    err: end === undefined ? undefined : errorOf(result),
    end,
  };
}

function errorOf(result: unknown): KernelError | undefined {
  return failed(result) ? { errno: result.errno, check: result.check } : undefined;
}

/** Tells of a function that returned after the step that entered it. */
export function returnOf(seq: number, end: number, result: unknown): StepReturn {
  const ret: Value | undefined = shownResult(result);
  const err = errorOf(result);
  return { seq, end, ...(ret === undefined ? {} : { ret }), ...(err ? { err } : {}) };
}
