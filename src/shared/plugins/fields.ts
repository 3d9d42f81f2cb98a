/** Configuration of models and arguments of their actions, as manifests declare them. */
import { z } from 'zod';
import { readAddress, readSize } from '../lab/quantity.ts';

/**
 * The part of JSON Schema that describes a device's configuration and an action's arguments.
 * `format: size` and `format: address` take what lab files write (1GiB, 0x1000) and give bigint.
 */
const scalarShape = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']),
  format: z.enum(['size', 'address']).optional(),
  enum: z.array(z.string()).min(1).max(64).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  title: z.string().max(200).optional(),
  description: z.string().max(1000).optional(),
});

type Scalar = z.output<typeof scalarShape>;

/** What a default should be, where it is none of what the field takes. */
function wantedDefault({ type, format, enum: words, minimum, maximum, ...rest }: Scalar) {
  const { default: given } = rest;
  if (given === undefined) return undefined;
  if (format) {
    const read = (format === 'size' ? readSize : readAddress)(given);
    return read.ok ? undefined : read.expected;
  }
  if (words) return words.includes(String(given)) ? undefined : `one of ${words.join(', ')}`;
  if (type !== 'integer') {
    return typeof given === type ? undefined : type === 'string' ? 'text' : 'true or false';
  }
  const [least, most] = [minimum ?? -Infinity, maximum ?? Infinity];
  const fits = Number.isSafeInteger(given) && Number(given) >= least && Number(given) <= most;
  if (fits) return undefined;
  return minimum === undefined && maximum === undefined
    ? 'an integer'
    : `an integer from ${least} to ${most}`;
}

const scalarSchema = scalarShape.superRefine((field, ctx) => {
  const { minimum, maximum } = field;
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    ctx.addIssue({
      code: 'custom',
      message: `at least the minimum, ${minimum}`,
      path: ['maximum'],
    });
  }
  const wanted = wantedDefault(field);
  if (wanted !== undefined) {
    ctx.addIssue({ code: 'custom', message: wanted, path: ['default'] });
  }
});

/** Names that must be given are names of fields. */
function requiredFields(
  {
    required = [],
    properties = {},
  }: { required?: string[] | undefined; properties?: object | undefined },
  ctx: z.RefinementCtx,
): void {
  for (const [at, name] of required.entries()) {
    if (Object.hasOwn(properties, name)) continue;
    ctx.addIssue({
      code: 'custom',
      message: 'the name of one of its properties',
      path: ['required', at],
    });
  }
}

const propertyName = z.string().regex(/^[a-z][a-z0-9_]*$/);

/** A list of records, such as the entries of a scatterlist; records hold scalars. */
const listSchema = z.strictObject({
  type: z.literal('array'),
  items: z
    .strictObject({
      type: z.literal('object').optional(),
      required: z.array(z.string()).max(64).optional(),
      properties: z.record(propertyName, scalarSchema),
    })
    .superRefine(requiredFields),
  maxItems: z.number().int().min(1).max(1024).default(256),
  title: z.string().max(200).optional(),
  description: z.string().max(1000).optional(),
});

const fieldSchema = z.union([scalarSchema, listSchema]);

export const fieldsSchema = z
  .strictObject({
    $schema: z.string().optional(),
    type: z.literal('object').optional(),
    additionalProperties: z.literal(false).optional(),
    required: z.array(z.string()).max(64).optional(),
    properties: z.record(propertyName, fieldSchema).optional(),
  })
  .superRefine(requiredFields);

export type Field = z.output<typeof fieldSchema>;
export type Fields = z.output<typeof fieldsSchema>;
