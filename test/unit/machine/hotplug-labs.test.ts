import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CallerFolder, ROOT } from '../shells/capture-terminal.ts';

const folder = new CallerFolder();
afterAll(() => folder.remove());

describe('labs about memory that comes and goes: every expectation was worked out by hand', () => {
  it.each([
    ['memory-blocks', 33],
    ['max-pfn-device-counts', 38],
    ['max-pfn-device-hidden', 38],
  ])('%s: all %i hold', async (name, count) => {
    const { code, err } = await folder.run('run', join(ROOT, 'labs', `${name}.lab.yaml`));
    expect(err.join('\n')).toContain(`${count} of ${count} expectations hold`);
    expect(code).toBe(0);
  });
});
