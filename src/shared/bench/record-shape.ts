import { z } from 'zod';
import type { JsonOf } from '../world/copy.ts';
import type { Field, Fields, Stored } from '../world/field.ts';
import { tableSchema, type RowOf, type TableName } from '../world/tables.ts';

const STORED: Readonly<Record<keyof Stored, z.ZodType>> = {
  integer: z.int(),
  bigint: z.string().regex(/^-?0x[0-9a-f]+$/),
  string: z.string(),
  boolean: z.boolean(),
  scalar: z.union([z.number(), z.string(), z.boolean()]),
  value: z.unknown(),
};

function schemaOf({ nullable, item, kind, fields, names, stored }: Field): z.ZodType {
  const schema = fields
    ? z.object(shapeOf(fields))
    : item
      ? kind === 'list'
        ? z.array(schemaOf(item))
        : z.record(z.string(), schemaOf(item))
      : names
        ? z.enum(names)
        : STORED[stored ?? 'value'];
  return nullable === true ? schema.nullable() : schema;
}

function shapeOf(fields: Fields): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, schemaOf(one)]));
}

type Shape<T extends TableName, N extends keyof RowOf<T>> = {
  readonly [K in N]: z.ZodType<JsonOf<RowOf<T>[K]>, JsonOf<RowOf<T>[K]>>;
};

/** Fields of a table as a view repeats them: under their names, in JSON, checked as declared. */
export function recordShape<T extends TableName, N extends keyof RowOf<T> & string>(
  table: T,
  ...names: readonly N[]
): Shape<T, N> {
  const shape = shapeOf(tableSchema(table).kinds);
  return Object.fromEntries(names.map((name) => [name, shape[name]])) as Shape<T, N>;
}
