import fc from 'fast-check';
import type { Field, Stored } from '../../../src/shared/world/field.ts';
import { tableSchema, type TableName } from '../../../src/shared/world/tables.ts';
import type { Row, Value } from '../../../src/shared/world/value.ts';

const integer = fc.oneof(fc.nat(7), fc.maxSafeInteger());
const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n });
const scalar = fc.oneof(integer, big, fc.string(), fc.boolean());

const STORED: { readonly [S in keyof Stored]: fc.Arbitrary<Value> } = {
  integer,
  bigint: big,
  string: fc.string(),
  boolean: fc.boolean(),
  scalar,
  value: fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constant(null)),
};

/** Values that a field may hold, from what is declared of it. */
export function valuesOf({ nullable, item, kind, fields, names, stored }: Field) {
  const values: fc.Arbitrary<Value> = fields
    ? fc.record(Object.fromEntries(Object.entries(fields).map(([n, f]) => [n, valuesOf(f)])))
    : item && kind === 'map'
      ? fc.dictionary(fc.stringMatching(/^[a-z]+$/), valuesOf(item), { maxKeys: 3 })
      : item
        ? fc.array(valuesOf(item), { maxLength: 3 })
        : names
          ? fc.constantFrom(...names)
          : STORED[stored ?? 'value'];
  return nullable === true ? fc.option(values) : values;
}

/** Records of a table, from what is declared of it. */
export function rowsOf(table: TableName): fc.Arbitrary<Row> {
  const { kinds } = tableSchema(table);
  return fc.record(
    Object.fromEntries(Object.entries(kinds).map(([name, field]) => [name, valuesOf(field)])),
  );
}

/** A record of a table, and another that differs in one field, which is named. */
export function twoRows(table: TableName): fc.Arbitrary<{ field: string; a: Row; b: Row }> {
  const { kinds } = tableSchema(table);
  return fc
    .constantFrom(...Object.keys(kinds))
    .chain((field) =>
      fc
        .tuple(rowsOf(table), valuesOf(kinds[field] as Field))
        .map(([a, other]) => ({ field, a, b: { ...a, [field]: other } })),
    )
    .filter(({ field, a, b }) => textOf(a[field]) !== textOf(b[field]));
}

/** Numbers and bigints of one value are one integer, as in the hash. */
export function textOf(value: Value | undefined): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    typeof one === 'bigint' || typeof one === 'number' ? `integer ${one}` : one,
  );
}
