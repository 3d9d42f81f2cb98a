import type { Step } from '../../../shared/world/step.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';

/** A step that an error was raised in. */
export type RaisingStep = Step & { readonly err: NonNullable<Step['err']> };

/**
 * The errors raised up to step `last`, the newest first, each at the innermost call that has it: on
 * its way up, one error passes many calls.
 */
export function* raisedErrors(source: StepSource, last: number): IterableIterator<RaisingStep> {
  /** The step found last, hence the earliest, by error. */
  const found = new Map<string, number>();
  for (let seq = last; seq >= 1; seq -= 1) {
    const step = source.step(seq);
    if (!raises(step)) continue;
    const { errno, check } = step.err;
    const name = `${errno} ${check}`;
    const inside = found.get(name);
    if (inside !== undefined && inside <= (step.end ?? last)) continue;
    found.set(name, seq);
    yield step;
  }
}

function raises(step: Step): step is RaisingStep {
  return step.err !== undefined;
}
