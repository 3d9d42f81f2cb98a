import type { StepRow } from '../../../shared/bench/views.ts';
import type { Change, Step } from '../../../shared/world/step.ts';
import { keyOf, TABLES, tableSchema, type TableSchema } from '../../../shared/world/tables.ts';
import type { Key, Row } from '../../../shared/world/value.ts';
import { traceLine } from './trace.ts';
import { same } from '../inspect/authors.ts';
import { fieldText } from '../inspect/format.ts';
import { changeView, stepRow } from '../inspect/step-rows.ts';
import type { Session } from '../session/session.ts';

/** Records listed of each table; the others are counted. */
const LISTED = 20;

/** How two runs differ. */
export interface Comparison {
  readonly equal: boolean;
  readonly lines: readonly string[];
}

/** Compares two sessions: the first step where they part, and what differs at their ends. */
export function compareSessions(a: Session, b: Session): Comparison {
  a.seek(a.length);
  b.seek(b.length);
  const parted = firstDifference(a, b);
  const equal = parted === undefined && a.hash() === b.hash();
  const lines = [`steps  ${a.length}  ${b.length}`, `state  ${a.hash()}  ${b.hash()}`];
  if (parted === undefined) lines.push('the steps are the same');
  else lines.push(`the steps differ from step ${parted} on:`, ...partingLines(a, b, parted));
  for (const schema of TABLES) lines.push(...tableLines(schema, a, b));
  return { equal, lines };
}

/** The first step that is not the same in both; undefined when all are. */
function firstDifference(a: Session, b: Session): number | undefined {
  const shorter = Math.min(a.length, b.length);
  for (let seq = 1; seq <= shorter; seq += 1) {
    if (!sameStep(a.source.step(seq), b.source.step(seq))) return seq;
  }
  return a.length === b.length ? undefined : shorter + 1;
}

/** Notes and sources may differ: they are words about a step, not what it did. */
function sameStep(a: Step, b: Step): boolean {
  return (
    a.fn === b.fn &&
    a.kind === b.kind &&
    a.actor === b.actor &&
    a.depth === b.depth &&
    a.count === b.count &&
    same(a.ret, b.ret) &&
    same(a.args, b.args) &&
    a.err?.errno === b.err?.errno &&
    a.diff.length === b.diff.length &&
    a.diff.every((change, index) => {
      const other = b.diff[index];
      return (
        change.table === other?.table && change.key === other.key && sameRow(change.to, other.to)
      );
    })
  );
}

function partingLines(a: Session, b: Session, seq: number): string[] {
  const side = (name: string, session: Session): string =>
    `  ${name}  ${seq <= session.length ? traceLine(rowOf(session, seq)) : 'has ended'}`;
  const lines = [side('A', a), side('B', b)];
  if (seq > Math.min(a.length, b.length)) return lines;
  const written = writtenDifference(a.source.step(seq), b.source.step(seq));
  return written === undefined ? lines : [...lines, `  they write  ${written}`];
}

function rowOf(session: Session, seq: number): StepRow {
  return stepRow(session.source.step(seq), session.tree, session);
}

/** The first record two steps write differently; undefined when they write the same. */
function writtenDifference(a: Step, b: Step): string | undefined {
  for (let at = 0; at < Math.max(a.diff.length, b.diff.length); at += 1) {
    const [left, right] = [a.diff[at], b.diff[at]];
    const change = left ?? right;
    if (!change) continue;
    if (left?.table !== right?.table || left?.key !== right?.key) {
      const { table, key } = changeView(change);
      return `${table} ${key} ${left ? 'in A' : 'in B'}, another record in the other`;
    }
    if (sameRow(left?.to, right?.to)) continue;
    return `${change.table} ${recordLine({ ...change, from: left?.to, to: right?.to })}`;
  }
  return undefined;
}

function tableLines(schema: TableSchema, a: Session, b: Session): string[] {
  const table = schema.name;
  const rowsOf = ({ cursor }: Session): Map<Key, Row> =>
    new Map(Array.from(cursor.world.rows(table), (row: Row) => [keyOf(schema, row), row]));
  const [left, right] = [rowsOf(a), rowsOf(b)];
  const lines: string[] = [];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [from, to] = [left.get(key), right.get(key)];
    if (!sameRow(from, to)) lines.push(`  ${recordLine({ table, key, from, to })}`);
  }
  if (lines.length === 0) return [];
  const more = lines.length - LISTED;
  return [
    `${table}:`,
    ...lines.slice(0, LISTED),
    ...(more > 0 ? [`  and ${more} more records differ`] : []),
  ];
}

/** A record as it is in A and in B, as the window shows what a step changed. */
function recordLine(change: Change): string {
  const { key: named, kind, fields } = changeView(change);
  const { key, kinds, extent } = tableSchema(change.table);
  // Of two extents that begin at one place, neither's end names both.
  const record = extent && kind === 'updated' ? fieldText(key, kinds[key], change.key) : named;
  const parts = fields.map(({ name, from = '', to = '' }) => `${name} ${from} | ${to}`);
  const only = { added: 'only in B', removed: 'only in A', updated: parts.join(', ') };
  return `${record}  ${only[kind]}`;
}

function sameRow(a: Row | undefined, b: Row | undefined): boolean {
  if (!a || !b) return a === b;
  return Object.keys(a).every((field) => same(a[field], b[field]));
}
