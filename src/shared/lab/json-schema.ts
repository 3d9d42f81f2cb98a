/** The published JSON Schema of lab files, for editors: made from the same schemas that check. */
import { z } from 'zod';
import { EXPECT_KINDS, EXPECT_SCHEMAS, EXPECTATIONS } from './expectations/expectations.ts';
import { OPERATION_NAMES, OPERATIONS } from './operations/operations.ts';
import { actionSchemas, configurations, modelNames } from './device-schema.ts';
import { deviceSchema } from './device.ts';
import { kernelSchema } from './kernel.ts';
import { errno } from './words.ts';
import { labSchema, LAB_FORMAT, MAX_DEVICES } from './schema.ts';
import { isMap } from './value.ts';
import type { Vocabulary } from './vocabulary.ts';

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

type Actions = ReturnType<typeof actionSchemas>;

const definition = (action: string) => `#/definitions/action-${action}`;

/**
 * Actions an editor offers: whole entries, or names alone. `defaultSnippets` is a key of language
 * servers; JSON Schema itself cannot know the names of the lab's devices.
 */
function offered(actions: Actions, what: 'entry' | 'name') {
  return [...actions.values()].flatMap(({ snippets }) =>
    snippets.map(({ label, description, name, args }) => ({
      ...{ label, description, body: what === 'name' ? name : { [name]: args } },
    })),
  );
}

/** `{ <operation>: arguments }`; other keys are actions of devices. */
const byName = (actions: Actions) =>
  z
    .looseObject({
      ...Object.fromEntries(
        OPERATION_NAMES.filter((name) => name !== 'expect').map((name) => [
          name,
          OPERATIONS[name].args.nullable().optional().meta(said(OPERATIONS[name])),
        ]),
      ),
      ...BESIDE,
      do: z.never().optional().describe('Stands only before the arguments themselves'),
    })
    .meta({
      propertyNames: {
        anyOf: [{ enum: [...OPERATION_NAMES, 'actor'] }, { pattern: DEVICE_ACTION.source }],
      },
      patternProperties: Object.fromEntries(
        [...actions].map(([name, { pattern }]) => [pattern, { $ref: definition(name) }]),
      ),
    });

/** `{ do: <operation>, ... }`, with the arguments beside. */
const byDo = OPERATION_NAMES.filter((name) => name !== 'expect').map((name) =>
  OPERATIONS[name].args
    .safeExtend({ do: z.literal(name).describe(OPERATIONS[name].title), ...BESIDE })
    .meta(said(OPERATIONS[name])),
);

/** `{ do: <device>.<action>, ... }`. */
const actionByDo = (actions: Actions) =>
  z
    .looseObject({
      do: z
        .string()
        .regex(DEVICE_ACTION)
        .meta({ description: 'The action of a device', defaultSnippets: offered(actions, 'name') }),
      ...BESIDE,
    })
    .meta({
      allOf: [...actions].map(([name, { pattern }]) => ({
        if: { properties: { do: { pattern } } },
        then: { $ref: definition(name) },
      })),
    });

const operation = (actions: Actions) =>
  z
    .union([
      z.enum(OPERATION_NAMES),
      z.string().regex(DEVICE_ACTION),
      byName(actions),
      ...byDo,
      actionByDo(actions),
    ])
    .meta({
      id: 'operation',
      description: 'One operation: its name, { name: arguments }, or { actor, do, ... }',
      defaultSnippets: offered(actions, 'entry'),
    });

const blockOf = (entry: z.ZodType) =>
  z
    .strictObject({
      concurrently: z
        .array(entry)
        .min(2)
        .describe('Entries of two actors or more; each actor does its own in order'),
    })
    .meta({ id: 'block', description: 'Operations of several actors that may interleave' });

/** Lines about names, under a sentence. */
function listed(sentence: string, names: Readonly<Record<string, string>>): string {
  const lines = Object.entries(names).map(([name, text]) => `- ${name}: ${text}`);
  return [sentence, '', ...lines].join('\n');
}

function kernelWith({ switches, symbols, parameters }: Vocabulary) {
  const { config, switches: overridden } = kernelSchema.shape;
  return kernelSchema
    .extend({
      cmdline: kernelSchema.shape.cmdline.describe(
        listed('Its command line. Of the parameters the model follows:', parameters),
      ),
      config: z
        .record(z.string(), z.any())
        .optional()
        .meta({
          description: config.description,
          properties: Object.fromEntries(
            Object.entries(symbols).map(([name, description]) => [name, { description }]),
          ),
        }),
      switches: overridden.meta({
        properties: Object.fromEntries(
          switches.map(({ name, title, values }) => [name, { description: title, enum: values }]),
        ),
        additionalProperties: false,
      }),
    })
    .describe(labSchema.shape.kernel.description ?? '');
}

function published(vocabulary: Vocabulary, actions: Actions) {
  const { models } = vocabulary;
  const entry = operation(actions);
  const device = deviceSchema
    .extend({ model: deviceSchema.shape.model.meta(modelNames(models)) })
    .meta({ allOf: configurations(models) });
  const { shape } = labSchema;
  return labSchema.extend({
    pfnlab: z.literal(LAB_FORMAT).describe(shape.pfnlab.description ?? ''),
    kernel: kernelWith(vocabulary),
    devices: z
      .array(device)
      .max(MAX_DEVICES)
      .optional()
      .describe(shape.devices.description ?? ''),
    program: z
      .array(z.union([entry, blockOf(entry)]))
      .optional()
      .describe(shape.program.description ?? ''),
    expect: z
      .array(expectation)
      .optional()
      .describe(shape.expect.description ?? ''),
  });
}

/**
 * `{ $ref, description }` for `{ allOf: [{ $ref }], description }`: editors show the innermost
 * description first, and with `allOf` that is the one of the kind, not of the key.
 */
function withPlainReferences<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (!isMap(value) || !Array.isArray(value['allOf']) || value['allOf'].length > 1) return value;
    const { allOf, ...rest } = value;
    return { ...allOf[0], ...rest };
  });
}

/**
 * The JSON Schema (draft 7, which every editor's YAML support reads).
 *
 * @param vocabulary words to offer beside those of the language itself
 */
export function labJsonSchema(vocabulary: Vocabulary): Record<string, unknown> {
  const actions = actionSchemas(vocabulary.models);
  const schema = z.toJSONSchema(published(vocabulary, actions), {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  const ofActions = [...actions].map(([name, { schema: one }]) => [`action-${name}`, one] as const);
  const own = isMap(schema.definitions) ? schema.definitions : {};
  const definitions = { ...own, ...Object.fromEntries(ofActions) };
  return { title: TITLE, ...withPlainReferences({ ...schema, definitions }) };
}

/** The text of `labs/lab.schema.json`. */
export function labJsonSchemaText(vocabulary: Vocabulary): string {
  return `${JSON.stringify(labJsonSchema(vocabulary), null, 2)}\n`;
}
