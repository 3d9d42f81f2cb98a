import { afterAll, describe, expect, test } from 'vitest';
import { EXPECT_KINDS } from '../../../src/shared/lab/expectations/expectations.ts';
import { OPERATIONS, OPERATION_NAMES } from '../../../src/shared/lab/operations/operations.ts';
import { CallerFolder } from './capture-terminal.ts';

const folder = new CallerFolder();
afterAll(() => folder.remove());

describe('lab help', () => {
  test.each(OPERATION_NAMES)('%s tells every argument, result and error', async (name) => {
    const { code, out } = await folder.run('help', name);
    expect(code).toBe(0);
    const { args, returns, fails, title } = OPERATIONS[name];
    expect(out).toContain(`${name} (operation): ${title}.`);
    for (const field of [...Object.keys(args.shape), ...Object.keys(returns)]) {
      expect(out).toContain(`  ${field}: `);
    }
    for (const errno of Object.keys(fails)) expect(out).toContain(`  ${errno} `);
  });

  test.each(EXPECT_KINDS)('%s, an expectation', async (name) => {
    const { code, out } = await folder.run('help', name);
    expect([code, out.includes(`${name} (expectation): `)]).toEqual([0, true]);
  });

  test('says kinds, units and defaults', async () => {
    const { out } = await folder.run('help', 'pin');
    expect(out).toContain('va: address, bytes');
    expect(out).toMatch(/ {2}pages: pages +How many pages \(default: 1\)/);
    expect(out).toContain('by: process');
  });

  test('what is not there is a sentence with the nearest, and exit code 2', async () => {
    expect(await folder.run('help', 'mmapp')).toEqual({
      code: 2,
      out: '',
      err: ['pfnlab: help: there is no operation or expectation mmapp; did you mean mmap?'],
    });
  });
});
