import { z } from 'zod';
import { TABLES, type TableSchema } from '../../../shared/world/tables.ts';
import type { Value } from '../../../shared/world/value.ts';
import { FIELD_KINDS, type FieldKind } from './field-kinds.ts';
import { DecodeError } from './byte-reader.ts';

/** A table as a recording has it: its rows are encoded field by field in this order. */
export interface RecordedTable {
  readonly name: string;
  readonly key: string;
  readonly fields: readonly string[];
  /** What each field may hold, in the order of `fields`. */
  readonly kinds: readonly FieldKind[];
}

const recordedTables = z
  .array(
    z.strictObject({
      name: z.string().max(64),
      fields: z
        .array(z.string().regex(/^[a-z][a-z0-9_]*$/))
        .min(1)
        .max(31),
    }),
  )
  .max(256);

/** The tables of this build, as they are written into a new recording. */
export function tablesText(): string {
  return JSON.stringify(TABLES.map(({ name, fields }) => ({ name, fields })));
}

/**
 * Reads what `tablesText` wrote, maybe by another version. Throws a DecodeError where a table or
 * a field is unknown here; a field that is new since then stays undefined in the rows.
 */
export function parseTables(text: string): RecordedTable[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new DecodeError('its list of tables is not JSON');
  }
  const parsed = recordedTables.safeParse(data);
  if (!parsed.success) throw new DecodeError('its list of tables has another shape');
  return parsed.data.map(({ name, fields }) => {
    const schema = TABLES.find((table) => table.name === name);
    if (!schema) throw new DecodeError(`it has a table ${name} that this version does not know`);
    for (const field of fields) {
      if (!schema.fields.includes(field)) {
        throw new DecodeError(`it has a field ${name}.${field} that this version does not know`);
      }
    }
    return recorded(schema, fields);
  });
}

function recorded(schema: TableSchema, fields: readonly string[]): RecordedTable {
  const kinds = FIELD_KINDS[schema.name] as Readonly<Record<string, FieldKind>>;
  return {
    name: schema.name,
    key: schema.key,
    fields,
    kinds: fields.map((field) => kinds[field] ?? 'value'),
  };
}

/** The tables of this build. */
export const CURRENT_TABLES: readonly RecordedTable[] = TABLES.map((schema) =>
  recorded(schema, schema.fields),
);

/** Throws a DecodeError when a field of a row read from a file holds what it never can. */
export function checkField(table: RecordedTable, index: number, value: Value | undefined): void {
  const kind = table.kinds[index] ?? 'value';
  if (!holds(kind, value)) {
    throw new DecodeError(`${table.name}.${table.fields[index]} is not ${NAMES[kind]}`);
  }
}

function holds(kind: FieldKind, value: Value | undefined): boolean {
  switch (kind) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'integer?':
      return value === null || Number.isSafeInteger(value);
    case 'bigint':
      return typeof value === 'bigint';
    case 'bigint?':
      return value === null || typeof value === 'bigint';
    case 'string':
      return typeof value === 'string';
    case 'string?':
      return value === null || typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'scalar':
      return value !== undefined && (value === null || typeof value !== 'object');
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'ranges':
      return Array.isArray(value) && value.every(isRange);
    case 'altmap?':
      return value === null || isAltmap(value);
    case 'value':
      return true;
  }
}

const NAMES: Readonly<Record<FieldKind, string>> = {
  integer: 'a whole number',
  'integer?': 'a whole number or null',
  bigint: 'a big integer',
  'bigint?': 'a big integer or null',
  string: 'a text',
  'string?': 'a text or null',
  boolean: 'true or false',
  scalar: 'a single value',
  strings: 'a list of texts',
  ranges: 'a list of address ranges',
  'altmap?': 'an altmap or null',
  value: 'a value',
};

function isRange(value: unknown): boolean {
  const range = value as { start?: unknown; end?: unknown } | null;
  return typeof range?.start === 'bigint' && typeof range.end === 'bigint';
}

function isAltmap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const altmap = value as Record<string, unknown>;
  return ['base_pfn', 'end_pfn', 'reserve', 'free', 'align', 'alloc'].every((field) =>
    Number.isSafeInteger(altmap[field]),
  );
}
