import { MM_SPAN } from '../../engine/kernel/mm/position.ts';
import type { Change, CoveredRange, Step } from '../../../shared/world/step.ts';
import type { Unit } from '../../../shared/world/table.ts';
import { tableSchema } from '../../../shared/world/tables.ts';
import type { ChangeView, StepRow, StepView } from '../../../shared/bench/views.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import { same } from './authors.ts';
import { changeCounts } from './change-counts.ts';
import { argsText, decimal, errnoText, fieldText, hex, valueText } from './format.ts';
import { recordLink } from './record-link.ts';
import type { StepTree } from './tree.ts';

const LISTED_CHANGES = 200;

/** What is known of a run besides its steps. */
export interface RunMarks {
  /** Steps whose error the lab asked for. */
  readonly expected: ReadonlySet<number>;
  /** Invariants the steps break. */
  readonly violations: readonly { readonly step: number; readonly invariant: string }[];
}

/** One row of the step tree. */
export function stepRow(step: Step, tree: StepTree, { expected, violations }: RunMarks): StepRow {
  const broken = violations.filter((one) => one.step === step.seq);
  return {
    seq: step.seq,
    parent: step.parent,
    depth: step.depth,
    fn: step.fn,
    kind: step.kind,
    actor: step.actor,
    args: step.kind === 'return' ? '' : argsText(step.args),
    result: resultText(step),
    ...(step.err ? { error: step.err.errno, check: step.err.check } : {}),
    ...(step.err && expected.has(step.seq) ? { expected: true } : {}),
    ...(step.note ? { note: step.note } : {}),
    ...(broken.length > 0 ? { broken: broken.map(({ invariant }) => invariant) } : {}),
    count: step.count,
    ...changeCounts(step),
    end: step.kind === 'point' || step.kind === 'return' ? step.seq : (step.end ?? 0),
    children: tree.children(step.seq).length,
    subtree: tree.subtree(step.seq),
  };
}

function resultText(step: Step): string {
  if (step.err) return errnoText(step.err.errno);
  if (step.ret === undefined) return '';
  return valueText('ret', step.ret);
}

/** Everything about one step. */
export function stepView(
  source: StepSource,
  tree: StepTree,
  seq: number,
  marks: RunMarks,
): StepView {
  const step = source.step(seq);
  const { range } = step;
  return {
    row: stepRow(step, tree, marks),
    args: Object.entries(step.args).map(([name, value]) => ({
      name,
      text: valueText(name, value),
    })),
    source: step.source,
    basis: step.basis,
    ...(range ? { range: rangeText(range.start, range.end, range.unit) } : {}),
    path: tree.ancestors(seq).map(({ seq: at, fn }) => ({ seq: at, fn })),
    changes: step.diff.slice(0, LISTED_CHANGES).map(changeView),
    more: Math.max(0, step.diff.length - LISTED_CHANGES),
  };
}

type Position = number | bigint;

/** Units whose positions say whose page or block it is as well. */
const WITHIN: ReadonlySet<string> = new Set(['page', 'index', 'fsblock']);
const IN_HEX: ReadonlySet<string> = new Set(['pfn', 'page', 'address']);

/** A range as the screen writes it: both ends inclusive, and without whose it is. */
function rangeText(start: Position, end: Position, unit: Unit | CoveredRange['unit']): string {
  const name = unit === 'page' ? 'vpn' : unit;
  const one = IN_HEX.has(unit) ? hex : decimal;
  const last = typeof end === 'bigint' ? end - 1n : end - 1;
  if (typeof start === 'bigint' || typeof last === 'bigint' || !WITHIN.has(unit)) {
    return `${name} ${one(start)} \u2013 ${one(last)}`;
  }
  const base = start - (start % MM_SPAN);
  return `${name} ${one(start - base)} \u2013 ${one(last - base)}`;
}

export function changeView(change: Change): ChangeView {
  const schema = tableSchema(change.table);
  const { from, to } = change;
  const fields = schema.fields
    .filter((name) => !same(from?.[name], to?.[name]))
    .map((name) => ({
      name,
      ...(from ? { from: fieldText(name, schema.kinds[name], from[name]) } : {}),
      ...(to ? { to: fieldText(name, schema.kinds[name], to[name]) } : {}),
    }));
  const link = recordLink(change.table, change.key, to ?? from);
  return {
    table: change.table,
    key: keyText(change),
    kind: from ? (to ? 'updated' : 'removed') : 'added',
    fields,
    ...(link ? { link } : {}),
  };
}

/** A record by what tells it apart: an extent by its range, and by whose it is. */
function keyText({ table, key, from, to }: Change): string {
  const row = to ?? from;
  const { declared, kinds } = tableSchema(table);
  if (!row || declared.unit === undefined) {
    return table === 'zones' && row
      ? `node ${String(row['nid'])} ${String(row['name'])}`
      : String(key);
  }
  const { unit } = declared;
  const range = rangeText(row['start'] as Position, row['end'] as Position, unit);
  if (!WITHIN.has(unit)) return range;
  const whose = Object.keys(kinds).find((name) => kinds[name]?.kind === 'ref');
  return whose === undefined ? range : `${String(row[whose])} ${range}`;
}
