import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { notRun, readRan, type RanTest } from '../../../scripts/ran-functions.mjs';
import { root, temporaryFolder } from './project.ts';

const GET_PAGE = { names: ['get_page'], binding: '', source: 'mm/a.c:a', file: 'a.ts', line: 1 };
const RAN: RanTest = {
  file: 'a.test.ts',
  title: 'references > get_page counts',
  passed: true,
  asserted: true,
  functions: ['alloc_pages', 'get_page'],
};

describe('a kernel function that a test bears the name of', () => {
  it.each<[why: string, test: Partial<RanTest>, counts: boolean]>([
    ['the test ran it', {}, true],
    ['the block around the test says the name', { title: 'get_page > counts' }, true],
    ['it made no step', { functions: ['alloc_pages'] }, false],
    ['the test failed', { passed: false }, false],
    ['the test expected nothing', { asserted: false }, false],
    ['the title says a longer name', { title: 'get_pages counts' }, false],
  ])('counts, or not, where %s', (_, test, counts) => {
    expect(notRun([GET_PAGE], [{ ...RAN, ...test }]).size === 0).toBe(counts);
  });

  it('may run under the name of another kernel, and its title say the binding', () => {
    const renamed = { ...GET_PAGE, names: ['folio_get', 'get_page'], binding: 'get' };
    expect(notRun([renamed], [{ ...RAN, title: 'get counts' }]).size).toBe(0);
    expect([...notRun([renamed], [{ ...RAN, title: 'counts' }]).keys()]).toEqual(['folio_get']);
  });
});

it('what each test ran is recorded where PFNLAB_RAN names a file', () => {
  const file = join(temporaryFolder(), 'ran.jsonl');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const path = 'test/unit/world/driver.test.ts';
  execFileSync(process.execPath, [vitest, 'run', '--project', 'unit', '--maxWorkers=1', path], {
    cwd: root,
    env: { ...process.env, PFNLAB_RAN: file },
    stdio: 'pipe',
  });
  const ran = readRan(readFileSync(file, 'utf8'));
  const title = 'a call is one step; a leaf returns in it; a return without changes makes none';
  expect(ran.filter((one) => one.title.endsWith(title))).toEqual([
    {
      file: path,
      title: `world/driver: what becomes a step > ${title}`,
      passed: true,
      asserted: true,
      functions: ['outer', 'set_var'],
    },
  ]);
  // What one test ran is not the next one's.
  expect(ran.every(({ functions }) => functions.includes('outer'))).toBe(false);
});
