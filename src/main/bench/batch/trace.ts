import type { Step } from '../../../shared/world/step.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import { changeCounts } from '../inspect/change-counts.ts';
import { argsText, valueText } from '../inspect/format.ts';

/** Letters the step number takes, so that trees of any run line up. */
const SEQ_WIDTH = 7;
const INDENT = '  ';

/**
 * The step tree as text, one line a step: number, indent, `fn(args) = ret`, `×count` of a run of
 * equal calls, records `+added ~updated -removed`, an error with the check that raised it, a note.
 */
export function* traceLines(source: StepSource, last = source.length): IterableIterator<string> {
  let actor = '';
  for (let seq = 1; seq <= last; seq += 1) {
    const step = source.step(seq);
    if (step.actor !== actor) {
      actor = step.actor;
      yield `${' '.repeat(SEQ_WIDTH)}  [${actor}]`;
    }
    yield traceLine(step);
  }
}

/** One step as one line. */
export function traceLine(step: Step): string {
  const parts = [
    `${String(step.seq).padStart(SEQ_WIDTH)}  ${INDENT.repeat(step.depth)}${callText(step)}`,
  ];
  if (step.count !== 1) parts.push(`\u00d7${step.count}`);
  const changes = changesText(step);
  if (changes !== '') parts.push(changes);
  if (step.err) parts.push(`[${step.err.check}]`);
  if (step.note !== undefined) parts.push(`# ${step.note.replaceAll('\n', ' ')}`);
  return parts.join('  ');
}

function callText(step: Step): string {
  const args = step.kind === 'return' ? ' returns' : argsText(step.args);
  return `${step.fn}${args}${resultText(step)}`;
}

function resultText({ err, ret }: Step): string {
  if (err) return ` = -${err.errno}`;
  return ret === undefined ? '' : ` = ${valueText('ret', ret)}`;
}

function changesText(step: Step): string {
  const { added, updated, removed } = changeCounts(step);
  const counts = [
    ['+', added],
    ['~', updated],
    ['-', removed],
  ] as const;
  return counts
    .filter(([, count]) => count > 0)
    .map(([sign, count]) => `${sign}${count}`)
    .join(' ');
}
