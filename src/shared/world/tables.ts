import { ADDRESS_SPACE_TABLES } from './address-space-tables.ts';
import { DEVICE_TABLES } from './device-tables.ts';
import type { Fields } from './field.ts';
import { FILE_TABLES } from './file-tables.ts';
import { MEMORY_TABLES } from './memory-tables.ts';
import { SCHEDULER_TABLES } from './scheduler-tables.ts';
import type { RecordOfTable, Table, Unit } from './table.ts';
import type { Key, Row } from './value.ts';

/** The world's tables, as they are declared. Nothing else holds state. */
const DECLARED = {
  ...MEMORY_TABLES,
  ...DEVICE_TABLES,
  ...ADDRESS_SPACE_TABLES,
  ...FILE_TABLES,
  ...SCHEDULER_TABLES,
};

type Declared = typeof DECLARED;

export type TableName = keyof Declared;

/** The records of every table. */
export type Tables = { readonly [T in TableName]: RecordOfTable<Declared[T]> };
export type RowOf<T extends TableName> = Tables[T];

/** Tables whose records are extents. */
export type ExtentName = {
  [T in TableName]: Declared[T] extends { readonly unit: Unit } ? T : never;
}[TableName];

/** What an extent says of its range. */
export type Payloads = { readonly [T in ExtentName]: Omit<Tables[T], 'start' | 'end'> };

/** A table as the world, the hash and recordings go through it. */
export interface TableSchema {
  readonly name: TableName;
  readonly declared: Table;
  /** Field that holds the key. */
  readonly key: string;
  /** Every field, in the order of the canonical encoding. */
  readonly fields: readonly string[];
  readonly kinds: Fields;
  readonly extent: boolean;
  /** Extent fields that grow with the position, and by how much a unit. */
  readonly linear: Readonly<Record<string, bigint | number>>;
  /** Extent fields that must be equal for two neighbours to join: neither range nor linear. */
  readonly plain: readonly string[];
}

function schemaOf(name: TableName, declared: Table): TableSchema {
  const { key, fields: kinds, unit } = declared;
  const fields = Object.keys(kinds);
  const extent = unit !== undefined;
  const linear: Record<string, bigint | number> = {};
  const plain: string[] = [];
  for (const [field, { grows }] of Object.entries(kinds)) {
    if (grows !== undefined) linear[field] = grows;
    else if (extent && field !== 'start' && field !== 'end') plain.push(field);
  }
  return { name, declared, key, fields, kinds, extent, linear, plain };
}

/** In the order of the tables in a recording. */
export const TABLES: readonly TableSchema[] = Object.entries(DECLARED).map(([name, declared]) =>
  schemaOf(name as TableName, declared),
);

export const TABLE_NAMES: readonly TableName[] = TABLES.map(({ name }) => name);

const byName = new Map<string, TableSchema>(TABLES.map((schema) => [schema.name, schema]));

/** The schema of a table. Throws on a name no table has: a programming error. */
export function tableSchema(name: string): TableSchema {
  const schema = byName.get(name);
  if (!schema) throw new Error(`no table ${name}`);
  return schema;
}

export function keyOf(schema: TableSchema, row: Row): Key {
  return row[schema.key] as Key;
}
