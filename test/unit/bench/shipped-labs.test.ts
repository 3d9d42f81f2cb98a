import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBatch } from '../../../src/main/bench/batch.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'labs');
const labs = readdirSync(folder).filter((name) => name.endsWith('.lab.yaml'));

describe('the labs that ship', () => {
  test('are there', () => {
    expect(labs).toContain('first-light.lab.yaml');
  });

  test.each(labs)('%s runs without a warning, and everything it expects holds', async (name) => {
    const batch = await runBatch(name, readFileSync(join(folder, name), 'utf8'), root);
    if (!batch.ok) throw new Error(batch.problems.join('\n'));
    const { verdicts, warnings, execution } = batch.value;
    expect(warnings).toEqual([]);
    expect(execution.stopped).toBeUndefined();
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
  });
});
