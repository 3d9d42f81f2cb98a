import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { labFiles } from '../../../src/main/bench/session/shipped-labs.ts';
import { EXPECTATIONS } from '../../../src/shared/lab/expectations/expectations.ts';
import { fieldViews } from '../../../src/shared/lab/fields.ts';
import { OPERATION_NAMES, OPERATIONS } from '../../../src/shared/lab/operations/operations.ts';
import { labJsonSchema, labJsonSchemaText } from '../../../src/shared/lab/json-schema.ts';

const LABS = new URL('../../../labs/', import.meta.url);
const labs = labFiles(fileURLToPath(LABS));
const read = (name: string) => readFileSync(new URL(name, LABS), 'utf8');

/** Editors check with a JSON Schema validator; this is an independent one. */
const validate = new Ajv({ strict: false, allErrors: true }).compile(labJsonSchema());

describe('lab/json-schema', () => {
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

describe('lab/json-schema: what an editor completes and explains', () => {
  const text = labJsonSchemaText();
  const valid = (entry: unknown) => validate({ ...LAB, program: ['boot', entry] });
  const LAB = { pfnlab: 1, kernel: { version: '6.12' }, machine: { memory: [] } };

  // `expect` is written as a key of its own, beside every operation.
  it.each(OPERATION_NAMES.filter((name) => name !== 'expect'))(
    '%s stands there with its title and all arguments',
    (name) => {
      expect(text).toContain(JSON.stringify(OPERATIONS[name].title));
      for (const field of fieldViews(OPERATIONS[name].args.shape)) {
        expect(text).toContain(JSON.stringify(field.description));
      }
    },
  );

  it.each(Object.entries(EXPECTATIONS))('so does the expectation %s', (_name, declared) => {
    expect(text).toContain(JSON.stringify(declared.title));
    for (const field of fieldViews({ ...declared.where, ...declared.compared })) {
      expect(text).toContain(JSON.stringify(field.description));
    }
  });

  it.each<[unknown, boolean]>([
    [{ mmap: { size: '4MiB' } }, true],
    [{ actor: 'app', do: 'mmap', size: '4MiB' }, true],
    [{ mmap: { sise: '4MiB' } }, false],
    [{ actor: 'app', do: 'mmap', sise: '4MiB' }, false],
    [{ actor: 'app', do: 'mmapp', size: '4MiB' }, false],
    [{ mmapp: { size: '4MiB' } }, false],
    ['mmapp', false],
    ['nv0.bind', true],
    [{ 'nv0.create-namespace': { mode: 'fsdax' } }, true],
  ])('%j: %s', (entry, good) => {
    expect(valid(entry)).toBe(good);
  });
});
