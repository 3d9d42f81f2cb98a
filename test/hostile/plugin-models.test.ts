import { describe, expect, it } from 'vitest';
import {
  loadFolder,
  manifest,
  ModelRun,
  moduleWith,
  pluginFolder,
  toyModel,
} from '../unit/plugins/model-run.ts';

/** Runs a hostile action on one device, then a good one: the fault must be a value, and local. */
async function survives(body: string, before = '') {
  const model = await toyModel(`if (args.n === 2) { ${body} } return 'fine';`, before);
  const once = () => {
    const run = new ModelRun(model);
    const outcome = run.act('go', { n: 2 });
    return { run, outcome, hash: run.hash(), after: run.act('go', { n: 1 }) };
  };
  const first = once();
  const second = once();
  expect(second.hash).toBe(first.hash);
  expect(first.after).toBe('fine');
  return first;
}

function check(outcome: unknown): string {
  return (outcome as { check: string }).check;
}

describe('a hostile action ends its own frames with -EIO, and the next one works', () => {
  it('when it loops for ever, at the same iteration in every run', async () => {
    const { outcome, run } = await survives(
      "for (let n = 0n; ; n++) if (n % 1000n === 0n) k.write('word', n);",
    );
    expect(outcome).toMatchObject({ failed: true, errno: 'EIO' });
    expect(check(outcome)).toMatch(/^ran too long without a request: an endless loop\?/);
    expect(run.log.step(1).err?.errno).toBe('EIO');
  });

  it('when it catches what stops it', async () => {
    const { outcome } = await survives(
      'for (;;) { try { for (;;) {} } catch {} finally { k.read("word"); } }',
    );
    expect(check(outcome)).toMatch(/^ran too long/);
  });

  it('when it calls itself without end', async () => {
    const { outcome } = await survives(
      'deeper(0);',
      'function deeper(n) { return 1 + deeper(n + 1); }',
    );
    expect(check(outcome)).toMatch(/stack overflow/);
  });

  it('when native functions call it back without end', async () => {
    const { outcome } = await survives(
      'deeper();',
      'function deeper() { return [3, 1, 2].sort(() => deeper()); }',
    );
    expect(check(outcome)).toMatch(/stack overflow/);
  });

  it.each([
    'let a = []; for (let i = 0; i < 100000; i++) a = [a]; return JSON.stringify(a);',
    'let a = []; for (let i = 0; i < 100000; i++) a = [a]; return String(a);',
    "return JSON.parse('['.repeat(200000));",
  ])('when a built-in recurses without end: %s', async (body) => {
    expect(check((await survives(body)).outcome)).toMatch(/stack overflow/);
  });

  it.each([
    'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);',
    'new Array(2 ** 32 - 1).indexOf(1);',
    'new Set(Array.prototype.values.call({ length: 2 ** 53 - 1 }));',
    'const a = [1]; const all = a.values(); a.length = 2 ** 32 - 1; new Set(all);',
    'String.raw({ raw: { length: 2 ** 53 - 1 } });',
    '[].concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true });',
  ])('when a built-in would loop without end: %s', async (body) => {
    expect(check((await survives(body)).outcome)).toMatch(/ran too long|out of memory/);
  });

  it.each([
    "const s = 'x'.repeat(2 ** 22); for (;;) s.includes('y');",
    // Naive search: 2^19 places times 2^18 characters, in one call.
    "const s = 'x'.repeat(2 ** 19); s.includes('x'.repeat(2 ** 18) + 'y');",
    'const a = new Array(2 ** 18).fill(1); for (;;) a.indexOf(2);',
    'const a = new Array(2 ** 16).fill(1); for (;;) a.toString();',
    "const s = JSON.stringify(new Array(2 ** 16).fill('x')); for (;;) JSON.parse(s);",
    "for (;;) try { 'x'.repeat(2 ** 29); } catch {}",
    'const b = new Uint8Array(2 ** 22); for (;;) b.fill(1);',
    'const o = {}; for (let i = 0; i < 5000; i++) o[i] = i; for (;;) Object.keys(o);',
    'for (;;) try { Array.from({ length: 2 ** 32 }); } catch {}',
  ])('when it loops over a built-in that takes long: %s', async (body) => {
    expect(check((await survives(body)).outcome)).toMatch(/^ran too long/);
  });

  it('when it nests frames without end', async () => {
    const { outcome } = await survives(
      "yield k.fn('a', 'b.c', inner, {});",
      "function* inner(k) { yield k.fn('a', 'b.c', inner, {}); }",
    );
    expect(check(outcome)).toMatch(/frames deep/);
  });

  it('when it takes all memory', async () => {
    const { outcome } = await survives(
      'const all = []; for (;;) all.push(new Array(100000).fill(1));',
    );
    expect(check(outcome)).toMatch(/out of memory|ran too long/);
  });

  it('when it builds an enormous string', async () => {
    const { outcome } = await survives("let s = 'x'; for (;;) s += s;");
    expect(check(outcome)).toMatch(/out of memory|string too long|ran too long/i);
  });

  it.each([
    ['yield 5;', 'yielded 5 where a request such as'],
    ['yield undefined;', 'yielded undefined'],
    ['yield { service: 0, args: {} };', 'yielded an object'],
    ["yield { '#request': 'constructor', args: {} };", 'yielded an object'],
    ["yield { '#request': 99, args: {} };", 'yielded an object'],
    ["yield { '#request': -1, args: {} };", 'not a function'],
    ['yield k.fn("f", "g.c", () => 1);', 'f is not a generator function'],
    ['yield k.fn("f", "g.c", 5);', 'f is not a generator function'],
    ['yield k.nothing({});', 'k.nothing is not a service'],
  ])('when it yields rubbish: %s', async (body, message) => {
    expect(check((await survives(body)).outcome)).toContain(message);
  });

  it.each([
    ['yield k.double({ n: "one" });', 'double: n takes an integer (number)'],
    ['yield k.double({});', 'double: n is missing; it takes an integer (number)'],
    ['yield k.double({ n: 1, m: 2 });', 'double has no argument m; it takes n'],
    [
      'for (let i = 0; i < 300; i++) yield k.double({ n: 1 }); for (let i = 0; i < 16; i++) yield k.double({ n: 1, m: 2 });',
      'double has no argument m; it takes n',
    ],
    ['yield k.double(5);', 'double takes one record of arguments'],
    ['yield k.double([1]);', 'double takes one record of arguments'],
    ['yield k.double({ n: () => 1 });', 'a function cannot leave the model'],
    ['yield k.double({ n: NaN });', 'NaN cannot leave the model'],
    ['yield k.double({ n: 2n ** 70n });', 'a bigint of more than 64 bits'],
    ['const a = []; a.push(a); yield k.double({ n: a });', 'nested too deeply'],
    ['yield k.double({ n: new Array(100000).fill(1) });', 'too large to leave the model'],
    [
      'yield k.double({ get n() { k.read("word"); return 1; } });',
      'cannot be reached while a value leaves',
    ],
    ['return Symbol();', 'a symbol cannot leave the model'],
  ])('when the arguments are wrong: %s', async (body, message) => {
    expect(check((await survives(body)).outcome)).toContain(message);
  });

  it.each([
    ["k.read('bytes', 4096);", 'register bytes has no index 4096: it has 0 to 4095'],
    ["k.read('bytes', 2 ** 60);", 'register bytes has no index'],
    ["k.read('bytes', -1);", 'has no index -1'],
    ["k.read('bytes', 0.5);", 'has no index 0.5'],
    ["k.read('word', 1);", 'register word has no index 1: it has only 0'],
    ["k.read('none');", 'there is no register none'],
    ["k.write('bytes', 0, 256);", 'register bytes takes an integer from 0 to 255, not 256'],
    ["k.write('word', 2 ** 53);", 'takes a bigint from 0n to 2n ** 64n - 1n, not 9007199254740992'],
    ["k.write('word', -1n);", 'register word takes a bigint'],
    ["k.write('table', 0, new Array(600).fill(1));", 'a record of at most 512 values'],
    ["k.log('loud', 'x');", 'loud is no log level'],
    ["for (;;) k.log('info', 'x'.repeat(10000));", 'more than 1000 lines of log and notes'],
    ["for (;;) k.note('x');", 'more than 1000 lines of log and notes'],
    ["k.write('table', 0, 'x'.repeat(50000));", 'a record of at most 512 values'],
    ["yield k.fn('', 'a.c', function* () {});", 'a name and a source of 1 to 128 characters'],
    ["yield k.fn('x'.repeat(1000), 'a.c', function* () {});", 'a name and a source'],
    ["k.switch('constructor_of_worlds');", 'there is no era switch'],
    ["k.switch('__proto__');", 'there is no era switch'],
  ])('when it reaches for what is not there: %s', async (body, message) => {
    expect(check((await survives(body)).outcome)).toContain(message);
  });

  it.each([
    ["throw new Error('no');", /Error: no \(at .*toy\/index\.js:\d+/],
    ['throw null;', /^ran out of memory, or threw null/],
    ['throw { toString() { throw 1; } };', /^threw something that cannot be shown/],
    ['null.x;', /TypeError: cannot read property 'x' of null/],
  ])('when it throws: %s', async (body, message) => {
    expect(check((await survives(body)).outcome)).toMatch(message);
  });

  it.each([
    'Object.prototype.owned = 1;',
    'Array.prototype.push = () => 1;',
    'globalThis.memory = 1;',
    'k.E.EIO = 1;',
    'k.read = 1;',
    'k.device.config.speed = 9;',
    'Math.random = () => 0.5;',
    'models.toy.actions.go = 1;',
    'kept.count = 1;',
    'kept.list.push(1);',
  ])('when it changes what outlives it: %s', async (body) => {
    const { outcome } = await survives(body, 'const kept = { count: 0, list: [] };');
    expect(check(outcome)).toMatch(
      /read-only|not extensible|not defined|not writable|no setter|readonly/i,
    );
  });

  it.each([
    'Date.now()',
    "fetch('http://localhost')",
    'setTimeout(() => 1, 1)',
    'new WeakRef({})',
    "new Function('return 1')()",
    "eval('1')",
    '(() => 1).constructor("return 1")()',
    '(function* () {}).constructor("yield 1")()',
    'new RegExp("(a+)+$").test("a".repeat(50))',
    'new Proxy({}, {})',
    'Promise.resolve(1)',
    'process.exit(3)',
    "require('node:fs')",
    'performance.now()',
    'new SharedArrayBuffer(8)',
    'print(1)',
    'std.exit(1)',
    '__keep({ a: {} })',
  ])('when it tries to get out: %s', async (body) => {
    const { outcome } = await survives(`${body};`);
    expect(check(outcome)).toMatch(/not defined|not a function|not a constructor|has been loaded/);
  });
});

async function refusal(source: string, manifestText = manifest()): Promise<string[]> {
  const result = await loadFolder(pluginFolder(manifestText, source));
  if (result.ok) return [];
  return result.problems.map(({ file, line, column, message }) => {
    return `${file.split('/').pop()}:${line}:${column}: ${message}`;
  });
}

describe('a plugin that cannot be loaded gets one located message', () => {
  it('for a syntax error', async () => {
    const [first, ...more] = await refusal('const a = 1;\nexport const models = {{;\n');
    expect(first).toMatch(/^index\.js:2:\d+: /);
    expect(more).toEqual([]);
  });

  it.each(['export const models = {', 'const f = (1', 'function* go(k) {\n  return 0;\n'])(
    'for a bracket that is never closed: %s',
    async (source) => {
      const last = source.trimEnd().split('\n');
      expect(await refusal(`${source}\n\n`)).toEqual([
        `index.js:${last.length}:${(last.at(-1) ?? '').length + 1}: the module ends before a bracket is closed`,
      ]);
    },
  );

  it('for an endless loop at its top level', async () => {
    expect(await refusal('for (;;) {}')).toEqual([
      'index.js:1:1: ran too long without a request: an endless loop?',
    ]);
  });

  it('for an exception at its top level', async () => {
    expect(await refusal('const a = 1;\n\nnull.x;\n')).toEqual([
      "index.js:3:5: TypeError: cannot read property 'x' of null",
    ]);
  });

  it.each([
    [
      "import fs from 'fs';",
      "index.js:1:1: a model imports modules of its own folder, such as './labels.js', not 'fs'",
    ],
    [
      "import x from '../other/index.js';",
      "index.js:1:1: a model imports modules of its own folder, such as './labels.js', not '../other/index.js'",
    ],
    ["import x from './absent.js';", 'index.js:1:1: absent.js: the module is missing'],
    [
      "const m = import('fs');",
      "index.js:1:11: write import { name } from './file.js' at the top of the module",
    ],
    ["export { x } from './x.js';", 'index.js:1:14: import a name first, then export it'],
    [
      'let count = 0;',
      'index.js:1:1: module variables do not last: use a register, or const (let count)',
    ],
    [
      'async function f() {}',
      'index.js:1:1: a model runs in steps, not in promises: use generator functions and yield',
    ],
    [
      'const f = 1; await f;',
      'index.js:1:14: a model runs in steps, not in promises: use generator functions and yield',
    ],
    [
      'const cache = new Map();',
      'index.js:1:7: TypeError: cache could change after the module has loaded; keep state in registers',
    ],
    [
      'const { a } = { a: 1 };',
      'index.js:1:1: write one name for each const at the top level, without a pattern',
    ],
  ])('for state or ways out at the top level: %s', async (line, message) => {
    expect(await refusal(`${line}\n${moduleWith('return 0;')}`)).toEqual([message]);
  });

  it('for what its manifest promises and its module lacks', async () => {
    const actions = [{ id: 'go' }, { id: 'part', on: 'child' }, { id: 'fly' }];
    expect(
      await refusal(moduleWith('return 0;'), manifest({}, { actions, callbacks: ['probe'] })),
    ).toEqual([
      'index.js:1:1: models.toy.actions["fly"] is not a generator function',
      'index.js:1:1: models.toy.callbacks["probe"] is not a generator function',
    ]);
    expect(await refusal('export const other = 1;')).toEqual([
      'index.js:1:1: it exports no models.toy',
    ]);
  });

  it('for a module over its limit, without reading it', async () => {
    const source = moduleWith('return 0;') + ' '.repeat(1024 * 1024);
    expect((await refusal(source))[0]).toMatch(
      /^index\.js:1:1: the module has \d+ bytes; at most 1048576/,
    );
  });
});

describe('a manifest that is wrong tells every problem with its place', () => {
  it('when it is no JSON', async () => {
    expect((await refusal('', '{\n  "id": "org.example.toy",\n  "version" "1"\n}'))[0]).toMatch(
      /^pfnlab-plugin\.json:[23]:\d+: this is not JSON: /,
    );
    expect((await refusal('', 'id: org.example.toy\n'))[0]).toMatch(
      /^pfnlab-plugin\.json:1:1: this is not JSON/,
    );
    expect((await refusal('', ''))[0]).toMatch(/^pfnlab-plugin\.json:1:1: /);
  });

  it('for unknown keys, wrong types and missing keys, all at once', async () => {
    const text =
      '{\n  "id": "Toy",\n  "version": 1,\n  "apiVersion": 2,\n  "colour": "red",\n  "title": "t",\n  "licence": "MIT",\n  "main": "../index.js"\n}';
    const problems = await refusal('', text);
    expect(problems.map((problem) => problem.replace(/^pfnlab-plugin\.json:/, ''))).toEqual([
      '1:1: `models` is missing in the manifest; expected a list',
      '2:9: id is "Toy"; expected a reverse-DNS id such as org.example.nvdimm',
      '3:14: version is 1; expected text',
      '4:17: apiVersion is 2; expected 1',
      expect.stringMatching(/^5:3: unknown key `colour` in the manifest; expected one of .*title/),
      expect.stringMatching(/^8:11: main is "..\/index.js"; expected the name of a /),
    ]);
  });

  it('for too many registers, and for a manifest over its limit', async () => {
    const registers = Array.from({ length: 4097 }, (_, at) => ({ id: `r${at}`, type: 'u8' }));
    const text = JSON.stringify(JSON.parse(manifest({}, { registers })));
    expect((await refusal('', text))[0]).toMatch(
      /the manifest has \d+ bytes; at most 65536 are read/,
    );
    const regions = Array.from(
      { length: 1025 },
      (_, at) => `{"id":"r${at}","kind":"bar","size":1}`,
    );
    const many = JSON.stringify(JSON.parse(manifest({}, { regions: 0 }))).replace(
      '"regions":0',
      `"regions":[${regions.join()}]`,
    );
    expect((await refusal('', many))[0]).toMatch(/models\[0\]\.regions .*at most 1024 entries/);
  });

  it('for names that stand twice and views of nothing', async () => {
    const model = {
      registers: [
        { id: 'a', type: 'u8' },
        { id: 'a', type: 'u8' },
      ],
      views: [{ kind: 'table', rows: 'b', fields: [] }],
    };
    const problems = await refusal(moduleWith('return 0;'), manifest({}, model));
    expect(problems).toEqual([
      expect.stringContaining('register `a` is declared twice'),
      expect.stringContaining('there is no register `b` to show'),
    ]);
  });

  it('for a folder without one', async () => {
    const result = await loadFolder('/nonexistent/plugin');
    expect(result).toMatchObject({ ok: false, problems: [{ message: 'the manifest is missing' }] });
  });
});
