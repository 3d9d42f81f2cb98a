/** The published JSON Schema of lab files, for editors: made from the same schemas that check. */
import { z } from 'zod';
import { EXPECT_SCHEMAS } from './expectations/expectations.ts';
import { OPERATION, scheduleSchema } from './program.ts';
import { labSchema, LAB_FORMAT } from './schema.ts';

const TITLE = 'pfnlab lab file';

/** An expectation: one key, which says its kind. */
const expectation = z
  .union([...EXPECT_SCHEMAS].map(([kind, schema]) => z.strictObject({ [kind]: schema })))
  .meta({ id: 'expectation', description: 'What must hold: one key, which says its kind' });

const outcome = z
  .union([
    z.array(expectation),
    z.looseObject({ errno: z.string().optional(), ok: z.boolean().optional() }),
  ])
  .meta({
    id: 'outcome',
    description: 'What the operation must answer, or what must hold after it',
  });

const operation = z
  .union([
    z.string().regex(OPERATION),
    z.looseObject({
      do: z.string().regex(OPERATION),
      actor: z.string().optional(),
      expect: outcome.optional(),
    }),
    z.looseObject({ actor: z.string().optional(), expect: outcome.optional() }),
  ])
  .meta({
    id: 'operation',
    description: 'One operation: its name, { name: arguments }, or { actor, do, ... }',
  });

const block = z.strictObject({ concurrently: z.array(operation).min(2) }).meta({
  id: 'block',
  description: 'Operations of several actors that may interleave; each actor does its own in order',
});

const published = labSchema.extend({
  pfnlab: z.literal(LAB_FORMAT),
  schedule: scheduleSchema.optional(),
  program: z.array(z.union([operation, block])).optional(),
  expect: z.array(expectation).optional(),
});

/** The JSON Schema (draft 7, which every editor's YAML support reads). */
export function labJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(published, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return { title: TITLE, ...schema };
}

/** The text of `labs/lab.schema.json`. */
export function labJsonSchemaText(): string {
  return `${JSON.stringify(labJsonSchema(), (_key, value) => (typeof value === 'bigint' ? Number(value) : value), 2)}\n`;
}
