/** What a hostile action does, and what it must come to. */
export interface Attack {
  /** Body of the action `go`, called with `k` and `args`. */
  readonly body: string;
  /** What stands at the module's top level. */
  readonly before?: string;
  /** Where the message says it happened. */
  readonly at?: string;
}

const SPENT = 'ran too long without a request: an endless loop? (go of toy/index.js)';
const LARGE = 'RangeError: the value is too large to leave the model';

/** Built-ins and operators that work long without one turn of the model's own loops. */
export const LONG_BUILT_INS = [
  'const a = (1n << 500000n) - 1n; for (;;) a * a;',
  'const a = (1n << 900000n) - 1n, b = (1n << 450000n) - 3n; for (;;) a / b;',
  'for (;;) 3n ** 200000n;',
  'return (3n ** 600000n).toString().length;',
  'const a = (1n << 900000n) - 1n; for (;;) String(a);',
  "const s = '9'.repeat(300000); for (;;) BigInt(s);",
  "const s = '9'.repeat(1000000); for (;;) parseFloat(s);",
  'for (;;) { (1e20).toFixed(100); (5e-324).toPrecision(100); }',
  "const a = 'x'.repeat(2e6) + 'a', b = 'x'.repeat(2e6) + 'b'; for (;;) { a === b; a < b; }",
  "const s = 'x'.repeat(2e6); for (let i = 0; ; i++) s + i;",
  "const s = 'x'.repeat(2e6); for (let i = 0; ; i++) `${s}${i}`;",
  "const s = 'ab'.repeat(200000); for (;;) s.split('a');",
  "const s = 'x'.repeat(100000); for (;;) s.toUpperCase();",
  "const s = 'é'.repeat(500000); for (;;) try { encodeURIComponent(s); } catch {}",
  "const s = 'é'.repeat(300000); for (;;) escape(s);",
  'const a = new Array(300000).fill(1); for (;;) [...a];',
  'const a = new Array(300000).fill(1); for (;;) Math.max.apply(null, a.slice(0, 60000));',
  'const a = new Array(900000).fill(1); for (;;) a.lastIndexOf(2);',
  "const a = [new Array(100000).fill('xxxxxxxx')]; for (;;) a.join();",
  'const a = []; for (;;) { a.length = 1000000; a[999999] = 1; a.length = 0; }',
  'const a = new Array(300000).fill(0).map((_, i) => i); for (;;) new Set(a);',
  'const m = new Map(); for (let i = 0; i < 100000; i++) m.set(i, i); for (;;) m.forEach(Math.abs);',
  'const o = {}; for (let i = 0; i < 30000; i++) o[i + "k"] = i; for (;;) ({ ...o });',
  'const o = {}; for (let i = 0; i < 30000; i++) o[i + "k"] = i; for (;;) Reflect.ownKeys(o);',
  'let o = {}; for (let i = 0; i < 20000; i++) o = Object.create(o); for (;;) o.none;',
  'let o = {}; for (let i = 0; i < 20000; i++) o = Object.create(o); for (;;) o instanceof Map;',
  "const s = '[' + '1,'.repeat(60000) + '1]'; for (;;) JSON.parse(s);",
  'const o = new Array(60000).fill({ a: 1 }); for (;;) JSON.stringify(o);',
  'const a = new Uint8Array(6e6); for (;;) a.set(a);',
  'const a = new Uint8Array(6e6); for (;;) new Uint8Array(a);',
  'const a = new Uint8Array(1e6); for (;;) new Float64Array(a);',
  'const a = new ArrayBuffer(6e6); for (;;) a.slice(0);',
  'for (;;) new ArrayBuffer(12e6);',
  'const a = new Array(200000).fill(0).map(Math.random); for (;;) a.slice().sort();',
  'new Array(2e5).fill(1).sort((x, y) => { for (let i = 0; i < 1000; i++); return x - y; });',
];

/** Loops of the model's own. */
const OWN_LOOPS = [
  'for (;;);',
  'for (;;) { try { for (;;); } catch {} }',
  'try { return 1; } finally { for (;;); }',
  'const d = new DataView(new ArrayBuffer(8)); for (;;) d.setUint8(0, 1);',
  "for (;;) k.read('word');",
  "for (let i = 0; ; i++) k.write('word', BigInt(i));",
  'yield k.double({ get n() { for (;;); } });',
  'throw { toString() { for (;;); } };',
];

/** Attacks by the exact text of the error they end in. */
export const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  [SPENT]: [...LONG_BUILT_INS, ...OWN_LOOPS].map((body) => ({ body })),
  [LARGE]: [
    { body: "return new Array(4000).fill('x'.repeat(5e6));" },
    { body: "return { deep: [{ text: 'x'.repeat(100000) }] };" },
    { body: 'yield k.double({ n: new Array(1e6) });' },
    {
      body: "const o = {}; for (let i = 0; i < 3000; i++) o['k' + i + 'x'.repeat(1000)] = 1; yield k.double(o);",
    },
    { body: 'const o = {}; for (let i = 0; i < 9000; i++) o[i] = 1; yield k.double(o);' },
    {
      body: "const s = 'x'.repeat(5e6); k.write('table', 0, new Array(4000).fill(s));",
      at: 'go (toy/index.js:5:87)',
    },
    { body: "k.write('table', 0, { s: 'x'.repeat(3e6) });", at: 'go (toy/index.js:5:60)' },
  ],
  'InternalError: stack overflow': [
    {
      before: 'function again() { return [2, 1].sort(() => again()); }',
      body: 'again();',
      at: 'again (toy/index.js:1:20)',
    },
    {
      before: 'function again() { return 1 + again(); }',
      body: 'again();',
      at: 'again (toy/index.js:1:36)',
    },
    {
      before: 'function* again() { yield* again(); }',
      body: 'for (const one of again()) one;',
      at: 'again (toy/index.js:1:33)',
    },
    {
      before: 'function again(k) { return [...models.toy.actions.go(k, { n: 2 })]; }',
      body: 'return again(k);',
      at: 'again (toy/index.js:1:53)',
    },
  ],
  'ran out of memory, or threw null': [
    { body: 'const all = []; for (;;) { const b = new Uint8Array(1000); all.push(() => b); }' },
    { body: 'throw null;' },
  ],
  'RangeError: calls more than 64 frames deep': [
    {
      before: "function* again(k) { yield k.fn('a', 'b.c', again, {}); }",
      body: "yield k.fn('a', 'b.c', again, {});",
    },
  ],
  'threw 2': [{ body: 'try { throw 1; } finally { yield k.double({ n: 1 }); throw 2; }' }],
};

/** What no model may find: the names of what would lead out, or tell the time. */
export const ABSENT = [
  ...[
    'eval',
    'fetch',
    'Worker',
    'WebAssembly',
    'console',
    'Date',
    'Intl',
    'navigator',
    'std',
    'os',
  ],
  ...['performance', 'print', 'Promise', 'Proxy', 'RegExp', 'SharedArrayBuffer', 'Atomics', 'gc'],
  ...['scriptArgs', 'WeakRef', 'FinalizationRegistry', 'Function', 'setTimeout', 'queueMicrotask'],
];
