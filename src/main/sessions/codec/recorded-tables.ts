import { z } from 'zod';
import { holds, wanted } from '../../../shared/world/check.ts';
import type { Field } from '../../../shared/world/field.ts';
import { TABLES, type TableSchema } from '../../../shared/world/tables.ts';
import type { Value } from '../../../shared/world/value.ts';
import { DecodeError } from './byte-reader.ts';

/** A table as a recording has it: its rows are encoded field by field in this order. */
export interface RecordedTable {
  readonly name: string;
  readonly key: string;
  readonly fields: readonly string[];
  /** What each field may hold, in the order of `fields`. */
  readonly kinds: readonly Field[];
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

function recorded({ name, key, kinds }: TableSchema, fields: readonly string[]): RecordedTable {
  return { name, key, fields, kinds: fields.map((field) => kinds[field] as Field) };
}

/** The tables of this build. */
export const CURRENT_TABLES: readonly RecordedTable[] = TABLES.map((schema) =>
  recorded(schema, schema.fields),
);

/** Throws a DecodeError when a field of a row read from a file holds what it never can. */
export function checkField(table: RecordedTable, index: number, value: Value | undefined): void {
  const field = table.kinds[index] as Field;
  if (!holds(field, value)) {
    throw new DecodeError(`${table.name}.${table.fields[index]} is not ${wanted(field)}`);
  }
}
