import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkExpectation } from '../../../src/main/engine/machine/expect.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import { bootParsed } from './boot-lab.ts';

const LABS = new URL('../../../labs/', import.meta.url);

function load(name: string) {
  const { lab } = parseLab(readFileSync(new URL(name, LABS), 'utf8'), name);
  if (!lab) throw new Error(`${name} is no lab`);
  return lab;
}

/** Labs of machines alone: what devices do is tested with them. */
const names = readdirSync(LABS)
  .filter((name) => name.endsWith('.lab.yaml'))
  .filter((name) => load(name).devices.length === 0);

describe('memmodel: the labs that ship', () => {
  it.each(names)('%s: every expectation holds', (name) => {
    const lab = load(name);
    const { facts, world, log } = bootParsed(lab);
    const checked = { facts, world, source: log, at: log.length };
    const verdicts = lab.expect.flatMap((entry) => checkExpectation(checked, entry));
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
  });

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
