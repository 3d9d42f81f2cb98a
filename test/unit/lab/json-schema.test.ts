import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { labFiles } from '../../../src/main/bench/session/shipped-labs.ts';
import { labJsonSchema, labJsonSchemaText } from '../../../src/shared/lab/json-schema.ts';

const LABS = new URL('../../../labs/', import.meta.url);
const labs = labFiles(fileURLToPath(LABS));
const read = (name: string) => readFileSync(new URL(name, LABS), 'utf8');

/** Editors check with a JSON Schema validator; this is an independent one. */
const validate = new Ajv({ strict: false, allErrors: true }).compile(labJsonSchema());

describe('lab/json-schema', () => {
  it('is published as the schemas stand (node labs/build-schema.ts writes it)', () => {
    expect(read('lab.schema.json')).toBe(labJsonSchemaText());
  });

  it.each(labs)('accepts %s', (name) => {
    expect(validate(parse(read(name))) ? [] : validate.errors).toEqual([]);
  });

  it.each<[string, object]>([
    ['an unknown key', { pfnlab: 1, kernel: { version: '6.12' }, machine: { memroy: [] } }],
    ['no kernel', { pfnlab: 1, machine: { memory: [] } }],
    ['a newer format', { pfnlab: 2, kernel: { version: '6.12' }, machine: { memory: [] } }],
    [
      'an address with a unit',
      {
        pfnlab: 1,
        kernel: { version: '6.12' },
        machine: { memory: [{ start: '1GiB', end: 1, type: 'usable' }] },
      },
    ],
    [
      'an unknown expectation',
      { pfnlab: 1, kernel: { version: '6.12' }, machine: { memory: [] }, expect: [{ zoen: {} }] },
    ],
  ])('rejects %s', (_name, document) => {
    expect(validate(document)).toBe(false);
  });
});
