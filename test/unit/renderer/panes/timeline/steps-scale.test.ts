import { describe, expect, it } from 'vitest';
import {
  askedSteps,
  clampView,
  firstView,
  follow,
  panSteps,
  stepAt,
  ticks,
  xOf,
  zoomSteps,
} from '../../../../../src/renderer/panes/timeline/steps-scale.ts';

const view = { from: 100, to: 200, width: 1000, length: 301 };

describe('steps on the timeline', () => {
  it('take one unit of the axis each', () => {
    expect(xOf(view, 101) - xOf(view, 100)).toBe(10);
    expect(stepAt(view, 0)).toBe(100);
    expect(stepAt(view, 19)).toBe(101);
  });

  it('under a pointer outside the recording are its ends', () => {
    expect(stepAt({ ...view, from: 250, to: 350 }, 999)).toBe(301);
    expect(stepAt({ ...view, from: 0, to: 100 }, -50)).toBe(0);
  });
});

describe('the view of the timeline', () => {
  it('keeps the step under the pointer while zooming', () => {
    const closer = zoomSteps(view, 300, 0.5);
    expect(closer.to - closer.from).toBeCloseTo(50);
    expect(xOf(closer, 130)).toBeCloseTo(300);
  });

  it('never shows more than the recording nor fewer than eight steps', () => {
    const far = zoomSteps(view, 500, 100);
    expect([far.from, far.to]).toEqual([0, 302]);
    const near = zoomSteps(view, 500, 0.0001);
    expect(near.to - near.from).toBeCloseTo(8);
  });

  it('stops at the ends of the recording', () => {
    expect(panSteps(view, -10_000)).toMatchObject({ from: 0, to: 100 });
    expect(panSteps(view, 10_000)).toMatchObject({ from: 202, to: 302 });
  });

  it('stays where it is while the current step is in it, and follows when it leaves', () => {
    expect(follow(view, 150)).toEqual(view);
    const right = follow(view, 220);
    expect(right.to - right.from).toBe(100);
    expect(right.from).toBeLessThan(220);
    expect(right.to).toBeGreaterThan(221);
    expect(follow(view, 3).from).toBe(0);
  });

  it('begins with the operation around the current step', () => {
    const operations = [
      { first: 1, last: 131 },
      { first: 132, last: 222 },
      { first: 223, last: 301 },
    ];
    const first = firstView(operations, 215, 301, 600);
    expect(first.from).toBeGreaterThan(100);
    expect(first.from).toBeLessThan(132);
    expect(first.to).toBeGreaterThan(222);
  });

  it('of a long operation shows a stretch around the current step', () => {
    const first = firstView([{ first: 1, last: 5000 }], 2500, 5000, 600);
    expect(first.to - first.from).toBe(240);
    expect(first.from).toBeLessThan(2500);
    expect(first.to).toBeGreaterThan(2501);
  });

  it('of a recording shorter than the pane is all of it', () => {
    expect(clampView({ from: -4, to: 40, width: 600, length: 3 })).toMatchObject({
      from: 0,
      to: 4,
    });
  });
});

describe('the ruler', () => {
  it('counts in ones, twos and fives of ten, far enough apart to be read', () => {
    expect(ticks(view)).toEqual([
      100, 105, 110, 115, 120, 125, 130, 135, 140, 145, 150, 155, 160, 165, 170, 175, 180, 185, 190,
      195, 200,
    ]);
    expect(ticks({ ...view, width: 500 })[1]).toBe(110);
  });

  it('has no step that was not recorded', () => {
    const steps = ticks({ from: 0, to: 20, width: 1000, length: 12 });
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(12);
  });
});

describe('what is asked of the bench', () => {
  it('covers the view and does not change with every small move', () => {
    const asked = askedSteps(view);
    expect(asked.first).toBeLessThanOrEqual(100);
    expect(asked.last).toBeGreaterThanOrEqual(200);
    expect(askedSteps({ ...view, from: 101, to: 201 }).first).toBe(asked.first);
  });
});
