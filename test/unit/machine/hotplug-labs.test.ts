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
    ['auto-movable', 28],
    ['arm64-hotplug', 21],
    ['sparsemem-hotplug', 27],
  ])('%s: all %i hold', async (name, count) => {
    const { code, err } = await folder.run('run', join(ROOT, 'labs', `${name}.lab.yaml`));
    expect(err.join('\n')).toContain(`${count} of ${count} expectations hold`);
    expect(code).toBe(0);
  });

  it('max_pfn under both positions: they part where the device does or does not move it, and end alike', async () => {
    const lab = (name: string): string => join(ROOT, 'labs', `max-pfn-device-${name}.lab.yaml`);
    const { code, out } = await folder.run('compare', lab('counts'), lab('hidden'));
    const text = out;
    // the memory plugged above the device raises max_pfn past it under either
    expect(text).toMatch(/state {2}([0-9a-f]{32}) {2}\1/);
    expect(text).toContain('update_end_of_memory_vars(0x140000)');
    expect(text).toContain('they write  vars max_pfn in A');
    expect(code).toBe(1);
  });
});
