import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { labFiles } from '../../../src/main/bench/session/shipped-labs.ts';
import { vocabulary } from '../../../src/main/bench/inspect/vocabulary.ts';
import { EXPECTATIONS } from '../../../src/shared/lab/expectations/expectations.ts';
import { fieldViews } from '../../../src/shared/lab/fields.ts';
import { OPERATION_NAMES, OPERATIONS } from '../../../src/shared/lab/operations/operations.ts';
import { labJsonSchema, labJsonSchemaText } from '../../../src/shared/lab/json-schema.ts';

const LABS = new URL('../../../labs/', import.meta.url);
const labs = labFiles(fileURLToPath(LABS));
const read = (name: string) => readFileSync(new URL(name, LABS), 'utf8');

const words = vocabulary(fileURLToPath(new URL('../../../', import.meta.url)));

/** Editors check with a JSON Schema validator; this is an independent one. */
const validate = new Ajv({ strict: false, allErrors: true }).compile(labJsonSchema(words));

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
  const text = labJsonSchemaText(words);
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
    [{ 'nv0.ns0.mount': { fs: 'ext4', at: '/mnt' } }, true],
    [{ actor: 'admin', do: 'nv0.create-namespace', mode: 'fsdax' }, true],
    [{ 'other0.create-namespace': { colour: 'of a third party' } }, true],
    [{ 'nv0.create-namespace': { mode: 'fsdax' } }, true],
  ])('%j: %s', (entry, good) => {
    expect(valid(entry)).toBe(good);
  });
});

type Json = { readonly [key: string]: unknown };

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every property there is in a schema: where it stands, and all that is said of it. */
function propertiesOf(schema: Json) {
  const definitions = isJson(schema['definitions']) ? schema['definitions'] : {};
  const meaning = (one: unknown): unknown => {
    if (!isJson(one)) return undefined;
    if (one['description'] !== undefined) return one['description'];
    const [inner] = Array.isArray(one['allOf']) ? (one['allOf'] as unknown[]) : [];
    const name = typeof one['$ref'] === 'string' ? one['$ref'].replace('#/definitions/', '') : '';
    return meaning(inner ?? definitions[name]);
  };
  const found: { at: string; meaning: unknown }[] = [];
  const walk = (value: unknown, at: string): void => {
    if (Array.isArray(value)) value.forEach((one, index) => walk(one, `${at}/${index}`));
    if (!isJson(value)) return;
    for (const [key, one] of Object.entries(value)) {
      const keys = key === 'properties' || key === 'patternProperties';
      if (keys && isJson(one) && !at.endsWith('/if')) {
        for (const [name, property] of Object.entries(one)) {
          found.push({ at: `${at}/${name}`, meaning: meaning(property) });
        }
      }
      walk(one, `${at}/${key}`);
    }
  };
  walk(schema, '');
  return found;
}

describe('labJsonSchema', () => {
  const LAB = { pfnlab: 1, kernel: { version: '6.12' }, machine: { memory: [] } };
  const all = propertiesOf(labJsonSchema(words));

  it('says what every key means', () => {
    const silent = all.filter(({ meaning }) => typeof meaning !== 'string' || meaning === '');
    expect(silent.map(({ at }) => at)).toEqual([]);
    expect(all.length).toBeGreaterThan(500);
  });

  it.each([
    ['model', words.models.map(({ title }) => title)],
    ['action', words.models.flatMap(({ actions }) => actions.map(({ title }) => title))],
    ['switch', words.switches.map(({ title }) => title)],
    ['Kconfig name', Object.values(words.symbols)],
    ['kernel parameter', Object.values(words.parameters)],
  ])('tells of every %s', (_what, titles) => {
    const text = JSON.stringify(labJsonSchema(words));
    expect(titles.filter((title) => !text.includes(JSON.stringify(title).slice(1, -1)))).toEqual(
      [],
    );
    expect(titles.length).toBeGreaterThan(8);
  });

  it.each<[string, object, boolean]>([
    ['a device of another model', { devices: [{ id: 'x', model: 'third-party', sise: 1 }] }, true],
    [
      'a device that ships',
      { devices: [{ id: 'x', model: 'nvdimm', label_size: '128KiB' }] },
      true,
    ],
    ['a misspelt key of it', { devices: [{ id: 'x', model: 'nvdimm', label_sise: 1 }] }, false],
    ['a wrong value of it', { devices: [{ id: 'x', model: 'nvdimm', locked: 'maybe' }] }, false],
    ['a switch', { kernel: { version: '6.12', switches: { subsection_hotplug: true } } }, true],
    ['no switch', { kernel: { version: '6.12', switches: { subsection_hotplugg: 1 } } }, false],
    ['another value', { kernel: { version: '6.12', switches: { subsection_hotplug: 7 } } }, false],
  ])('%s', (_what, part, good) => {
    expect(validate({ ...LAB, ...part })).toBe(good);
  });
});
