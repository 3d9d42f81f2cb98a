/** Steps in view: fractional, `from` to `to`, over `width` pixels. A step n takes n to n + 1. */
export interface StepsView {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** Steps recorded. */
  readonly length: number;
}

/** Fewest steps in view. */
const CLOSEST = 8;

export function xOf({ from, to, width }: StepsView, step: number): number {
  return ((step - from) / (to - from)) * width;
}

/** The step under a pixel, 0 to the last recorded. */
export function stepAt({ from, to, width, length }: StepsView, x: number): number {
  const step = Math.floor(from + (x / width) * (to - from));
  return Math.min(length, Math.max(0, step));
}

/** Moves a window inside the recording without changing its span, where it fits. */
export function clampView(view: StepsView): StepsView {
  const last = view.length + 1;
  const span = Math.min(last, Math.max(Math.min(CLOSEST, last), view.to - view.from));
  const from = Math.min(Math.max(0, view.from), last - span);
  return { ...view, from, to: from + span };
}

/** Zooms around a pixel: below 1 in, above 1 out. */
export function zoomSteps(view: StepsView, x: number, factor: number): StepsView {
  const share = x / view.width;
  const anchor = view.from + share * (view.to - view.from);
  const last = view.length + 1;
  const span = Math.min(last, Math.max(Math.min(CLOSEST, last), (view.to - view.from) * factor));
  return clampView({ ...view, from: anchor - share * span, to: anchor + (1 - share) * span });
}

export function panSteps(view: StepsView, pixels: number): StepsView {
  const by = (pixels / view.width) * (view.to - view.from);
  return clampView({ ...view, from: view.from + by, to: view.to + by });
}

/** Moves the window so that a step is inside, a tenth from the edge it would have left over. */
export function follow(view: StepsView, step: number): StepsView {
  const span = view.to - view.from;
  if (step >= view.from && step + 1 <= view.to) return clampView(view);
  const from = step < view.from ? step - span / 10 : step + 1 - span * 0.9;
  return clampView({ ...view, from, to: from + span });
}

/** Most steps the first view shows: bars of single steps stay wide enough to click. */
const FIRST_SPAN = 240;

/** The first view: the operation around a step with a margin, or a part of it. */
export function firstView(
  operations: readonly { first: number; last: number }[],
  at: number,
  length: number,
  width: number,
): StepsView {
  const around = operations.find(
    ({ first, last }) => first > 0 && first <= at && at <= (last || length),
  );
  if (length <= FIRST_SPAN || !around) {
    const view = { from: 0, to: Math.min(length + 1, FIRST_SPAN), width, length };
    return follow(view, at);
  }
  const first = around.first;
  const last = around.last || length;
  const margin = Math.max(4, (last - first) / 12);
  if (last - first + 2 * margin <= FIRST_SPAN) {
    return clampView({ from: first - margin, to: last + 1 + margin, width, length });
  }
  return clampView({ from: at - FIRST_SPAN * 0.7, to: at + FIRST_SPAN * 0.3, width, length });
}

const NICE = [1, 2, 5];

/** Round step numbers for the ruler, at least `apart` pixels from each other. */
export function ticks(view: StepsView, apart = 48): number[] {
  const least = (apart / view.width) * (view.to - view.from);
  let grain = 1;
  for (let power = 0; ; power += 1) {
    const found = NICE.map((nice) => nice * 10 ** power).find((candidate) => candidate >= least);
    if (found !== undefined) {
      grain = found;
      break;
    }
  }
  const result: number[] = [];
  for (let step = Math.ceil(view.from / grain) * grain; step <= view.to; step += grain) {
    if (step > 0 && step <= view.length) result.push(step);
  }
  return result;
}

/** The range to ask the bench for: rounded outward, so that small moves ask for nothing new. */
export function askedSteps(view: StepsView): { first: number; last: number } {
  const grain = Math.max(16, 2 ** Math.ceil(Math.log2(view.to - view.from)) / 4);
  return {
    first: Math.max(0, Math.floor(view.from / grain) * grain),
    last: Math.min(view.length, Math.ceil(view.to / grain) * grain),
  };
}
