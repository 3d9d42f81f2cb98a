import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import { ModelRun, toyModel } from '../unit/plugins/model-run.ts';

/** JavaScript texts of plain values that may cross, and what they are outside. */
const plain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'plain' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '"', '\\', '\n', '\u202e') }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'toString', 'length', '#request', ''), tie('value')),
  ),
})).value;

/** Texts of what no value that crosses may be, or what tries to be two things. */
const ODD = [
  ...['NaN', 'Infinity', '-0', 'undefined', '2n ** 64n', '-(2n ** 64n)', 'Symbol("x")', '() => 1'],
  ...[
    'new Map()',
    'new Uint8Array(8)',
    'new ArrayBuffer(8)',
    'new Error("x")',
    'k',
    'args',
    'models',
  ],
  ...['function* () {}', '(function* () {})()', 'Math', 'Object.create(null)', '[, 1]', 'k.read'],
  ...['{ get n() { throw 1; } }', '{ get n() { return k.read("word"); } }', '{ toString: null }'],
  ...['new Array(1e6)', 'new Array(70000).fill(1)', '"x".repeat(1e6)', '{ ["x".repeat(1e5)]: 1 }'],
  ...[
    '(() => { const a = []; a.push(a); return a; })()',
    '(() => { const o = {}; o.o = o; return o; })()',
  ],
  ...[
    '{ "#request": 0, args: {} }',
    '{ "#request": 1e9 }',
    '{ "#request": -1 }',
    '{ "#request": NaN }',
  ],
  ...[
    '{ "#request": "0" }',
    '{ "#request": 0 }',
    '{ done: true }',
    '{ next() {} }',
    '{ then() {} }',
  ],
  ...[
    'k.double({ n: 1 })',
    'k.double()',
    'k.double(5)',
    'k.double({ n: 13 })',
    'k.fn("a", "b.c", 5, {})',
  ],
  ...['k.fn("a", "b.c", function* () { return 1; }, 5)', 'k.fn("", "", function* () {})', 'k.fn()'],
  ...[
    'JSON.parse(\'{"__proto__":{"n":1}}\')',
    '{ __proto__: [] }',
    '[{ n: [[[[[[[[[[[[[[1]]]]]]]]]]]]]] }]',
  ],
];

/** What a model may do with a value. */
const USES = [
  (value: string) => `return ${value};`,
  (value: string) => `yield ${value}; return 0;`,
  (value: string) => `yield k.double(${value}); return 0;`,
  (value: string) => `yield k.double({ n: ${value} }); return 0;`,
  (value: string) => `yield k.fn('a', 'b.c', function* () { return ${value}; }, {}); return 0;`,
  (value: string) =>
    `yield k.fn('a', 'b.c', function* () { return 0; }, { of: ${value} }); return 0;`,
  (value: string) => `k.write('table', 0, ${value}); return 0;`,
  (value: string) => `k.write(${value}, 0, 1); return 0;`,
  (value: string) => `k.note(${value}); k.log('info', ${value}); return 0;`,
  (value: string) => `throw ${value};`,
  (value: string) => `return k.fail(${value}, ${value});`,
];

function textOf(value: unknown): string {
  if (typeof value === 'bigint') return `(${value}n)`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, item]) => `[${JSON.stringify(name)}]: ${textOf(item)}`,
  );
  return `({ ${fields.join(', ')} })`;
}

const bodyOf = (value: string) => `if (args.n === 2) { ${value} } return 'fine';`;

/** Runs the action, then a good one, on a new device. */
function outcomes(model: HardwareModel) {
  const run = new ModelRun(model);
  return { odd: run.act('go', { n: 2 }), good: run.act('go', { n: 1 }), hash: run.hash() };
}

describe('a value that a model returns', () => {
  it('is outside what it was inside', async () => {
    await fc.assert(
      fc.asyncProperty(plain, async (value) => {
        const run = new ModelRun(await toyModel(`return { value: ${textOf(value)} };`));
        expect(run.act()).toEqual({ value });
      }),
      { numRuns: 40 },
    );
  });
});

describe('whatever a model yields, returns, writes or throws', () => {
  it('comes to a value or an error of its own call, the same in every run, and the next works', async () => {
    const value = fc.oneof(fc.constantFrom(...ODD), plain.map(textOf));
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom(...USES), async (text, use) => {
        const model = await toyModel(bodyOf(use(text)));
        const first = outcomes(model);
        expect(first.good).toBe('fine');
        expect(outcomes(model)).toEqual(first);
        const { odd } = first;
        if (typeof odd !== 'object' || odd === null || !('failed' in odd)) return;
        expect(odd).toMatchObject({ errno: expect.any(String), check: expect.any(String) });
        expect((odd as unknown as { check: string }).check.length).toBeLessThan(2600);
      }),
      { numRuns: 60 },
    );
  });
});
