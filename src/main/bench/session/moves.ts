import type { StepSource } from '../../engine/core/world/timeline.ts';
import type { StepTree } from '../inspect/tree.ts';
import { hits, type Target } from './target.ts';

/** Where each way of stepping leads from step `at`. Steps 0 to the recording's length. */
export const moves = {
  into: (at: number, tree: StepTree, length: number): number =>
    Math.min(at + 1, tree.end(0), length),

  /** The next call with everything inside it. */
  over: (at: number, tree: StepTree, length: number): number =>
    at >= length ? at : Math.min(tree.end(at + 1), length),

  /** To the end of the call that is running. */
  out: (at: number, tree: StepTree, length: number): number =>
    Math.min(tree.end(tree.openCall(at)), length),

  back: (at: number): number => Math.max(at - 1, 0),

  /** To before the call that just ended, with everything inside it. */
  backOver: (at: number, tree: StepTree): number => (at === 0 ? 0 : tree.outermostEndingAt(at) - 1),

  /** To before the call that is running was entered. */
  backOut: (at: number, tree: StepTree): number => Math.max(tree.openCall(at) - 1, 0),
} as const;

/** First step after `at` (or last before it) that hits one of the targets. */
export function findHit(
  source: StepSource,
  targets: readonly Target[],
  at: number,
  reverse: boolean,
): { at: number; target: Target } | undefined {
  if (targets.length === 0) return undefined;
  const by = reverse ? -1 : 1;
  for (let seq = at + by; seq >= 1 && seq <= source.length; seq += by) {
    const step = source.step(seq);
    const target = targets.find((wanted) => hits(step, wanted));
    if (target) return { at: seq, target };
  }
  return undefined;
}
