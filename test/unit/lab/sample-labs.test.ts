import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { labFiles } from '../../../src/main/bench/session/shipped-labs.ts';
import { formatProblem, parseLab } from '../../../src/shared/lab/parse.ts';

const LABS = new URL('../../../labs/', import.meta.url);
const load = (name: string) => parseLab(readFileSync(new URL(name, LABS), 'utf8'), name);

describe('lab: the labs that ship', () => {
  it.each(labFiles(fileURLToPath(LABS)))('%s has no problem', (name) => {
    expect(load(name).problems.map(formatProblem)).toEqual([]);
  });

  it('twenty-terabytes has 4 TiB of RAM, less the holes below 1 MiB, and 16 TiB of pmem', () => {
    const memory = load('twenty-terabytes.lab.yaml').lab?.machine.memory ?? [];
    const bytes = (type: string) =>
      memory.filter((m) => m.type === type).reduce((sum, m) => sum + m.end - m.start + 1n, 0n);
    expect(bytes('usable')).toBe((4n << 40n) - (0x100000n - 0x9fc00n));
    expect(bytes('pmem')).toBe(16n << 40n);
  });
});
