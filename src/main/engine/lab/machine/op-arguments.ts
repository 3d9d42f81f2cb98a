import { readAddress, readCount, readSize, type Read } from '../../../../shared/lab/quantity.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import { fail, type Failure } from '../../core/world/operation.ts';

/** One argument of an operation: how to read it, and what stands for it where it is not written. */
interface Field<T> {
  readonly read: (value: Value) => Read<T>;
  readonly fallback: T | undefined;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
export type Values<F extends Fields> = {
  [N in keyof F]: F[N] extends Field<infer T> ? T : never;
};

/** An address in bytes. */
export function addressField(fallback?: bigint): Field<bigint> {
  return { read: readAddress, fallback };
}

/** A size in bytes, with or without a unit. */
export function sizeField(fallback?: bigint): Field<bigint> {
  return { read: readSize, fallback };
}

/** A count, a PFN, a number of a node or block. */
export function countField(fallback?: number): Field<number> {
  return { read: readCount, fallback };
}

/** A count that may be left out: null then. */
export function optionalCountField(): Field<number | null> {
  return { read: readCount, fallback: null };
}

export function flagField(fallback: boolean): Field<boolean> {
  const read = (value: Value): Read<boolean> =>
    typeof value === 'boolean' ? { ok: true, value } : { ok: false, expected: 'true or false' };
  return { read, fallback };
}

/** One of a few words. */
export function wordField<W extends string>(words: readonly W[], fallback?: W): Field<W> {
  const read = (value: Value): Read<W> => {
    const word = words.find((known) => known === value);
    return word === undefined
      ? { ok: false, expected: `one of ${words.join(', ')}` }
      : { ok: true, value: word };
  };
  return { read, fallback };
}

/** Any text. */
export function textField(fallback?: string): Field<string> {
  const read = (value: Value): Read<string> =>
    typeof value === 'string' ? { ok: true, value } : { ok: false, expected: 'a text' };
  return { read, fallback };
}

/** Reads an entry's arguments; -EINVAL with a sentence for one that is missing, wrong or unknown. */
export function readArguments<F extends Fields>(args: Args, fields: F): Values<F> | Failure {
  const unknown = Object.keys(args).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) {
    const known = Object.keys(fields).join(', ');
    return fail('EINVAL', `lab: there is no argument \`${unknown}\`; arguments are ${known}`);
  }
  const values: Record<string, unknown> = {};
  for (const [name, { read, fallback }] of Object.entries(fields)) {
    const given = args[name];
    if (given === undefined) {
      if (fallback === undefined) return fail('EINVAL', `lab: \`${name}\` is missing`);
      values[name] = fallback;
      continue;
    }
    const result = read(given);
    if (!result.ok) return fail('EINVAL', `lab: \`${name}\`: expected ${result.expected}`);
    values[name] = result.value;
  }
  return values as Values<F>;
}
