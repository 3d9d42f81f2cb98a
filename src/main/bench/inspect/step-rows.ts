import { MM_SPAN } from '../../engine/kernel/mm/position.ts';
import type { Change, Step } from '../../../shared/world/step.ts';
import { tableSchema } from '../../../shared/world/tables.ts';
import type { ChangeView, StepRow, StepView } from '../../../shared/bench/views.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import { same } from './authors.ts';
import { argsText, decimal, errnoText, hex, valueText } from './format.ts';
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
  let added = 0;
  let updated = 0;
  let removed = 0;
  for (const { from, to } of step.diff) {
    if (!from) added += 1;
    else if (!to) removed += 1;
    else updated += 1;
  }
  return {
    seq: step.seq,
    parent: step.parent,
    depth: step.depth,
    fn: step.fn,
    kind: step.kind,
    actor: step.actor,
    args: step.kind === 'return' ? '' : argsText(step.args),
    result: resultText(step),
    ...(step.err ? { error: step.err.errno } : {}),
    ...(step.err && expected.has(step.seq) ? { expected: true } : {}),
    ...(step.note ? { note: step.note } : {}),
    ...(broken.length > 0 ? { broken: broken.map(({ invariant }) => invariant) } : {}),
    count: step.count,
    added,
    updated,
    removed,
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
    ...(step.err ? { check: step.err.check } : {}),
    ...(range ? { range: rangeText(range.start, range.end, range.unit) } : {}),
    path: tree.ancestors(seq).map(({ seq: at, fn }) => ({ seq: at, fn })),
    changes: step.diff.slice(0, LISTED_CHANGES).map(changeView),
    more: Math.max(0, step.diff.length - LISTED_CHANGES),
  };
}

/** A covered range as the screen writes it: both ends inclusive. */
function rangeText(start: number, end: number, unit: string): string {
  // Pages of an address space and of a file: virtual page numbers and indexes, without whose.
  const within = unit === 'page' || unit === 'index' ? start - (start % MM_SPAN) : 0;
  const one = unit === 'pfn' || unit === 'page' ? hex : decimal;
  const name = unit === 'page' ? 'vpn' : unit;
  return `${name} ${one(start - within)} \u2013 ${one(end - 1 - within)}`;
}

export function changeView(change: Change): ChangeView {
  const schema = tableSchema(change.table);
  const { from, to } = change;
  const fields = schema.fields
    .filter((name) => !same(from?.[name], to?.[name]))
    .map((name) => ({
      name,
      ...(from ? { from: valueText(name, from[name]) } : {}),
      ...(to ? { to: valueText(name, to[name]) } : {}),
    }));
  const link = linkOf(change);
  return {
    table: change.table,
    key: keyText(change),
    kind: from ? (to ? 'updated' : 'removed') : 'added',
    fields,
    ...(link ? { link } : {}),
  };
}

function keyText({ table, key, from, to }: Change): string {
  const row = to ?? from;
  if (!row) return String(key);
  if (table === 'zones') return `node ${String(row['nid'])} ${String(row['name'])}`;
  if (table === 'vmas' || table === 'ptes') {
    return `${String(row['mm'])} ${rangeText(Number(row['start']), Number(row['end']), 'page')}`;
  }
  if (table === 'i_pages') {
    return `${String(row['inode'])} ${rangeText(Number(row['start']), Number(row['end']), 'index')}`;
  }
  if (table === 'page_mappings' || table === 'page_contents') {
    return rangeText(Number(row['start']), Number(row['end']), 'pfn');
  }
  if (tableSchema(table).extent) {
    return rangeText(Number(row['start']), Number(row['end']), table === 'pages' ? 'pfn' : table);
  }
  return String(key);
}

function linkOf({ table, key, from, to }: Change): string | undefined {
  const row = to ?? from;
  switch (table) {
    case 'ptes':
      return row?.['kind'] === 'zero' ? undefined : `pfn:${String(row?.['pfn'])}`;
    case 'pages':
    case 'vmemmap':
    case 'direct_map':
    case 'page_mappings':
    case 'page_contents':
      return `pfn:${String(key)}`;
    case 'sections':
      return `section:${String(key)}`;
    case 'zones':
      return `zone:${String(row?.['nid'])}:${String(row?.['name'])}`;
    case 'nodes':
      return `node:${String(key)}`;
    case 'pgmaps':
      return `pgmap:${String(key)}`;
    case 'devices':
      return `device:${String(key)}`;
    default:
      return undefined;
  }
}
