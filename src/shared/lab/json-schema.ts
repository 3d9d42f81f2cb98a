/** The published JSON Schema of lab files, for editors: made from the same schemas that check. */
import { z } from 'zod';
import { EXPECT_KINDS, EXPECT_SCHEMAS, EXPECTATIONS } from './expectations/expectations.ts';
import { OPERATION_NAMES, OPERATIONS } from './operations/operations.ts';
import { scheduleSchema } from './program.ts';
import { errno } from './words.ts';
import { labSchema, LAB_FORMAT } from './schema.ts';

const TITLE = 'pfnlab lab file';

/** `<device>.<action>`, or `<device>.<part>.<action>`. */
const DEVICE_ACTION = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_-]*)+$/;

/** An expectation: one key, which says its kind. */
const expectation = z
  .union(
    EXPECT_KINDS.map((kind) => {
      const schema = EXPECT_SCHEMAS.get(kind) ?? z.never();
      return z.strictObject({ [kind]: schema.meta(said(EXPECTATIONS[kind])) });
    }),
  )
  .meta({ id: 'expectation', description: 'What must hold: one key, which says its kind' });

const outcome = z
  .union([
    z.array(expectation),
    z.looseObject({
      errno: errno.optional().describe('The errno it must end in'),
      ok: z.boolean().optional().describe('It must succeed'),
    }),
  ])
  .meta({
    id: 'outcome',
    description: 'What the operation must answer, or what must hold after it',
  });

/** Title and meaning of a declaration, as an editor shows them. */
function said({
  title,
  description,
  example,
}: {
  title: string;
  description: string;
  example: string;
}) {
  return { title, description: `${description}\n\nExample: ${example}` };
}

const BESIDE = {
  actor: z.string().optional().describe('Who does it; `admin` where it is left out'),
  expect: outcome.optional(),
};

/** `{ <operation>: arguments }`; other keys are actions of devices. */
const byName = z
  .looseObject({
    ...Object.fromEntries(
      OPERATION_NAMES.filter((name) => name !== 'expect').map((name) => [
        name,
        OPERATIONS[name].args.nullable().optional().meta(said(OPERATIONS[name])),
      ]),
    ),
    ...BESIDE,
    do: z.never().optional(),
  })
  .meta({
    propertyNames: {
      anyOf: [{ enum: [...OPERATION_NAMES, 'actor'] }, { pattern: DEVICE_ACTION.source }],
    },
  });

/** `{ do: <operation>, ... }`, with the arguments beside. */
const byDo = OPERATION_NAMES.filter((name) => name !== 'expect').map((name) =>
  OPERATIONS[name].args
    .safeExtend({ do: z.literal(name).describe(OPERATIONS[name].title), ...BESIDE })
    .meta(said(OPERATIONS[name])),
);

const operation = z
  .union([
    z.enum(OPERATION_NAMES),
    z.string().regex(DEVICE_ACTION),
    byName,
    ...byDo,
    z.looseObject({ do: z.string().regex(DEVICE_ACTION), ...BESIDE }),
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
