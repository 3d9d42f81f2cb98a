import type { FieldView } from '../../../shared/bench/views.ts';
import type { Key, Row, Value } from '../../../shared/world/value.ts';
import type { Author } from './authors.ts';
import type { Inspection } from './context.ts';
import { valueText } from './format.ts';

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

/** A field of a record of a keyed table. */
export function recordField(
  inspection: Inspection,
  table: string,
  key: Key,
  row: Row,
  name: string,
  options: FieldOptions = {},
): FieldView {
  const author = inspection.authors.ofField(table, key, name, inspection.at);
  return { ...field(name, row[name], author, options), watch: `${table}.${String(key)}.${name}` };
}
