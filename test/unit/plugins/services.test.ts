// Walks the declarations of the plugin services: what is declared is checked, typed and bound.
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { serviceTypes } from '../../../src/shared/plugins/service-types.ts';
import { resolveVersion } from '../../../src/main/engine/core/era/version.ts';
import { DRIVER_SERVICES } from '../../../src/main/engine/lab/machine/driver-services.ts';
import { SUBJECTS } from '../../../src/shared/plugins/services/services.ts';
import type { ServiceDeclaration } from '../../../src/shared/plugins/declaration.ts';
import type { Args, Value } from '../../../src/shared/world/value.ts';

const DEVICE = { id: 'dev0', model: 'toy', node: 0, range: null, config: {}, index: 0 };

const DECLARED = SUBJECTS.flatMap(({ services }) =>
  Object.entries<ServiceDeclaration>(services).map(([name, service]) => ({ name, service })),
);

function refusal(name: string, args: Value): unknown {
  return DRIVER_SERVICES.get(name)?.request(args, DEVICE);
}

/** The schema of a value, without what makes it optional. */
function inner(schema: z.core.$ZodType): z.core.$ZodType {
  const wraps =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly;
  return wraps ? inner(schema.unwrap()) : schema;
}

/** A value that fits a schema; `grows` makes the ends of runs lie behind their beginnings. */
function sample(schema: z.core.$ZodType, grows: number): Value {
  const kind = inner(schema);
  if (kind instanceof z.ZodNumber) return Math.max(kind.minValue ?? 0, 0) + grows;
  if (kind instanceof z.ZodBigInt) return (kind.minValue ?? 0n) + BigInt(grows);
  if (kind instanceof z.ZodString) return 'text';
  if (kind instanceof z.ZodBoolean) return true;
  if (kind instanceof z.ZodEnum) return kind.options[0] ?? '';
  if (kind instanceof z.ZodArray) return [sample(kind.element, grows)];
  if (kind instanceof z.ZodObject) return fields(kind);
  throw new Error(`no sample of ${kind._zod.def.type}`);
}

/** Arguments that do not go well with just any other: a BAR's number, a page order. */
const FIXED = new Set(['bar', 'order']);

function fields(schema: z.ZodObject): Record<string, Value> {
  const names = Object.keys(schema.shape);
  return Object.fromEntries(
    names.map((name, at) => [name, sample(schema.shape[name], FIXED.has(name) ? 0 : at)]),
  );
}

/** Values of other kinds, and the path at which a wrong part stands. */
function wrong(schema: z.core.$ZodType): { value: Value; at: string }[] {
  const kind = inner(schema);
  if (kind instanceof z.ZodNumber) {
    const least = kind.minValue ?? Number.MIN_SAFE_INTEGER;
    const below = least > Number.MIN_SAFE_INTEGER ? [{ value: least - 1, at: '' }] : [];
    return [{ value: 'x', at: '' }, { value: 1n, at: '' }, { value: 0.5, at: '' }, ...below];
  }
  if (kind instanceof z.ZodBigInt) {
    // A number is taken where it is exactly a u64.
    return [0.5, -1, 2 ** 53, 'x', -1n, 2n ** 64n].map((value) => ({ value, at: '' }));
  }
  if (kind instanceof z.ZodArray) {
    const inside = wrong(kind.element).map(({ value, at }) => ({ value: [value], at: `[0]${at}` }));
    return [{ value: {}, at: '' }, ...inside];
  }
  if (kind instanceof z.ZodObject) {
    const whole = fields(kind);
    const inside = Object.entries(kind.shape).flatMap(([name, field]) =>
      wrong(field).map(({ value, at }) => ({
        value: { ...whole, [name]: value },
        at: `.${name}${at}`,
      })),
    );
    return [{ value: [], at: '' }, { value: 'x', at: '' }, ...inside];
  }
  return [7, []].map((value) => ({ value, at: '' }));
}

describe('every service of the plugin API', () => {
  test('is bound once, and nothing else is', () => {
    const names = DECLARED.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...DRIVER_SERVICES.keys()].sort()).toEqual([...names].sort());
  });

  test('stands in the public types', () => {
    const all = [...serviceTypes()].map(([, text]) => text).join('\n');
    for (const { name } of DECLARED) expect(all).toContain(`${name}(args: `);
  });

  it.each(DECLARED)('$name says what it is, and cites the function it stands for', (declared) => {
    const { name, service } = declared;
    const { title, description, since, until, args, fails } = service;
    for (const text of [title, description, ...Object.values(fails)]) {
      expect(text).toMatch(/^\S.*\S$/);
    }
    for (const release of [since, until]) {
      if (release !== undefined) expect(resolveVersion(release)).not.toHaveProperty('problem');
    }
    for (const [argument, field] of Object.entries(args.shape)) {
      expect(z.globalRegistry.get(field)?.description, argument).toMatch(/^\S.*\S$/);
    }
    const source = DRIVER_SERVICES.get(name)?.source ?? '';
    expect(source).toMatch(/^[\w./-]+\.(c|h|d\.ts):\w+/);
    // What no kernel has stands in the public types themselves.
    const [, file, cited] = /^plugins\/services\/(.*):(\w+)/.exec(source) ?? [];
    if (source.startsWith('plugins/'))
      expect(serviceTypes().get(file ?? '')).toContain(`${cited}(args: `);
  });

  it.each(DECLARED)('$name takes what it declares', ({ name, service }) => {
    expect(typeof refusal(name, fields(service.args))).toBe('object');
  });

  it.each(DECLARED)('$name refuses what it does not', ({ name, service }) => {
    const good: Args = fields(service.args);
    for (const [argument, field] of Object.entries(service.args.shape)) {
      for (const { value, at } of wrong(field)) {
        expect(refusal(name, { ...good, [argument]: value })).toContain(
          `${name}: ${argument}${at}`,
        );
      }
      const { [argument]: _, ...others } = good;
      const missing = `${name}: ${argument} is missing`;
      if (inner(field) === field || field instanceof z.ZodReadonly) {
        expect(refusal(name, others)).toContain(missing);
      } else expect(String(refusal(name, others))).not.toContain(missing);
    }
    expect(refusal(name, { ...good, nonsense: 1 })).toContain(`${name} has no argument nonsense`);
    expect(refusal(name, { ...good, toString: 1 })).toContain(`${name} has no argument toString`);
    expect(refusal(name, [])).toBe(`${name} takes one record of arguments`);
  });
});
