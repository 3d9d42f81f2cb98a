import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBatch } from '../../../src/main/bench/batch/run.ts';
import { exploreLab } from '../../../src/main/bench/batch/explore.ts';

const root = resolve(import.meta.dirname, '../../..');
const LIMITS = { depth: 10_000, budget: 200_000 };

async function explored(name: string) {
  const text = readFileSync(join(root, 'labs', name), 'utf8');
  const result = await exploreLab(name, text, root, LIMITS);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.value;
}

describe('unbind against pin, every interleaving', () => {
  test('4.14 waits for nothing: the struct page goes away under its holder', async () => {
    const { exhaustive, breakages } = await explored('unbind-against-pin-4.14.lab.yaml');
    expect(exhaustive).toBe(true);
    const [shortest] = breakages;
    expect(shortest?.broken).toMatchObject({
      kind: 'invariant',
      about: 'freed-memmap-referenced',
      actor: 'root',
      fn: '__kfree_section_memmap',
    });
    expect(shortest?.switches).toBe(1);
  });

  test('the lab written for it breaks the same at the same place', async () => {
    const { breakages } = await explored('unbind-against-pin-4.14.lab.yaml');
    for (const { broken, lab, stretches } of breakages) {
      const run = await runBatch('found.lab.yaml', lab, root);
      if (!run.ok) throw new Error(run.problems.join('\n'));
      const [first] = run.value.execution.monitor.violations;
      expect(first).toMatchObject({
        invariant: broken.about,
        step: stretches.at(-1)?.last,
        actor: broken.actor,
      });
    }
  });

  test('5.3 waits until the page is given back, in whatever order: nothing breaks', async () => {
    const { exhaustive, breakages, hashes } = await explored('unbind-against-pin-5.3.lab.yaml');
    expect(exhaustive).toBe(true);
    expect(breakages).toEqual([]);
    expect(hashes.size).toBe(1);
  });
});
