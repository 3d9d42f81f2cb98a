/** The words of labs that the engine and hardware models bring, as editors and help tell of them. */
import type { Field, Fields } from '../plugins/fields.ts';
import type { ActionTarget } from '../plugins/model.ts';
import type { DeclarationView } from './declarations.ts';
import type { FieldView } from './fields.ts';

/** A hardware model, or an action of one: its configuration, or the action's arguments. */
export interface DeviceDeclaration {
  readonly id: string;
  readonly title: string;
  readonly fields: Pick<Fields, 'properties' | 'required'>;
}

/** An action of a model, and of what it may be asked: the device, a part of it (`ID.PART`), both. */
export interface ActionDeclaration extends DeviceDeclaration {
  readonly on: ActionTarget;
}

/** A hardware model and what can be asked of it. */
export interface ModelDeclaration extends DeviceDeclaration {
  readonly actions: readonly ActionDeclaration[];
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

/** How the program addresses an action. */
export function actionNames({ id, on }: Pick<ActionDeclaration, 'id' | 'on'>): string[] {
  const ofDevice = `ID.${id}`;
  const ofPart = `ID.PART.${id}`;
  if (on === 'any') return [ofDevice, ofPart];
  return [on === 'device' ? ofDevice : ofPart];
}

const ASKED_OF: Readonly<Record<ActionTarget, string>> = {
  device: 'Asked of a device',
  child: 'Asked of a part of a device',
  any: 'Asked of a device, or of a part of it',
};

/** A sentence of whom an action is asked, and how. */
export function askedOf(action: Pick<ActionDeclaration, 'id' | 'on'>): string {
  const names = actionNames(action).map((name) => `\`${name}\``);
  return `${ASKED_OF[action.on]}: ${names.join(' or ')}.`;
}

function actionView(model: ModelDeclaration, action: ActionDeclaration): DeclarationView {
  const { id, title, fields } = action;
  return {
    ...{ ...SILENT, name: `${model.id}.${id}`, kind: 'action', title },
    description: askedOf(action),
    fields: [{ heading: 'Arguments', fields: deviceFieldViews(fields) }],
  };
}
