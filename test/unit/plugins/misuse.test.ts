import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callAt, callsNotYielded } from '../../../src/main/plugins/calls.ts';
import { argumentReader } from '../../../src/shared/plugins/arguments.ts';
import { ModelRun, toyModel } from './model-run.ts';

async function checkOf(body: string, before = '') {
  const outcome = new ModelRun(await toyModel(body, before)).act();
  return (outcome as { check?: string }).check;
}

describe('a service that was called and not yielded', () => {
  it.each([
    ['k.double({ n: 1 }); return 0;', '5:33'],
    ['const twice = k.double({ n: 1 }); return twice;', '5:47'],
    ['return k.double({ n: 1 });', '5:40'],
    ['k.double({ n: 1 }); yield k.double({ n: 2 });', '5:33'],
    ['if (k.double({ n: 1 }) < 0) return 1; yield k.fn("a", "b.c", function* () {});', '5:37'],
  ])('is an error with its place: %s', async (body, place) => {
    expect(await checkOf(body)).toBe(
      `k.double() was called and not yielded: write yield k.double({ ... }) (toy/index.js:${place})`,
    );
  });

  it('is none where a helper makes the request that is yielded', async () => {
    const before = 'const twice = (k, n) => k.double({ n });';
    expect(await checkOf('return yield twice(k, 2);', before)).toBeUndefined();
  });
});

describe('a number where a u64 is meant', () => {
  it('is taken when it is exact', async () => {
    const run = new ModelRun(await toyModel("k.write('word', args.n); return k.read('word');"));
    expect(run.act('go', { n: 5 })).toBe(5n);
    expect(run.register('toy0/word')).toBe(5n);
    // Seven is its reset value: no record.
    expect(run.act('go', { n: 7 })).toBe(7n);
    expect(run.register('toy0/word')).toBeUndefined();
  });

  it('is taken among the arguments of a service, however deep', () => {
    const schema = z.strictObject({
      start: z.bigint(),
      ranges: z.array(z.strictObject({ at: z.bigint(), n: z.int() })),
    });
    const read = argumentReader('ask', schema);
    expect(read({ start: 4096, ranges: [{ at: 1, n: 1 }] })).toEqual({
      start: 4096n,
      ranges: [{ at: 1n, n: 1 }],
    });
    expect(read({ start: 0.5, ranges: [] })).toMatch(/^ask: start takes/);
    expect(read({ start: 1n, ranges: [{ at: -1, n: 1 }] })).toMatch(/^ask: ranges\[0\]\.at takes/);
  });

  it.each(['2 ** 53', '-1', '0.5'])('is refused when it is not: %s', async (value) => {
    expect(await checkOf(`k.write('word', ${value}); return 0;`)).toContain('register word takes');
  });
});

describe('what is no function', () => {
  it('is named, and the service that may have been meant', async () => {
    expect(await checkOf('yield k.doubel({ n: 1 });')).toBe(
      'TypeError: k.doubel is not a service; did you mean k.double? (at go (toy/index.js:5:47))',
    );
    expect(await checkOf('yield k.nothing({ n: 1 });')).toMatch(
      /^TypeError: k\.nothing is not a service \(/,
    );
    expect(await checkOf('return args.size.none();')).toMatch(/^TypeError: /);
    expect(await checkOf('const o = {}; return o.none();')).toMatch(
      /^TypeError: o\.none is not a function \(/,
    );
  });
});

describe('callAt', () => {
  it('finds the innermost call whose name stands there', () => {
    expect(callAt('a.b(c.d(1));', 1, 5)).toEqual({ object: 'c', name: 'd', line: 1, column: 5 });
    expect(callAt('a.b(c.d(1));', 1, 2)).toEqual({ object: 'a', name: 'b', line: 1, column: 1 });
    expect(callAt('a.b(', 1, 2)).toBeUndefined();
  });
});

describe('callsNotYielded', () => {
  it('leaves out what is yielded, and what is returned where there are others', () => {
    const source = 'function* f(k) {\n  yield k.a();\n  k.a();\n  return k.a();\n}';
    expect(callsNotYielded(source, 'a')).toEqual([{ object: 'k', name: 'a', line: 3, column: 3 }]);
    expect(callsNotYielded('const f = (k) => k.a();', 'a')).toHaveLength(1);
  });
});
