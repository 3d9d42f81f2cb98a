import type { TableSchema } from '../../../../shared/world/tables.ts';
import type { Key, Row, Value } from '../../../../shared/world/value.ts';
import type { RecordTree } from './store.ts';

/** Writes one record (or removes it, with `undefined`) through the journal. */
export type ExtentWriter = (key: Key, row: Row | undefined) => void;

type Position = number | bigint;

function startOf(row: Row): Position {
  return row['start'] as Position;
}

function endOf(row: Row): Position {
  return row['end'] as Position;
}

/** Extents that meet `[start, end)`, whole, in order. */
export function overlapping(tree: RecordTree, start: Position, end: Position): Row[] {
  const rows: Row[] = [];
  if (!(start < end)) return rows;
  const before = tree.getPairOrNextLower(start);
  if (before && startOf(before[1]) < start && endOf(before[1]) > start) rows.push(before[1]);
  tree.forRange(start, end, false, (_key, row) => {
    rows.push(row);
  });
  return rows;
}

/**
 * The value of a linear field `by` positions further on: bigints grow by a bigint a position,
 * numbers by a number. Null stays null.
 */
export function grown(value: Value | undefined, slope: bigint | number, by: Position): Value {
  if (typeof value === 'bigint') return value + BigInt(by) * BigInt(slope);
  if (typeof value === 'number') return value + Number(by) * Number(slope);
  return value as Value;
}

function distance(from: Position, to: Position): Position {
  return typeof from === 'number' && typeof to === 'number' ? to - from : BigInt(to) - BigInt(from);
}

/** The row with another range; linear fields follow the start. */
function moved(schema: TableSchema, row: Row, start: Position, end: Position): Row {
  const result: Record<string, Row[string]> = { ...row, start, end };
  for (const field in schema.linear) {
    const slope = schema.linear[field] as bigint | number;
    result[field] = grown(row[field], slope, distance(startOf(row), start));
  }
  return result;
}

/** Do the two adjacent extents say the same? */
function joins(schema: TableSchema, left: Row, right: Row): boolean {
  const { plain } = schema;
  for (let index = 0; index < plain.length; index += 1) {
    const field = plain[index] as string;
    if (left[field] !== right[field]) return false;
  }
  for (const field in schema.linear) {
    const slope = schema.linear[field] as bigint | number;
    if (grown(left[field], slope, distance(startOf(left), startOf(right))) !== right[field]) {
      return false;
    }
  }
  return true;
}

/** Removes `[start, end)` from the table; what sticks out on either side stays. */
export function clearRange(
  schema: TableSchema,
  tree: RecordTree,
  write: ExtentWriter,
  start: Position,
  end: Position,
): void {
  for (const row of overlapping(tree, start, end)) {
    const rowStart = startOf(row);
    const rowEnd = endOf(row);
    if (rowStart < start) write(rowStart, moved(schema, row, rowStart, start));
    else write(rowStart, undefined);
    if (rowEnd > end) write(end, moved(schema, row, end, rowEnd));
  }
}

/** Puts one payload over `[start, end)` and joins it with equal neighbours. */
export function setRange(
  schema: TableSchema,
  tree: RecordTree,
  write: ExtentWriter,
  start: Position,
  end: Position,
  payload: Row,
): void {
  const found = overlapping(tree, start, end);
  const only = found[0];
  if (only && found.length === 1 && startOf(only) <= start && endOf(only) >= end) {
    const probe = moved(schema, { ...payload, start, end }, startOf(only), endOf(only));
    if (joins(schema, only, probe)) return;
  }
  for (const row of found) {
    const rowStart = startOf(row);
    const rowEnd = endOf(row);
    if (rowStart < start) write(rowStart, moved(schema, row, rowStart, start));
    else if (rowStart > start) write(rowStart, undefined);
    if (rowEnd > end) write(end, moved(schema, row, end, rowEnd));
  }
  let row: Row = { ...payload, start, end };
  const left = tree.getPairOrNextLower(start);
  const leftRow = left && left[0] !== start ? left[1] : tree.nextLowerPair(start)?.[1];
  if (leftRow && endOf(leftRow) === start && joins(schema, leftRow, row)) {
    write(start, undefined);
    row = moved(schema, leftRow, startOf(leftRow), end);
  }
  const rightRow = tree.get(end);
  if (rightRow && joins(schema, row, rightRow)) {
    write(end, undefined);
    row = { ...row, end: endOf(rightRow) };
  }
  write(startOf(row), row);
}
