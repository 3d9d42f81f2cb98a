import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import {
  loadFolder,
  manifest,
  ModelRun,
  moduleWith,
  pluginFolder,
} from '../unit/plugins/model-run.ts';

/** Loads a module, from text or bytes: its model, or each problem as `line:column: message`. */
async function load(source: string | Uint8Array): Promise<HardwareModel | string[]> {
  const folder = pluginFolder(manifest(), '');
  writeFileSync(join(folder, 'index.js'), source);
  const result = await loadFolder(folder);
  if (!result.ok) {
    return result.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
  }
  return result.plugin.models[0] as HardwareModel;
}

const GOOD = moduleWith("return 'fine';");
const HIDDEN = moduleWith('return ++hidden;');

describe('a module that would lead out is refused where it does', () => {
  const own = /^\d+:\d+: .*'\.\/labels\.js'/;
  it.each([
    ["import x from '/etc/passwd';", '1:1'],
    ["import x from 'node:fs';", '1:1'],
    ["import fs from 'fs';", '1:1'],
    ["import x from 'data:text/javascript,export default 1';", '1:1'],
    ["import x from '../../../etc/passwd.js';", '1:1'],
    ["import x from './../toy2/index.js';", '1:1'],
    ["import x from './\\u002e\\u002e/x.js';", '1:1'],
    ["import x from './a\\0b.js';", '1:1'],
    ["import x from './pfnlab-plugin.json' with { type: 'json' };", '1:1'],
    ["import defer * as x from 'node:fs';", '1:1'],
    ["#!/usr/bin/env node\nimport x from 'node:fs';", '2:1'],
    ["<!-- x\nimport x from 'node:fs';", '2:1'],
    ["const s = `${'`'}`; import y from 'node:fs';", '1:21'],
  ])('%s', async (before, place) => {
    const problems = await load(`${before}\n${GOOD}`);
    expect(problems).toEqual([expect.stringMatching(own)]);
    expect(String(problems).startsWith(`${place}: `)).toBe(true);
  });

  it.each([
    ["import { keep } from 'pfnlab:guards.js';", /guards\.js/],
    ["import { prelude } from 'pfnlab:prelude.js';", /prelude\.js/],
    ["export * as q from './x.js';", /import a name first, then export it/],
    ["const f = () => import('node:fs');", /at the top of the module/],
    ['const m = import.meta;', /at the top of the module/],
  ])('%s', async (before, message) => {
    expect(await load(`${before}\n${GOOD}`)).toEqual([expect.stringMatching(message)]);
  });
});

describe('a module that does not load tells one thing, at its place', () => {
  it.each([
    ['for (;;);', '1:1: ran too long without a request: an endless loop?'],
    [
      'const a = (1n << 500000n) - 1n; for (;;) a * a;',
      '1:1: ran too long without a request: an endless loop?',
    ],
    ["\nthrow new Error('x');", '2:16: Error: x'],
    ['const all = []; for (;;) all.push([]);', '1:34: InternalError: out of memory'],
    [
      'export const models = { get toy() { for (;;); } };',
      '1:1: ran too long without a request: an endless loop?',
    ],
    ['export const models = null;', '1:1: it exports no models.toy'],
    ['class C { static { globalThis.own = 1; } }', '1:30: TypeError: object is not extensible'],
  ])('%s', async (source, message) => {
    const whole = source.startsWith('export') ? source : `${source}\n${GOOD}`;
    expect(await load(whole)).toEqual([message]);
  });

  it('in UTF-16', async () => {
    const bytes = Buffer.from(`\ufeff${GOOD}`, 'utf16le');
    expect(await load(bytes)).toEqual([expect.stringMatching(/^1:1: /)]);
  });
});

describe('what a module hides from a look at its text', () => {
  it.each([
    'const r = /{/; let hidden = 0; const s = /}/;',
    'const r = /[/*]/; let hidden = 0; const s = /[*/]/;',
    "const r = /'/; let hidden = 0; const s = /'/;",
    'l\\u0065t hidden = 0;',
    'for (var hidden = 0; hidden < 1; hidden++);',
    'let /* a name */ hidden = 0;',
  ])('is refused, or the same for every call: %s', async (before) => {
    const model = await load(`${before}\n${HIDDEN}`);
    if (Array.isArray(model)) {
      expect(model.join()).toMatch(/^\d+:\d+: /);
      return;
    }
    const run = new ModelRun(model);
    const first = run.act();
    expect(run.act()).toBe(first);
  });

  it.each([
    ['a comment at its end', `${GOOD}\n//`],
    ['text in an encoding of old', Buffer.from(GOOD.replace('fine', 'f\xefne'), 'latin1')],
    ['an import of itself', `import { models as m } from './index.js';\n${GOOD}`],
    [
      'tables by their prototypes',
      'export const models = { __proto__: { toy: { actions: { __proto__: { *go() { return 1; }, *part() {} } }, callbacks: {} } } };',
    ],
    [
      'tables by accessors',
      'const go = function* () { return 1; }; export const models = { toy: { get actions() { return { go, part: go }; }, callbacks: {} } };',
    ],
  ])('is harmless: %s', async (_name, source) => {
    const model = await load(source);
    if (Array.isArray(model)) throw new Error(model.join('\n'));
    const run = new ModelRun(model);
    expect(run.act()).toBe(run.act());
  });
});
