import type { Field, Fields, Stored } from './field.ts';
import type { Value } from './value.ts';

type Named = { readonly [name: string]: Value };

/** May the field hold this value? Rows that come from a file may hold anything. */
export function holds(field: Field, value: Value | undefined): boolean {
  if (value === null) return field.nullable === true || field.kind === 'value';
  const { kind, item, fields, names, stored } = field;
  if (fields) return isMap(value) && Object.keys(fields).every((name) => has(fields, name, value));
  if (item) {
    const is = kind === 'list' ? Array.isArray : isMap;
    return is(value) && Object.values(value).every((one: Value) => holds(item, one));
  }
  if (names) return typeof value === 'string' && names.includes(value);
  switch (stored) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'scalar':
      return value !== undefined && typeof value !== 'object';
    case 'value':
      return true;
    default:
      return typeof value === stored;
  }
}

function isMap(value: Value | undefined): value is Named {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function has(fields: Fields, name: string, value: Named): boolean {
  const field = fields[name];
  return field !== undefined && Object.hasOwn(value, name) && holds(field, value[name]);
}

const WORDS: Readonly<Record<keyof Stored, string>> = {
  integer: 'a whole number',
  bigint: 'a big integer',
  string: 'a text',
  boolean: 'true or false',
  scalar: 'a single value',
  value: 'a value',
};

/** What `holds` asks for, as a sentence ends: "a whole number or null". */
export function wanted({ nullable, kind, item, fields, names, stored }: Field): string {
  const orNull = nullable === true ? ' or null' : '';
  if (fields) return `a record of ${Object.keys(fields).join(', ')}${orNull}`;
  if (item) return `a ${kind}, each ${wanted(item)}${orNull}`;
  if (names) return `one of ${names.join(', ')}${orNull}`;
  return `${WORDS[stored ?? 'value']}${orNull}`;
}
