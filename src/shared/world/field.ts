import type { Scalar, Value } from './value.ts';

/** What is stored for a value of a kind. */
export interface Stored {
  readonly integer: number;
  readonly bigint: bigint;
  readonly string: string;
  readonly boolean: boolean;
  readonly scalar: Exclude<Scalar, null>;
  readonly value: Value;
}

/** How a screen writes a value; `plain`: as it is. */
export type Format = 'hex' | 'decimal' | 'bytes' | 'plain';

/** The kinds of fields that hold one value: what is stored, and how it is written. */
export const KINDS = {
  pfn: { stored: 'integer', format: 'hex' },
  /** A number of pages. */
  pages: { stored: 'integer', format: 'decimal' },
  nid: { stored: 'integer', format: 'decimal' },
  /** A count, or the number of a section, a block, a resource. */
  count: { stored: 'integer', format: 'decimal' },
  /** `nr * 2^44 + page`: a page of an address space, of a file or of a filesystem. */
  position: { stored: 'integer', format: 'hex' },
  /** A word of which the bits mean something, or an identifier written in hex. */
  word: { stored: 'integer', format: 'hex' },
  /** A word of 64 bits. */
  mask: { stored: 'bigint', format: 'hex' },
  /** A byte address, physical unless said. */
  address: { stored: 'bigint', format: 'hex' },
  bytes: { stored: 'bigint', format: 'bytes' },
  text: { stored: 'string', format: 'plain' },
  /** Names of flags that are set, joined by '|'. */
  flags: { stored: 'string', format: 'plain' },
  truth: { stored: 'boolean', format: 'plain' },
  scalar: { stored: 'scalar', format: 'plain' },
  /** Whatever a record can hold. */
  value: { stored: 'value', format: 'plain' },
} as const satisfies Readonly<Record<string, { stored: keyof Stored; format: Format }>>;

type PlainKind = keyof typeof KINDS;

/** What may be said of a field besides its kind and its meaning. Its name is its title. */
export interface FieldOptions {
  /** The member of the table's kernel struct, where it has another name; '': none. */
  readonly member?: string;
  /** Instead of the kind's. */
  readonly format?: Format;
  /** Of an extent: by how much it grows a position; where it does not, it is one for all. */
  readonly grows?: number | bigint;
  /** The name lab files and `run --json` have for it, where it is another. */
  readonly lab?: string;
}

/** One field of a table, or of a record within a field. `V`: the type of its values. */
export interface Field<out V extends Value = Value> extends FieldOptions {
  readonly kind: PlainKind | 'ref' | 'choice' | 'list' | 'record' | 'map';
  /** A sentence; units and ranges are in it where the kind does not say them. */
  readonly meaning: string;
  readonly nullable?: boolean;
  /** The table a `ref` is a key of; '' or 0: none. */
  readonly refers?: string;
  /** What one value is stored as; undefined for a `list`, a `map` and a `record`. */
  readonly stored?: keyof Stored;
  /** What a `choice` is made of. */
  readonly names?: readonly string[];
  /** What a `list` or a `map` has. */
  readonly item?: Field;
  /** What a `record` has. */
  readonly fields?: Fields;
  /** Never there: carries the type. */
  readonly of?: V;
}

export type Fields = Readonly<Record<string, Field>>;

/** The type of a field's values. */
export type TypeOf<F extends Field> = F extends Field<infer V> ? V : never;

/** Fields that stand for nothing the kernel has: the model's own. */
export const OWN: FieldOptions = { member: '' };

function plain<K extends PlainKind>(kind: K) {
  type V = Stored[(typeof KINDS)[K]['stored']];
  return (meaning: string, options?: FieldOptions): Field<V> => ({
    ...{ kind, meaning, ...KINDS[kind] },
    ...options,
  });
}

export const pfn = plain('pfn');
export const pages = plain('pages');
export const nid = plain('nid');
export const count = plain('count');
export const position = plain('position');
export const word = plain('word');
export const mask = plain('mask');
export const address = plain('address');
export const bytes = plain('bytes');
export const text = plain('text');
export const flags = plain('flags');
export const truth = plain('truth');
export const scalar = plain('scalar');
export const value = plain('value');

/** A key of a record in another table, '' for none. */
export function ref(refers: string, meaning: string, options?: FieldOptions): Field<string> {
  return { kind: 'ref', stored: 'string', refers, meaning, ...options };
}

/** A key of a record in another table that numbers its records. */
export function numberRef(refers: string, meaning: string, options?: FieldOptions): Field<number> {
  return { kind: 'ref', stored: 'integer', refers, meaning, ...options };
}

/** One of a few names. */
export function choice<const N extends string>(
  names: readonly N[],
  meaning: string,
  options?: FieldOptions,
): Field<N> {
  return { kind: 'choice', stored: 'string', names, meaning, ...options };
}

export function list<V extends Value>(
  item: Field<V>,
  meaning: string,
  options?: FieldOptions,
): Field<readonly V[]> {
  return { kind: 'list', item, meaning, ...options };
}

/** Names to values. */
export function map<V extends Value>(
  item: Field<V>,
  meaning: string,
  options?: FieldOptions,
): Field<{ readonly [name: string]: V }> {
  return { kind: 'map', item, meaning, ...options };
}

export type RecordOf<F extends Fields> = { readonly [N in keyof F]: TypeOf<F[N]> };

export function record<F extends Fields>(
  fields: F,
  meaning: string,
  options?: FieldOptions,
): Field<RecordOf<F>> {
  return { kind: 'record', fields, meaning, ...options };
}

export function orNull<V extends Value>(field: Field<V>): Field<V | null> {
  return { ...field, nullable: true };
}
