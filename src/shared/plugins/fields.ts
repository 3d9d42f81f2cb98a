/** Configuration of models and arguments of their actions, as manifests declare them. */
import { z } from 'zod';

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
