import { z } from 'zod';
import type { Args, Value } from '../world/value.ts';
import { exactU64 } from './exact-u64.ts';

/**
 * What is wrong with a value, to be put behind its name: ` takes a text`, `[2].pfn is missing`;
 * undefined: nothing.
 */
type Check = (value: Value) => string | undefined;

interface Argument {
  readonly name: string;
  readonly check: Check;
  readonly optional: boolean;
  /** What stands for it where it is left out. */
  readonly fallback: Value | undefined;
  /** What it takes, in words. */
  readonly takes: string;
  /** The value the kernel is given for one that passed the check; undefined: the same. */
  readonly meant: ((value: Value) => Value) | undefined;
}

type Kind = Omit<Argument, 'name'>;

/** A check that a type and its bounds make; `takes` says them in words. */
const kind = (takes: string, is: (value: Value) => boolean): Kind => {
  const fault = ` takes ${takes}`;
  const check = (value: Value) => (is(value) ? undefined : fault);
  return { check, takes, optional: false, fallback: undefined, meant: undefined };
};

const isRecord = (value: Value): value is Args =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const U64_MAX = 2n ** 64n - 1n;

function bounds(least: number | bigint | null, most: number | bigint | null, n = ''): string {
  const from = least === null || least === Number.MIN_SAFE_INTEGER ? '' : ` from ${least}${n}`;
  const to = most === null || most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}${n}`;
  return from !== '' && to === '' ? `${from} on` : from + to;
}

function integerKind({ minValue, maxValue }: z.ZodNumber): Kind {
  const [least, most] = [minValue ?? -Infinity, maxValue ?? Infinity];
  return kind(
    `an integer${bounds(minValue, maxValue)} (number)`,
    (v) => typeof v === 'number' && Number.isSafeInteger(v) && v >= least && v <= most,
  );
}

function bigintKind({ minValue, maxValue }: z.ZodBigInt): Kind {
  const [least, most] = [minValue ?? 0n, maxValue ?? U64_MAX];
  const whole = least === 0n && most === U64_MAX;
  const takes = whole
    ? 'an address or a size in bytes (bigint)'
    : `bytes${bounds(least, most, 'n')} (bigint)`;
  const is = (given: Value) => {
    const value = exactU64(given);
    return typeof value === 'bigint' && value >= least && value <= most;
  };
  return { ...kind(takes, is), meant: exactU64 };
}

function listKind(schema: z.ZodArray): Kind {
  const entry = kindOf(schema.element);
  const most = Number(schema._zod.bag['maximum'] ?? Infinity);
  const check: Check = (value) => {
    if (!Array.isArray(value)) return ' takes a list';
    if (value.length > most) return ` takes at most ${most} entries`;
    for (let at = 0; at < value.length; at += 1) {
      const fault = entry.check(value[at]);
      if (fault !== undefined) return `[${at}]${fault}`;
    }
    return undefined;
  };
  const { meant } = entry;
  const each = meant && ((value: Value) => (value as readonly Value[]).map(meant));
  return { ...kind('a list', Array.isArray), check, meant: each };
}

function recordKind(schema: z.ZodObject): Kind {
  const fault = recordCheck(schema, 'field', '.');
  return {
    ...kind('a record', isRecord),
    check: (value) => (isRecord(value) ? fault(value) : ' takes a record'),
    meant: meantBy(argumentsOf(schema)),
  };
}

/** Gives the fields of a record what they mean; undefined where all mean what they are. */
function meantBy(fields: readonly Argument[]): ((value: Value) => Value) | undefined {
  const changed = fields.filter(({ meant }) => meant !== undefined);
  if (changed.length === 0) return undefined;
  return (record) => {
    let result = record as Args;
    for (const { name, meant } of changed) {
      const value = result[name];
      if (value === undefined || value === null || !meant) continue;
      const now = meant(value);
      if (now !== value) result = { ...result, [name]: now };
    }
    return result;
  };
}

/** Rules between the fields of a record. */
function rulesOf(schema: z.ZodObject): { holds: (value: Args) => boolean; says: string }[] {
  return (schema.def.checks ?? []).flatMap((check) =>
    check instanceof z.core.$ZodCustom
      ? [
          {
            holds: (value: Args) => check._zod.def.fn(value) === true,
            says: String(check._zod.def.error?.({} as never) ?? ''),
          },
        ]
      : [],
  );
}

/** The first field that is missing, wrong or unknown, and the rules between them. */
function recordCheck(
  schema: z.ZodObject,
  what: string,
  dot: string,
): (given: Args) => string | undefined {
  const fields = argumentsOf(schema);
  const known = schema.shape;
  const rules = rulesOf(schema);
  return (given) => {
    for (const { name, optional, check, takes } of fields) {
      const value = given[name];
      if (value === undefined || value === null) {
        if (!optional) return `${dot}${name} is missing; it takes ${takes}`;
      } else {
        const fault = check(value);
        if (fault !== undefined) return dot + name + fault;
      }
    }
    for (const name in given) {
      if (!Object.hasOwn(known, name)) {
        return ` has no ${what} ${name}; it takes ${fields.map((field) => field.name).join(', ')}`;
      }
    }
    for (const { holds, says } of rules) if (!holds(given)) return `: ${says}`;
    return undefined;
  };
}

function kindOf(schema: z.core.$ZodType): Kind {
  if (schema instanceof z.ZodDefault) {
    const fallback = schema.def.defaultValue as Value;
    return { ...kindOf(schema.unwrap()), optional: true, fallback };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return { ...kindOf(schema.unwrap()), optional: true };
  }
  if (schema instanceof z.ZodReadonly) return kindOf(schema.unwrap());
  if (schema instanceof z.ZodNumber) return integerKind(schema);
  if (schema instanceof z.ZodBigInt) return bigintKind(schema);
  if (schema instanceof z.ZodString) return kind('a text', (v) => typeof v === 'string');
  if (schema instanceof z.ZodBoolean) return kind('true or false', (v) => typeof v === 'boolean');
  if (schema instanceof z.ZodArray) return listKind(schema);
  if (schema instanceof z.ZodObject) return recordKind(schema);
  if (schema instanceof z.ZodEnum) {
    const words: readonly unknown[] = schema.options;
    const shown = words.map((word) => (word === '' ? "''" : word)).join(', ');
    return kind(`one of ${shown}`, (v) => words.includes(v));
  }
  throw new TypeError(`no argument of a service is a ${schema._zod.def.type}`);
}

function argumentsOf(schema: z.ZodObject): Argument[] {
  return Object.entries(schema.shape).map(([name, field]) => ({ name, ...kindOf(field) }));
}

/**
 * Makes a fast check of a service's arguments from their declaration: it gives the arguments with
 * defaults filled in, or one sentence about the first that is missing, unknown or wrong. null stands
 * for an argument that is left out.
 */
export function argumentReader(
  where: string,
  schema: z.ZodObject,
): (given: Value) => Args | string {
  const fields = argumentsOf(schema);
  const filled = fields.filter(({ optional }) => optional);
  const meant = meantBy(fields);
  const faultOf = recordCheck(schema, 'argument', ': ');
  return (given) => {
    if (!isRecord(given)) return `${where} takes one record of arguments`;
    const fault = faultOf(given);
    if (fault !== undefined) return where + fault;
    let args = meant ? (meant(given) as Args) : given;
    for (const { name, fallback } of filled) {
      const value = args[name];
      if (value !== undefined && value !== null) continue;
      if (value === null || fallback !== undefined) {
        const { [name]: _, ...rest } = args;
        args = fallback === undefined ? rest : { ...rest, [name]: fallback };
      }
    }
    return args;
  };
}

/** Makes a fast check of a plain value: its name and what is wrong with it, or the value by its type. */
export function valueReader<T extends z.ZodType>(
  name: string,
  schema: T,
): (given: Value) => { readonly value: z.output<T> } | string {
  const { check, meant } = kindOf(schema);
  return (given) => {
    const fault = check(given);
    const value = fault === undefined && meant ? meant(given) : given;
    return fault === undefined ? { value: value as z.output<T> } : name + fault;
  };
}
