import { describe, expect, it } from 'vitest';
import {
  branch,
  height,
  lineAt,
  placeOf,
  rootFor,
  windowStart,
} from '../../../src/renderer/panes/steps/tree.ts';

/** Ten children; the third is open with four, of which the first is open with two. */
function sample() {
  const root = branch(0);
  root.total = 10;
  const third = branch(30);
  third.total = 4;
  const inner = branch(31);
  inner.total = 2;
  third.open.set(0, inner);
  root.open.set(2, third);
  return { root, third, inner };
}

describe('the step tree', () => {
  it('is as high as its rows and those of its open calls', () => {
    expect(height(sample().root)).toBe(16);
  });

  it('finds the line at every place, level by level', () => {
    const { root } = sample();
    const lines = Array.from({ length: 17 }, (_, at) => lineAt(root, at));
    expect(lines.map((line) => line && `${line.branch.seq}:${line.index}@${line.level}`)).toEqual([
      '0:0@0',
      '0:1@0',
      '0:2@0',
      '30:0@1',
      '31:0@2',
      '31:1@2',
      '30:1@1',
      '30:2@1',
      '30:3@1',
      '0:3@0',
      '0:4@0',
      '0:5@0',
      '0:6@0',
      '0:7@0',
      '0:8@0',
      '0:9@0',
      undefined,
    ]);
  });

  it('knows the place of every line it can show', () => {
    const { root } = sample();
    for (let at = 0; at < height(root); at += 1) {
      const line = lineAt(root, at);
      expect(line && placeOf(root, line.branch, line.index)).toBe(at);
    }
  });

  it('has no place for a line inside a closed call', () => {
    expect(placeOf(sample().root, branch(99), 0)).toBe(-1);
  });

  it('loads children in windows that do not overlap', () => {
    expect([0, 499, 500, 1234].map(windowStart)).toEqual([0, 0, 500, 1000]);
  });
});

describe('the root of the tree', () => {
  const path = [1, 2, 3, 4, 5, 6].map((seq) => ({ seq, fn: `f${seq}` }));

  it('is the list of operations for a step near the top', () => {
    expect(rootFor([], 0)).toBe(0);
    expect(rootFor(path.slice(0, 2), 0)).toBe(0);
  });

  it('stays while the step is inside it and near', () => {
    expect(rootFor(path, 4)).toBe(4);
    expect(rootFor(path, 5)).toBe(5);
  });

  it('moves down when the step is deeper than the tree shows', () => {
    expect(rootFor(path, 0)).toBe(4);
  });

  it('moves out when the step is no longer inside it', () => {
    expect(rootFor(path.slice(0, 2), 5)).toBe(0);
  });
});
