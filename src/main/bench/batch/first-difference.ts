import { sameValue } from '../../engine/kernel/device/registers.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import type { Step } from '../../../shared/world/step.ts';
import type { Value } from '../../../shared/world/value.ts';

/**
 * The first call of a model that two runs of one lab differ in: `probe of nvdimm0 at step 12`, or
 * the step where it is none of a model. Undefined: they are equal, step by step.
 */
export function firstDifference(a: StepSource, b: StepSource): string | undefined {
  const last = Math.min(a.length, b.length);
  for (let seq = 1; seq <= last; seq += 1) {
    if (!sameStep(a.step(seq), b.step(seq))) return callOf(a, seq);
  }
  return a.length === b.length ? undefined : callOf(a.length > b.length ? a : b, last + 1);
}

function sameStep(a: Step, b: Step): boolean {
  const { diff, ...rest } = a;
  const { diff: other, ...others } = b;
  const plain = (value: object) => JSON.parse(text(value)) as Value;
  return text(rest) === text(others) && sameValue(plain(diff), plain(other));
}

/** JSON, with integers beyond 2 ** 53 as texts. */
const text = (value: object): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));

/** The outermost call of a model around a step. */
function callOf(source: StepSource, seq: number): string {
  let found: Step | undefined;
  for (let step = source.step(seq); ; step = source.step(step.parent)) {
    if (step.kind === 'plugin' && step.args['device'] !== undefined) found = step;
    if (step.parent === 0) break;
  }
  const step = found ?? source.step(seq);
  const device = found ? ` of ${String(found.args['device'])}` : '';
  return `${step.fn}${device} at step ${step.seq}`;
}
