/** The words of labs that the engine and hardware models bring, as editors and help tell of them. */
import type { Field, Fields } from '../plugins/fields.ts';
import type { DeclarationView } from './declarations.ts';
import type { FieldView } from './fields.ts';

/** A hardware model, or an action of one: its configuration, or the action's arguments. */
export interface DeviceDeclaration {
  readonly id: string;
  readonly title: string;
  readonly fields: Pick<Fields, 'properties' | 'required'>;
}

/** A hardware model and what can be asked of it. */
export interface ModelDeclaration extends DeviceDeclaration {
  readonly actions: readonly DeviceDeclaration[];
}

/** A switch and all values a lab may give it. */
export interface SwitchDeclaration {
  readonly name: string;
  readonly title: string;
  readonly values: readonly (boolean | number | string)[];
}

export interface Vocabulary {
  readonly models: readonly ModelDeclaration[];
  readonly switches: readonly SwitchDeclaration[];
  /** Kconfig names the model follows, and what each decides. */
  readonly symbols: Readonly<Record<string, string>>;
  /** Kernel parameters the model follows, and what each is for. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What is said of a declared field: its title and its meaning. */
export function meaningOf({ title, description }: Field): string {
  return [title, description].filter((text) => text !== undefined).join('. ');
}

/** What the fields of a model's configuration, or of an action's arguments, are. */
export function deviceFieldViews({
  properties = {},
  required = [],
}: DeviceDeclaration['fields']): FieldView[] {
  return Object.entries(properties).map(([name, field]) => ({
    name,
    kind: kindOf(field),
    unit: '',
    description: meaningOf(field),
    required: required.includes(name),
    fallback: field.type !== 'array' && field.default !== undefined ? String(field.default) : '',
    words: field.type !== 'array' && field.enum ? field.enum : [],
  }));
}

function kindOf(field: Field): string {
  if (field.type === 'array') return 'list of records';
  if (field.enum) return field.enum.join(' | ');
  if (field.format) return field.format;
  if (field.type === 'integer') return 'count';
  return field.type === 'boolean' ? 'true | false' : 'text';
}

const SILENT = { description: '', by: '', since: '', fields: [], fails: [], example: '' };

/** Every model, every action (`MODEL.ACTION`) and every switch, in the order of their declarations. */
export function vocabularyViews({ models, switches }: Vocabulary): DeclarationView[] {
  return [
    ...models.flatMap((model) => [
      modelView(model),
      ...model.actions.map((action) => actionView(model, action)),
    ]),
    ...switches.map(({ name, title, values }) => ({
      ...{ ...SILENT, name, kind: 'switch' as const, title },
      description: `Stands under \`kernel.switches\`; takes ${values.map((value) => JSON.stringify(value)).join(', ')}.`,
    })),
  ];
}

function modelView({ id, title, fields, actions }: ModelDeclaration): DeclarationView {
  const ofActions = actions.map((action) => ({
    ...{ name: `${id}.${action.id}`, kind: 'action', unit: '', description: action.title },
    ...{ required: false, fallback: '', words: [] },
  }));
  return {
    ...{ ...SILENT, name: id, kind: 'model', title },
    fields: [
      { heading: 'Configuration', fields: deviceFieldViews(fields) },
      { heading: 'Actions', fields: ofActions },
    ],
    example: `{ id: ${id}0, model: ${id} }`,
  };
}

function actionView(model: ModelDeclaration, action: DeviceDeclaration): DeclarationView {
  const { id, title, fields } = action;
  return {
    ...{ ...SILENT, name: `${model.id}.${id}`, kind: 'action', title },
    description: `Asked of a device as \`ID.${id}\`, or of a part of it as \`ID.PART.${id}\`.`,
    fields: [{ heading: 'Arguments', fields: deviceFieldViews(fields) }],
  };
}
