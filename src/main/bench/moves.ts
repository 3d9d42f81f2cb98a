import type { Step } from '../../shared/world/step.ts';
import { TABLES } from '../../shared/world/tables.ts';
import type { StepSource } from '../engine/world/timeline.ts';
import { changedRanges } from './inspect/authors.ts';
import type { StepTree } from './inspect/tree.ts';

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

/** Something to stop at. */
export interface Target {
  readonly kind: 'function' | 'pfn' | 'field' | 'error';
  readonly target: string;
}

/** Does the step enter the function, write the PFN or field, or raise the error? */
export function hits(step: Step, { kind, target }: Target): boolean {
  switch (kind) {
    case 'function':
      return step.fn === target && step.kind !== 'return';
    case 'pfn': {
      const pfn = Number(target);
      return changedRanges(step.diff, 'pages').some(({ start, end }) => start <= pfn && pfn < end);
    }
    case 'field':
      return writesField(step, target);
    case 'error':
      return (
        step.err !== undefined &&
        step.end === step.seq &&
        (target === 'any' || step.err.errno === target)
      );
  }
}

/**
 * `zones.Device.spanned_pages`, `vars.max_pfn` or `nodes.0`: table, record and field. A record's
 * key may hold dots (`pci_devices.0000:03:00.0.acs`); its field is named then.
 */
function writesField(step: Step, target: string): boolean {
  const [table = '', ...rest] = target.split('.');
  const field = rest.length > 1 ? (rest.pop() as string) : '';
  const key = rest.join('.');
  return step.diff.some((change) => {
    if (change.table !== table) return false;
    const row = change.to ?? change.from;
    if (key !== '' && String(change.key) !== key && row?.['name'] !== key) return false;
    return field === '' || change.from?.[field] !== change.to?.[field];
  });
}

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

/** Understands what somebody typed as a place to run to. */
export function parseTarget(text: string): Target {
  const trimmed = text.trim();
  if (/^-?E[A-Z0-9]+$/.test(trimmed)) return { kind: 'error', target: trimmed.replace('-', '') };
  const pfn = /^(?:pfn:?\s*)?(0x[0-9a-f]+|\d+)$/i.exec(trimmed);
  if (pfn) return { kind: 'pfn', target: String(Number(pfn[1])) };
  if (TABLES.some(({ name }) => trimmed.startsWith(`${name}.`)))
    return { kind: 'field', target: trimmed };
  return { kind: 'function', target: trimmed.replace(/\(\)$/, '') };
}
