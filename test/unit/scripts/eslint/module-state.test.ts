import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { moduleState } from '../../../../scripts/eslint/module-state.js';
import { root } from '../project.ts';

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser as never },
    plugins: { pfnlab: { rules: { 'module-state': moduleState } } },
    rules: { 'pfnlab/module-state': 'error' },
  },
});

async function complaints(code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: `${root}/src/main/engine/a.ts` });
  return result!.messages.map((message) => message.message);
}

describe('module-state', () => {
  it.each([
    ['let seen = 0;\nexport const next = () => (seen += 1);', 'seen is state of a module'],
    [
      'const table = new Map();\nexport function register(a) { table.set(a.name, a); }',
      'table is written after',
    ],
    [
      'const ops = { found: undefined };\nexport const set = (a) => { ops.found = a; };',
      'ops is written',
    ],
    ['const list = [];\nexport class A { add(a) { list.push(a); } }', 'list is written after'],
    ['const deep = { a: [] };\nexport const add = (x) => deep.a.push(x);', 'deep is written after'],
    ["import { register } from './ops.ts';\nregister({ name: 'shmem' });", 'does nothing when'],
    ["import { OPS } from './ops.ts';\nOPS.set('shmem', 1);", 'does nothing when'],
    ["import { OPS } from './ops.ts';\nOPS.shmem = 1;", 'does nothing when'],
    ["import { OPS } from './ops.ts';\nOPS.byName.list.push('shmem');", 'does nothing when'],
    ['globalThis.ops = 1;', 'does nothing when'],
    ["import './filemap.ts';", 'import for its side effects'],
  ])('refuses %s', async (code, message) => {
    expect(await complaints(code)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['a table that is filled while it is loaded', 'const all = new Map();\nall.set("a", 1);'],
    [
      'a memo by the identity of a world',
      'const memo = new WeakMap();\nexport const of = (w) => memo.set(w, 1);',
    ],
    [
      'state of an object',
      'export class World { rows = new Map(); put(a) { this.rows.set(a, a); } }',
    ],
    [
      'state of a call',
      'export function f() { const seen = new Set(); seen.add(1); return seen; }',
    ],
    ['types of another module', "import type {} from './facts.ts';"],
  ])('accepts %s', async (_what, code) => {
    expect(await complaints(code)).toEqual([]);
  });
});
