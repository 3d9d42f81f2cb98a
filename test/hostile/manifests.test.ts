import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldReader } from '../../src/main/plugins/fields.ts';
import { readManifest } from '../../src/main/plugins/manifest.ts';
import { resetValue, wantedOf } from '../../src/shared/plugins/register-value.ts';
import { manifest } from '../unit/plugins/model-run.ts';

/** A manifest in which each rule about values is kept, so that one change can break any of them. */
const WHOLE = manifest(
  {},
  {
    regions: [{ id: 'bar', kind: 'bar', size: 4096, align: 4096 }],
    views: [{ kind: 'table', rows: 'table', fields: [{ id: 'a', format: 'hex' }] }],
    callbacks: ['probe'],
    config: {
      required: ['speed'],
      properties: {
        speed: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
        label: { type: 'string', format: 'size', default: '1GiB' },
        mode: { type: 'string', enum: ['raw', 'dax'], default: 'dax' },
        list: { type: 'array', items: { required: ['a'], properties: { a: { type: 'boolean' } } } },
      },
    },
  },
);

type Json = fc.JsonValue;

/** Paths of all values in it. */
function paths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key]))];
}

/** The same value with another at one place; undefined takes it out. */
function changed(value: unknown, path: readonly string[], to: Json | undefined): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to;
  if (Array.isArray(value)) {
    return value.flatMap((inner, at) =>
      String(at) === key ? [changed(inner, rest, to)] : [inner],
    );
  }
  const fields = Object.entries(Object(value)).map(([name, inner]) => [
    name,
    name === key ? changed(inner, rest, to) : inner,
  ]);
  return Object.fromEntries(fields);
}

/** Values that have broken readers: at the ends of number types, names of everybody's, long texts. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<Json>(1.5, -1, 2 ** 53, 1e308, -0, '', '__proto__', 'constructor', '\u001b[2J'),
  fc.constantFrom<Json>([], {}, [null], { __proto__: 1 }, 'x'.repeat(5000)),
);
const parsed: unknown = JSON.parse(WHOLE);
const placed = fc
  .tuple(fc.constantFrom(...paths(parsed)), fc.option(odd, { nil: undefined }))
  .map(([path, to]) => JSON.stringify(changed(parsed, path, to), null, 1) ?? '');
const spliced = fc
  .tuple(fc.nat(WHOLE.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 10 }))
  .map(([at, cut, text]) => WHOLE.slice(0, at) + text + WHOLE.slice(at + cut));

describe('readManifest', () => {
  it('takes what is whole', () => {
    expect(readManifest(WHOLE, 'm')).toMatchObject({ ok: true });
  });

  it.each([
    ['u64', 1.5, 'an integer from 0 to 9007199254740991'],
    ['u64', 1e308, 'an integer from 0 to 9007199254740991'],
    ['u64', '9', 'an integer from 0 to 9007199254740991'],
    ['u8', 300, 'an integer from 0 to 255'],
    ['flag', 1, 'true or false'],
  ])('a reset value of %s that is %j is told at its place', (type, reset, wanted) => {
    const text = manifest({}, { registers: [{ id: 'a', type, reset }] });
    const given = typeof reset === 'string' ? `"${reset}"` : String(reset);
    const lines = text.split('\n');
    const line = lines.findIndex((one) => one.includes('"reset"')) + 1;
    const column = (lines[line - 1] ?? '').indexOf(': ') + 3;
    const message = `models[0].registers[0].reset is ${given}; expected ${wanted}`;
    expect(readManifest(text, 'm')).toEqual({
      ok: false,
      problems: [{ file: 'm', line, column, code: 'value', message }],
    });
  });

  it('tells several mistakes at once, each at its place', () => {
    const text = manifest(
      { colour: 1 },
      {
        config: {
          required: ['missing'],
          properties: {
            a: { type: 'integer', minimum: 3, maximum: 1 },
            b: { type: 'string', default: 1 },
          },
        },
        registers: [{ id: 'a', typ: 'u8' }],
      },
    );
    const read = readManifest(text, 'm');
    expect(read.ok ? [] : read.problems.map(({ message }) => message)).toEqual([
      'models[0].config.required[0] is "missing"; expected the name of one of its properties',
      'models[0].config.properties.a.maximum is 1; expected at least the minimum, 3',
      'models[0].config.properties.b.default is 1; expected text',
      expect.stringContaining('`type` is missing in models[0].registers[0]; expected one of bytes'),
      'unknown key `typ` in models[0].registers[0]; did you mean `type`?',
      expect.stringContaining('unknown key `colour` in the manifest'),
    ]);
  });

  it.each([
    ['one value is another', placed],
    ['the text is another', spliced],
  ])('never throws, and places every problem in the text, where %s', (_what, texts) => {
    const property = fc.property(texts, (text) => {
      const read = readManifest(text, 'm');
      if (read.ok) {
        for (const { config, actions, registers } of read.manifest.models) {
          for (const fields of [config, ...actions.map(({ args }) => args)]) {
            fieldReader(fields)({});
          }
          // Nobody who makes a register of it meets a value that it cannot hold.
          for (const { type, reset } of registers) {
            expect(wantedOf(type, resetValue(type, reset))).toBeUndefined();
          }
        }
        return;
      }
      expect(read.problems.length).toBeGreaterThan(0);
      const lines = text.split('\n');
      for (const { line, column } of read.problems) {
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
