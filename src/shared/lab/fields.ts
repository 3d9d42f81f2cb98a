/** What a declared argument or field is, for help, forms, references and messages. */
import { z } from 'zod';

/** One argument of an operation, or one field of an expectation or a result. */
export interface FieldView {
  readonly name: string;
  /** `address`, `size`, `pfn`, `pages`, `count`, `text`, `true or false`, `list`, or its words. */
  readonly kind: string;
  /** Unit of its values; '' for none. */
  readonly unit: string;
  /** A sentence of meaning. */
  readonly description: string;
  /** Must be written. */
  readonly required: boolean;
  /** What stands for it where it is not written; '' for nothing. */
  readonly fallback: string;
  /** The words it may be; empty where it is no word. */
  readonly words: readonly string[];
}

/** A schema and everything it was made from, from the outside in, as a lab file writes it. */
function layers(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { parent } = schema._zod;
  if (parent) return [schema, ...layers(parent)];
  if (schema instanceof z.ZodPipe) return [schema, ...layers(schema.in)];
  const wraps =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNullable;
  return wraps ? [schema, ...layers(schema.unwrap())] : [schema];
}

/** What a value holds under a name or, without one, as an entry; undefined where nobody says. */
export function partOf(
  schema: z.core.$ZodType | undefined,
  name?: string,
): z.core.$ZodType | undefined {
  const [inner] = schema ? layers(schema).slice(-1) : [];
  if (inner instanceof z.ZodObject) return name === undefined ? undefined : inner.shape[name];
  return inner instanceof z.ZodArray && name === undefined ? inner.element : undefined;
}

function metaOf(schema: z.core.$ZodType): Record<string, unknown> {
  return z.globalRegistry.get(schema) ?? {};
}

/** The first layer's value of a key of its meta data. */
function said(schema: z.core.$ZodType, key: string): string {
  for (const layer of layers(schema)) {
    const value = metaOf(layer)[key];
    if (typeof value === 'string') return value;
  }
  return '';
}

/** Name of the kind of its values: an address, a size, a PFN, a text ... */
export function kindOf(schema: z.core.$ZodType): string {
  const named = said(schema, 'id');
  if (named !== '') return named;
  for (const layer of layers(schema)) {
    if (layer instanceof z.ZodEnum) return layer.options.join(' | ');
    if (layer instanceof z.ZodBoolean) return 'true | false';
    if (layer instanceof z.ZodString) return 'text';
    if (layer instanceof z.ZodLiteral) return [...layer.values].map(String).join(' | ');
    if (layer instanceof z.ZodUnion) return layer.options.map(kindOf).join(' | ');
    if (layer instanceof z.ZodNumber) return 'number';
    if (layer instanceof z.ZodBigInt) return 'bigint';
    if (layer instanceof z.ZodArray) return `list of ${kindOf(layer.element)}`;
    if (layer instanceof z.ZodObject) return 'record';
  }
  return 'value';
}

/** What one field is. */
export function fieldView(name: string, schema: z.core.$ZodType): FieldView {
  let fallback = '';
  let words: string[] = [];
  for (const layer of layers(schema)) {
    if (layer instanceof z.ZodDefault) fallback = String(layer.def.defaultValue);
    if (layer instanceof z.ZodEnum) words = layer.options.map(String);
  }
  return {
    name,
    kind: kindOf(schema),
    unit: said(schema, 'unit'),
    description: said(schema, 'description'),
    required: !z.safeParse(schema, undefined).success,
    fallback,
    words,
  };
}

/** What all fields of a shape are, in their order. */
export function fieldViews(shape: z.core.$ZodShape): FieldView[] {
  return Object.entries(shape).map(([name, schema]) => fieldView(name, schema));
}

/** The fields of what comes back: nobody has to write them. */
export function returnedViews(shape: z.core.$ZodShape): FieldView[] {
  return fieldViews(shape).map((view) => ({ ...view, required: false }));
}
