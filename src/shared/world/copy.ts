import type { TableSchema } from './tables.ts';
import type { Row, Value } from './value.ts';

/** What `jsonOf` makes of a value; unknown where nothing is known of that. */
export type JsonOf<V> = Value extends V
  ? unknown
  : V extends bigint
    ? string
    : V extends object
      ? { -readonly [N in keyof V]: JsonOf<V[N]> }
      : V;

/** A value as JSON holds it: bigints (addresses, sizes, masks) as "0x..." texts. */
export function jsonOf<V extends Value | undefined>(value: V): JsonOf<V> {
  return plain(value) as JsonOf<V>;
}

function plain(value: Value | undefined): unknown {
  if (typeof value === 'bigint') return hexOf(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

/** Lower-case hex with 0x, behind the sign. */
export function hexOf(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** Records of a table as a JSON list of objects, every field by its name. */
export function tableJson({ fields }: TableSchema, rows: Iterable<Row>): string {
  const list = Array.from(rows, (row) =>
    Object.fromEntries(fields.map((field) => [field, jsonOf(row[field] ?? null)])),
  );
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

/**
 * Records of a table as CSV (RFC 4180) under a line of the fields' names. Null is an empty cell,
 * lists and records are JSON.
 */
export function tableCsv({ fields }: TableSchema, rows: Iterable<Row>): string {
  const lines = Array.from(rows, (row) => fields.map((field) => cell(row[field])).join(','));
  return [fields.join(','), ...lines, ''].join('\r\n');
}

function cell(value: Value | undefined): string {
  const json = jsonOf(value ?? '');
  const text = typeof json === 'object' ? JSON.stringify(json) : String(json);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
