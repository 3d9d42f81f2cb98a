import { describe, expect, it } from 'vitest';
import { scanSource } from '../../src/main/plugins/source-scan.ts';
import { doubtIn } from '../../src/main/plugins/stateless.ts';
import type { KernelFunction } from '../../src/main/engine/core/world/operation.ts';
import { resolveDeviceOp } from '../../src/main/engine/kernel/device/operations.ts';
import { moduleWith, ModelRun, toyModel } from '../unit/plugins/model-run.ts';

/** Ways to keep a number from one call to the next where no register shows it. */
const TRICKS: readonly (readonly [name: string, before: string, body: string])[] = [
  ['a variable of a closure', 'const box = (() => { let n = 0; return () => ++n; })();', 'box()'],
  ['a default value', 'const box = ((n = 0) => () => ++n)();', 'box()'],
  [
    'a generator',
    'const box = (function* () { for (let n = 1; ; n++) yield n; })();',
    'box.next().value',
  ],
  ['an iterator', 'const box = [1, 2, 3].values();', 'box.next().value'],
  [
    'a private static field',
    'class Box { static #n = 0; static up() { return ++Box.#n; } }',
    'Box.up()',
  ],
  [
    'a private name on what is frozen',
    `class Base { constructor(o) { return o; } }
     class Box extends Base {
       #n = 1;
       static up(o) { if (#n in o) return ++o.#n; new Box(o); return 1; }
     }`,
    'Box.up(Box)',
  ],
  [
    'a map in a closure',
    'const box = (() => { const m = new Map(); return () => m.set(m.size, 1).size; })();',
    'box()',
  ],
  [
    'a weak map by what is frozen',
    'const box = (() => { const m = new WeakMap(); return (o) => { m.set(o, (m.get(o) ?? 0) + 1); return m.get(o); }; })();',
    'box(Math)',
  ],
  ['bytes in a closure', 'const box = ((b) => () => ++b[0])(new Uint8Array(1));', 'box()'],
  [
    'what a function is bound to',
    'const box = (function () { return ++this.n; }).bind({ n: 0 });',
    'box()',
  ],
  ['a function bound anew', 'function box() { box = () => 2; return 1; }', 'box()'],
  [
    'a class bound anew',
    'class Box { static n = 1; }',
    '(() => { const { n } = Box; Box = { n: n + 1 }; return n; })()',
  ],
  ['a name in the head of a loop', 'for (var box = 0; box < 1; box++);', '++box'],
  [
    'an accessor',
    'const o = { get up() { let n = 0; return () => ++n; } }; const box = o.up;',
    'box()',
  ],
  [
    'a conversion while the module loads',
    'const box = {}; const o = { valueOf() { let n = 0; box.up = () => ++n; return 1; } }; const one = o + 1;',
    'box.up()',
  ],
  [
    'an iteration while the module loads',
    'const box = {}; const o = { *[Symbol.iterator]() { let n = 0; box.up = () => ++n; } }; const list = [...o];',
    'box.up()',
  ],
  ['a static block', 'class Box { static { let n = 0; this.up = () => ++n; } }', 'Box.up()'],
];

const call = (expression: string) =>
  `return String((() => { try { return ${expression}; } catch (e) { return e.name; } })());`;

describe('nothing that a call leaves outside registers is seen by the next', () => {
  it.each(TRICKS)('%s', async (_name, before, expression) => {
    const run = new ModelRun(await toyModel(call(expression), before));
    const first = run.act();
    expect(run.act()).toBe(first);
    expect(run.act()).toBe(first);
  });

  it('when a name of the module is like that of what freezes it', async () => {
    const before = 'const store = [0]; const __keep = () => 1; function keep() {}';
    const run = new ModelRun(await toyModel(call('++store[0]'), before));
    expect(run.act()).toBe('TypeError');
  });

  it('how many random numbers it drew', async () => {
    const body = 'for (let i = 1; i < args.n; i++) Math.random(); return Math.random();';
    const model = await toyModel(body);
    const afterOne = new ModelRun(model);
    const afterMany = new ModelRun(model);
    afterOne.act('go', { n: 1 });
    afterMany.act('go', { n: 100 });
    expect(afterOne.act('go', { n: 1 })).toBe(afterMany.act('go', { n: 1 }));
  });

  it('while both are under way', async () => {
    const before = 'const box = (() => { let n = 0; return () => ++n; })();';
    const body = 'const first = box(); yield k.double({ n: 1 }); return first * 10 + box();';
    const run = new ModelRun(await toyModel(body, before));
    const outcomes: unknown[] = [];
    for (const actor of ['a', 'b']) {
      const found = resolveDeviceOp({ target: 'toy0', op: 'go', args: {} }, run.opened.devices);
      if (!found.ok) throw new Error(found.message);
      const fn = found.fn as unknown as KernelFunction<never, unknown>;
      const done = (result: unknown) => outcomes.push(result);
      run.driver.add({ actor, fn, params: found.params, done });
    }
    for (const actor of ['a', 'b', 'a', 'b']) run.driver.advance(actor);
    run.driver.runToEnd();
    expect(outcomes).toEqual([12, 12]);
  });
});

describe('doubtIn', () => {
  const doubt = (before: string, body: string) => {
    const source = moduleWith(call(body), before);
    return doubtIn({ source, bindings: scanSource(source).bindings });
  };

  it.each(TRICKS)('finds %s', (_name, before, expression) => {
    expect(doubt(before, expression)).toMatchObject({ message: expect.any(String) });
  });

  it.each([
    'const A = 1n << 12n; const B = A * 2n + BigInt(7); const C = Math.max(1, 2);',
    "const KINDS = { a: 'x', b: [1, 2, ...[3]] }; const LIST = [KINDS.a]; const N = LIST.length + 1;",
    'const f = (x) => x; function* g() { let n = 0; n += 1; yield n; } class C { n = 0; up() { this.n += 1; } }',
    'const FROZEN = Object.freeze({ a: 1 }); const NAMES = Object.keys(FROZEN); const T = `a${1}`;',
  ])('finds nothing in %s', (before) => {
    expect(doubt(before, '1')).toBeUndefined();
  });

  it('tells the place of the first thing', () => {
    expect(doubt('const a = 1;\nconst box = make();', '1')).toEqual({
      line: 2,
      column: 13,
      message: 'it runs a function while the module loads',
    });
  });
});
