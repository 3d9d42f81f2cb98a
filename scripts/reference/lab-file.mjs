import { join } from 'node:path';
import { vocabulary } from '../../src/main/bench/inspect/vocabulary.ts';
import { labJsonSchema } from '../../src/shared/lab/json-schema.ts';
import { blocks, code, plain, table } from './markdown.mjs';

/** @typedef {{ $ref?: string, type?: string, description?: string, default?: unknown, enum?: unknown[], const?: unknown, properties?: Record<string, Schema>, items?: Schema, required?: string[], anyOf?: Schema[] }} Schema */

/** Keys that pages of their own tell of. */
const ELSEWHERE = new Map([
  ['kernel.switches', 'switches.md'],
  ['program', 'operations.md'],
  ['expect', 'expectations.md'],
]);

/**
 * @param {Record<string, Schema>} definitions
 * @param {Schema} schema
 * @param {string} path
 * @returns {string[][]}
 */
function rows(definitions, schema, path) {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, written]) => {
    const field = resolved(definitions, written);
    const at = path === '' ? name : `${path}.${name}`;
    const page = ELSEWHERE.get(at);
    const inner = field.items ? resolved(definitions, field.items) : field;
    const list = field.items !== undefined;
    const fallback = written.default ?? field.default;
    const plainDefault = typeof fallback !== 'object' && fallback !== undefined && fallback !== '';
    return [
      [
        code(list ? `${at}[]` : at),
        page ? `see [${page}](${page})` : plain(kind(inner)),
        required.includes(name) && fallback === undefined
          ? 'required'
          : plainDefault
            ? code(String(fallback))
            : '',
        plain(written.description ?? field.description ?? ''),
      ],
      ...(page ? [] : rows(definitions, inner, list ? `${at}[]` : at)),
    ];
  });
}

/**
 * @param {Record<string, Schema>} definitions
 * @param {Schema} schema
 * @returns {Schema}
 */
function resolved(definitions, schema) {
  const found = schema.$ref?.replace(/^.*\//, '');
  return found === undefined ? schema : { ...definitions[found], ...schema };
}

/**
 * @param {Schema} schema
 * @returns {string}
 */
function kind({ $ref, type, enum: words, const: only, anyOf }) {
  if (words) return words.join(', ');
  if (only !== undefined) return String(only);
  if ($ref) return $ref.replace(/^.*\//, '');
  return type ?? anyOf?.map(kind).join(' or ') ?? 'value';
}

/** @type {import('./markdown.mjs').Page} */
export const labFile = {
  title: 'The lab file',
  text: () => {
    const schema = /** @type {Schema & { definitions?: Record<string, Schema> }} */ (
      labJsonSchema(vocabulary(join(import.meta.dirname, '..', '..')))
    );
    return blocks(
      'YAML, `*.lab.yaml`. `labs/lab.schema.json` is its JSON Schema, with which editors complete and explain. Addresses ' +
        'are hex with inclusive ends, sizes take binary units, PFNs and page counts are numbers. All mistakes of a file are ' +
        'told at once, each with its line and column.',
      table(['key', 'kind', 'default', 'meaning'], rows(schema.definitions ?? {}, schema, '')),
    );
  },
};
