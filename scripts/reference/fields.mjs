// Fields, errors and declarations as Markdown.
import { fieldViews } from '../../src/shared/lab/fields.ts';
import { blocks, code, fenced, plain, table } from './markdown.mjs';

/** @typedef {import('../../src/shared/lab/fields.ts').FieldView} FieldView */

/**
 * @param {readonly FieldView[]} fields
 * @param {string} head of the first column
 * @returns {string}
 */
export function fieldTable(fields, head) {
  return table(
    [head, 'kind', 'default', 'meaning'],
    fields.map(({ name, kind, unit, required, fallback, description }) => [
      code(name),
      plain(unit === '' || kind === unit ? kind : `${kind}, ${unit}`),
      required ? 'required' : code(fallback),
      plain(description),
    ]),
  );
}

/**
 * @param {import('zod').z.core.$ZodShape} shape
 * @param {string} head
 * @returns {string}
 */
export function shapeTable(shape, head) {
  return fieldTable(fieldViews(shape), head);
}

/**
 * @param {readonly { readonly errno: string, readonly why: string }[]} fails
 * @returns {string}
 */
export function errnoTable(fails) {
  return table(
    ['error', 'raised where'],
    fails.map(({ errno, why }) => [code(errno), plain(why)]),
  );
}

/**
 * @param {import('../../src/shared/lab/declarations.ts').DeclarationView} view
 * @returns {string} one operation or expectation
 */
export function declarationSection(view) {
  const { name, title, description, by, since, fields, fails, example } = view;
  return blocks(
    `## \`${name}\``,
    `**${plain(title)}.** ${plain(description)}${by === '' ? '' : ` *By:* ${by}.`}${
      since === '' ? '' : ` *Since:* Linux ${since}.`
    }`,
    ...fields.map(({ heading, fields: listed }) => fieldTable(listed, heading.toLowerCase())),
    errnoTable(fails),
    fenced(`- ${example}`, 'yaml'),
  );
}
