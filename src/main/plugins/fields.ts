import { z } from 'zod';
import type { Checked } from '../engine/device/model.ts';
import { readAddress, readCount, readSize } from '../../shared/lab/quantity.ts';
import type { Args, Value } from '../../shared/world/value.ts';

/**
 * The part of JSON Schema that describes a device's configuration and an action's arguments.
 * `format: size` and `format: address` take what lab files write (1GiB, 0x1000) and give bigint.
 */
const fieldSchema = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']),
  format: z.enum(['size', 'address']).optional(),
  enum: z.array(z.string()).min(1).max(64).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  title: z.string().max(200).optional(),
  description: z.string().max(1000).optional(),
});

export const fieldsSchema = z.strictObject({
  $schema: z.string().optional(),
  type: z.literal('object').optional(),
  additionalProperties: z.literal(false).optional(),
  required: z.array(z.string()).max(64).optional(),
  properties: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), fieldSchema).optional(),
});

export type Field = z.output<typeof fieldSchema>;
export type Fields = z.output<typeof fieldsSchema>;

type ReadValue = { ok: true; value: Value } | { ok: false; expected: string };

function readField(field: Field, given: Value): ReadValue {
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
export function fieldReader(fields: Fields): (given: Args) => Checked<Args> {
  const known = Object.entries(fields.properties ?? {});
  const required = new Set(fields.required ?? []);
  return (given) => {
    const problems: { path: string; message: string }[] = [];
    const value: Record<string, Value> = {};
    for (const [name, field] of known) {
      const raw = Object.hasOwn(given, name) ? given[name] : field.default;
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
