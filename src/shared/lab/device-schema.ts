/** Hardware models and their actions as JSON Schema: for editors, which never forbid other models. */
import type { Field, Fields } from '../plugins/fields.ts';
import { deviceSchema } from './device.ts';
import type { ActionTarget } from '../plugins/model.ts';
import { actionNames, meaningOf, type ModelDeclaration } from './vocabulary.ts';

type Json = Record<string, unknown>;

/** The values a field takes. */
function valueSchema(field: Field): Json {
  if (field.type === 'array') {
    const { properties, required = [] } = field.items;
    const items = { type: 'object', properties: fieldSchemas({ properties }), required };
    return { type: 'array', maxItems: field.maxItems, items };
  }
  const { type, format, enum: words, minimum, maximum } = field;
  if (format) return { $ref: `#/definitions/${format}` };
  if (type === 'integer') return { $ref: '#/definitions/count', minimum, maximum };
  return { type, enum: words };
}

/** What is said of a field. */
function told(field: Field): Json {
  const fallback = field.type === 'array' ? undefined : field.default;
  return { description: meaningOf(field), default: fallback };
}

function fieldSchemas({ properties = {} }: Pick<Fields, 'properties'>): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [
      name,
      { ...valueSchema(field), ...told(field) },
    ]),
  );
}

/** Values of `model`: those that ship, and any other. */
export function modelNames(models: readonly ModelDeclaration[]): Json {
  return {
    anyOf: [
      ...models.map(({ id, title }) => ({ const: id, title, description: title })),
      { type: 'string', minLength: 1 },
    ],
  };
}

/** What the configuration of each model must be. */
export function configurations(models: readonly ModelDeclaration[]): Json[] {
  const common = Object.keys(deviceSchema.shape);
  return models.map(({ id, fields }) => ({
    if: { properties: { model: { const: id } }, required: ['model'] },
    then: {
      properties: fieldSchemas(fields),
      required: fields.required ?? [],
      propertyNames: { enum: [...common, ...Object.keys(fields.properties ?? {})] },
    },
  }));
}

/** An action by its name, of whichever models have it. */
export interface ActionSchema {
  /** Its arguments; a definition of the schema. */
  readonly schema: Json;
  /** Matches `DEVICE.ACTION`, `DEVICE.PART.ACTION`, or both. */
  readonly pattern: string;
  /** What an editor offers for it. */
  readonly snippets: readonly ActionSnippet[];
}

/** An action to be filled in: tab stops stand for the device, its part and what must be given. */
export interface ActionSnippet {
  readonly label: string;
  readonly description: string;
  readonly name: string;
  readonly args: Json;
}

const NAME = '[A-Za-z0-9_-]+';
const PARTS: Readonly<Record<ActionTarget, string>> = { device: '', child: '+', any: '*' };

interface FoundAction {
  readonly titles: Map<string, string[]>;
  readonly properties: Json;
  required: readonly string[];
  on: ActionTarget;
}

/**
 * The actions of all models. Their arguments are explained, not enforced: which model a device of
 * that name has is not known here, and a plugin may have an action of the same name.
 */
export function actionSchemas(models: readonly ModelDeclaration[]): Map<string, ActionSchema> {
  const found = new Map<string, FoundAction>();
  for (const model of models) {
    for (const { id, title, on, fields } of model.actions) {
      const { required = [] } = fields;
      const one: FoundAction = found.get(id) ?? { titles: new Map(), properties: {}, required, on };
      found.set(id, one);
      // What only some of the models want is not offered.
      one.required = one.required.filter((name) => required.includes(name));
      if (one.on !== on) one.on = 'any';
      one.titles.set(title, [...(one.titles.get(title) ?? []), model.id]);
      for (const [name, field] of Object.entries(fields.properties ?? {})) {
        one.properties[name] ??= { ...told(field), examples: examplesOf(field) };
      }
    }
  }
  return new Map([...found].map(([id, one]) => [id, actionSchema(id, one)]));
}

function actionSchema(id: string, { titles, properties, required, on }: FoundAction): ActionSchema {
  const description = [...titles]
    .map(([title, models]) => `${title} (${models.join(', ')})`)
    .join('\n\n');
  return {
    pattern: `^${NAME}${on === 'device' ? '' : `(\\.${NAME})${PARTS[on]}`}\\.${id}$`,
    schema: {
      title: [...titles.keys()].join('; '),
      description,
      type: ['object', 'null'],
      properties,
    },
    snippets: actionNames({ id, on }).map((label) => {
      let stops = 0;
      const stop = (text: string) => `\${${(stops += 1)}:${text}}`;
      const name = label.replace(/\b[A-Z]+\b/g, stop);
      const args = required.map((argument): [string, string] => [argument, stop(argument)]);
      return { label, description, name, args: Object.fromEntries(args) };
    }),
  };
}

function examplesOf(field: Field): readonly unknown[] | undefined {
  if (field.type === 'array') return undefined;
  return field.type === 'boolean' ? [true, false] : field.enum;
}
