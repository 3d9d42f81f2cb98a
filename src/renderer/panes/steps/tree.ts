import type { StepRow } from '../../../shared/bench/views.ts';

/** Rows a branch loads at once. */
export const WINDOW = 500;

/**
 * An open call of the step tree: how many children it has, those that were loaded, and which of
 * them are open themselves, by index among the children.
 */
export interface Branch {
  readonly seq: number;
  total: number;
  readonly rows: Map<number, StepRow>;
  readonly open: Map<number, Branch>;
}

export function branch(seq: number): Branch {
  return { seq, total: 0, rows: new Map(), open: new Map() };
}

/** Rows a branch shows: its children and, below open ones, theirs. */
export function height(of: Branch): number {
  let rows = of.total;
  for (const inner of of.open.values()) rows += height(inner);
  return rows;
}

/** One line of the tree. `row` is undefined while it is being loaded. */
export interface Line {
  readonly branch: Branch;
  readonly index: number;
  /** Levels below the root of the tree. */
  readonly level: number;
  readonly row: StepRow | undefined;
}

/** The line at a place of the flattened tree, counted from 0; undefined beyond its end. */
export function lineAt(root: Branch, at: number, level = 0): Line | undefined {
  let rest = at;
  let from = 0;
  for (const [index, inner] of byIndex(root)) {
    const before = index + 1 - from;
    if (rest < before) break;
    rest -= before;
    from = index + 1;
    const inside = height(inner);
    if (rest < inside) return lineAt(inner, rest, level + 1);
    rest -= inside;
  }
  const index = from + rest;
  if (index >= root.total) return undefined;
  return { branch: root, index, level, row: root.rows.get(index) };
}

/** Where the line of a child stands in the flattened tree; -1 where its call is not open. */
export function placeOf(root: Branch, of: Branch, index: number): number {
  let place = 0;
  let from = 0;
  for (const [at, inner] of byIndex(root)) {
    if (root === of && index <= at) break;
    place += at + 1 - from;
    from = at + 1;
    const inside = root === of ? -1 : placeOf(inner, of, index);
    if (inside >= 0) return place + inside;
    place += height(inner);
  }
  return root === of ? place + index - from : -1;
}

/** The index of the first child of the window a child is loaded with. */
export function windowStart(index: number): number {
  return index - (index % WINDOW);
}

function byIndex(of: Branch): [number, Branch][] {
  return [...of.open].sort(([a], [b]) => a - b);
}

export interface Crumb {
  readonly seq: number;
  readonly fn: string;
}

/** Levels a tree shows below its root before the path to the step takes the rest. */
const LEVELS = 4;

/**
 * The call the tree is rooted at so that the current step is in it and not deeper than a few
 * levels: the root stays where it is as long as both hold. `path` are the calls around the step,
 * outermost first; 0 is the list of operations.
 */
export function rootFor(path: readonly Crumb[], current: number): number {
  const outside = [0, ...path.map((crumb) => crumb.seq)];
  const here = outside.indexOf(current);
  if (here >= 0 && outside.length - here <= LEVELS) return current;
  return outside[Math.max(0, outside.length - LEVELS + 1)] ?? 0;
}
