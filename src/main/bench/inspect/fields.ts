import type { FieldView } from '../../../shared/bench/views.ts';
import {
  keyOf,
  tableSchema,
  type RowOf,
  type TableName,
  type TableSchema,
} from '../../../shared/world/tables.ts';
import type { Key, Row, Value } from '../../../shared/world/value.ts';
import type { Author } from './authors.ts';
import type { Inspection } from './context.ts';
import { fieldText, valueText } from './format.ts';
import { recordLink } from './record-link.ts';

export interface FieldOptions {
  readonly hint?: string;
  readonly offset?: number;
  readonly link?: string;
  /** How the value is written; by default as its name asks for. */
  readonly text?: (value: Value | undefined) => string;
}

/** A named value with the step that wrote it. */
export function field(
  name: string,
  value: Value | undefined,
  author: Author,
  options: FieldOptions = {},
): FieldView {
  const write = options.text ?? ((v: Value | undefined) => valueText(name, v));
  return {
    name,
    text: write(value),
    by: author.by,
    changed: author.changed,
    ...(author.changed && author.was !== undefined ? { was: write(author.was) } : {}),
    ...(options.hint ? { hint: options.hint } : {}),
    ...(options.offset === undefined ? {} : { offset: options.offset }),
    ...(options.link ? { link: options.link } : {}),
  };
}

/** A field of a record of a keyed table, written and explained as it is declared. */
export function recordField<T extends TableName>(
  inspection: Inspection,
  table: T,
  row: RowOf<T>,
  name: keyof RowOf<T> & string,
  options: FieldOptions = {},
): FieldView {
  const schema = tableSchema(table);
  const key = keyOf(schema, row);
  const author = inspection.authors.ofField(table, key, name, inspection.at);
  const plain: Row = row;
  const shown = field(name, plain[name], author, {
    ...declared(schema, name, plain[name]),
    ...options,
  });
  return { ...shown, watch: `${table}.${String(key)}.${name}` };
}

/** Every field of a record but those named, in the order they are declared. */
export function recordFields<T extends TableName>(
  inspection: Inspection,
  table: T,
  row: RowOf<T>,
  without: readonly (keyof RowOf<T>)[],
  text?: { readonly [N in keyof RowOf<T>]?: FieldOptions['text'] },
): FieldView[] {
  const names = tableSchema(table).fields as readonly (keyof RowOf<T> & string)[];
  return names
    .filter((name) => !without.includes(name))
    .map((name) => {
      const own = text?.[name];
      return recordField(inspection, table, row, name, own ? { text: own } : {});
    });
}

/** How a field is written and explained where nobody says otherwise, and what it points to. */
export function declared(
  { kinds }: TableSchema,
  name: string,
  value: Value | undefined,
): FieldOptions {
  const kind = kinds[name];
  if (!kind) return {};
  const { refers, meaning } = kind;
  const link = refers && value ? recordLink(refers, value as Key) : undefined;
  return {
    hint: meaning,
    text: (shown) => fieldText(name, kind, shown),
    ...(link === undefined ? {} : { link }),
  };
}
