/** A scalar a record field or a step argument can hold. Integers above 2^53 are bigint. */
export type Scalar = string | number | bigint | boolean | null;

/** A field value: a scalar, or a small list or map of them. Values are never mutated once stored. */
export type Value = Scalar | readonly Value[] | { readonly [name: string]: Value };

/** The key of a record inside its table: an extent's start, an index or a name. */
export type Key = string | number | bigint;

/** A record as the journal, the hash and the recorder see it: fields by name. */
export type Row = { readonly [field: string]: Value };

/** Step arguments and the like: names to values, in the order the kernel function takes them. */
export type Args = { readonly [name: string]: Value };
