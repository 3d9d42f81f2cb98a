import { z } from 'zod';
import type { Checked } from '../engine/kernel/device/model.ts';
import { readAddress, readCount, readSize } from '../../shared/lab/quantity.ts';
import type { Args, Value } from '../../shared/world/value.ts';

/**
 * The part of JSON Schema that describes a device's configuration and an action's arguments.
 * `format: size` and `format: address` take what lab files write (1GiB, 0x1000) and give bigint.
 */
const scalarSchema = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']),
  format: z.enum(['size', 'address']).optional(),
  enum: z.array(z.string()).min(1).max(64).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  title: z.string().max(200).optional(),
  description: z.string().max(1000).optional(),
});

const propertyName = z.string().regex(/^[a-z][a-z0-9_]*$/);

/** A list of records, such as the entries of a scatterlist; records hold scalars. */
const listSchema = z.strictObject({
  type: z.literal('array'),
  items: z.strictObject({
    type: z.literal('object').optional(),
    required: z.array(z.string()).max(64).optional(),
    properties: z.record(propertyName, scalarSchema),
  }),
  maxItems: z.number().int().min(1).max(1024).default(256),
  title: z.string().max(200).optional(),
  description: z.string().max(1000).optional(),
});

const fieldSchema = z.union([scalarSchema, listSchema]);

export const fieldsSchema = z.strictObject({
  $schema: z.string().optional(),
  type: z.literal('object').optional(),
  additionalProperties: z.literal(false).optional(),
  required: z.array(z.string()).max(64).optional(),
  properties: z.record(propertyName, fieldSchema).optional(),
});

export type Field = z.output<typeof fieldSchema>;
export type Fields = z.output<typeof fieldsSchema>;

type ReadValue = { ok: true; value: Value } | { ok: false; expected: string };

function readList(field: Field & { type: 'array' }, given: Value): ReadValue {
  if (!Array.isArray(given)) return { ok: false, expected: 'a list' };
  const { maxItems, items } = field;
  if (given.length > maxItems) return { ok: false, expected: `at most ${maxItems} entries` };
  const read = fieldReader(items);
  const list: Value[] = [];
  for (const [at, entry] of (given as readonly Value[]).entries()) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      return { ok: false, expected: `a list of records; entry ${at + 1} is none` };
    }
    const record = read(entry as Args);
    if (!record.ok) {
      return {
        ok: false,
        expected: `other entries: in entry ${at + 1}, ${record.problems[0]?.message}`,
      };
    }
    list.push(record.value);
  }
  return { ok: true, value: list };
}

function readField(field: Field, given: Value): ReadValue {
  if (field.type === 'array') return readList(field, given);
  if (field.format === 'size') return readSize(given);
  if (field.format === 'address') return readAddress(given);
  if (field.type === 'boolean') {
    if (typeof given === 'boolean') return { ok: true, value: given };
    return { ok: false, expected: 'true or false' };
  }
  if (field.type === 'integer') {
    const read = readCount(given);
    const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = field;
    if (read.ok && read.value >= minimum && read.value <= maximum) return read;
    return { ok: false, expected: `an integer from ${minimum} to ${maximum}` };
  }
  if (typeof given !== 'string') return { ok: false, expected: 'a text' };
  if (field.enum && !field.enum.includes(given)) {
    return { ok: false, expected: `one of ${field.enum.join(', ')}` };
  }
  return { ok: true, value: given };
}

/** A reader for values that must have these fields: defaults filled in, all problems collected. */
export function fieldReader(
  fields: Pick<Fields, 'properties' | 'required'>,
): (given: Args) => Checked<Args> {
  const known = Object.entries(fields.properties ?? {});
  const required = new Set(fields.required ?? []);
  return (given) => {
    const problems: { path: string; message: string }[] = [];
    const value: Record<string, Value> = {};
    for (const [name, field] of known) {
      const fallback = field.type === 'array' ? undefined : field.default;
      const raw = Object.hasOwn(given, name) ? given[name] : fallback;
      if (raw === undefined || raw === null) {
        if (required.has(name)) problems.push({ path: name, message: `\`${name}\` is missing` });
        continue;
      }
      const read = readField(field, raw);
      if (read.ok) value[name] = read.value;
      else problems.push({ path: name, message: `\`${name}\` takes ${read.expected}` });
    }
    for (const name of Object.keys(given)) {
      if (fields.properties && Object.hasOwn(fields.properties, name)) continue;
      const names = known.map(([key]) => key).join(', ');
      const message = `there is no \`${name}\`${names === '' ? '; nothing can be set' : `; there are ${names}`}`;
      problems.push({ path: name, message });
    }
    return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
  };
}
