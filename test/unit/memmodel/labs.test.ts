import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { labFiles } from '../../../src/main/bench/session/shipped-labs.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';

const LABS = new URL('../../../labs/', import.meta.url);

function load(name: string) {
  const { lab } = parseLab(readFileSync(new URL(name, LABS), 'utf8'), name);
  if (!lab) throw new Error(`${name} is no lab`);
  return lab;
}

/** Labs of machines alone. That every lab holds is tested with the bench. */
const names = labFiles(fileURLToPath(LABS)).filter((name) => load(name).devices.length === 0);

describe('memmodel: the labs that ship', () => {
  it('has one for each memory model', () => {
    const models = new Set(
      names
        .filter((name) => !load(name).kernel.hypothetical)
        .map((name) => load(name).kernel.model),
    );
    expect([...models].sort()).toEqual([
      'discontigmem',
      'flatmem',
      'sparsemem',
      'sparsemem-vmemmap',
    ]);
  });

  it('compares all four on one machine, each labelled hypothetical', () => {
    const four = names.filter((name) => name.startsWith('compare-')).map(load);
    expect(four.map(({ kernel }) => kernel.model).sort()).toHaveLength(4);
    expect(four.every(({ kernel }) => kernel.hypothetical)).toBe(true);
    const strip = (lab: (typeof four)[number]) =>
      JSON.stringify(lab.machine, (_k, v: unknown) => (typeof v === 'bigint' ? v.toString(16) : v));
    expect(new Set(four.map(strip)).size).toBe(1);
  });
});
