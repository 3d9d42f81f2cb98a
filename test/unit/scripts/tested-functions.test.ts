import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namedTests, untested } from '../../../scripts/tested-functions.mjs';
import { root } from './project.ts';

const LISTED = readFileSync(join(root, 'test/fixtures/untested-functions.txt'), 'utf8').split('\n');

/** Are functions of these names tested by a file of this text? */
function tested(text: string, names: readonly string[], binding = ''): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'tested-'));
  writeFileSync(join(folder, 'a.test.ts'), text);
  const one = { names: [...names], binding, source: 'mm/a.c:a', file: 'a.ts', line: 1 };
  return untested([one], namedTests([folder])).size === 0;
}

describe('the tests of modelled kernel functions', () => {
  it('bear the names of all but those of a list that only gets shorter', () => {
    // A new function comes with a test; `npm run untested -- --write` takes tested ones off the list.
    const without = [...untested()].filter(
      ([, twins]) => !twins.some(({ names }) => names.some((name) => LISTED.includes(name))),
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it.each([
    ["it('get_page counts', () => { expect(run(get_page)).toBe(1); });", true],
    [
      "describe('get_page', () => { it('counts', () => { expect(run(get_page)).toBe(1); }); });",
      true,
    ],
    ["it.each([['get_page', 1]])('%s counts', (fn, n) => { expect(run(fn)).toBe(n); });", true],
    ["it('get_page counts', () => { expect(steps('get_page')).toEqual([1]); });", true],
    [
      "const steps = () => run(get_page);\nit('get_page counts', () => { expect(steps()).toBe(1); });",
      true,
    ],
    ["it('counts', () => { expect(run(get_page)).toBe(1); });", false],
    ["it('get_page counts', () => { run(get_page); });", false],
    ["it('get_page counts', () => { expect(1).toBe(1); });", false],
    ["it('get_pages counts', () => { expect(run(get_page)).toBe(1); });", false],
  ])('count where %s', (text, counts) => {
    expect(tested(text, ['get_page'])).toBe(counts);
  });

  it('may use the name of another kernel, or of the binding', () => {
    const text = "it('folio_get counts', () => { expect(run(get)).toBe(1); });";
    expect(tested(text, ['get_page'], 'get')).toBe(false);
    expect(tested(text, ['get_page', 'folio_get'], 'get')).toBe(true);
  });
});
