import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBatch } from '../../../src/main/bench/batch.ts';
import { labFiles, shippedLabs } from '../../../src/main/bench/shipped-labs.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'labs');
const labs = labFiles(folder);

describe('the labs that ship', () => {
  test('are there', () => {
    expect(labs).toContain('first-light.lab.yaml');
  });

  test('are listed by topic, where to begin first, and each says what it is about', () => {
    const listed = shippedLabs(folder);
    expect(listed.map(({ name }) => name).sort()).toEqual(labs);
    expect(listed[0]?.name).toBe('first-light.lab.yaml');
    expect(listed.filter(({ topic }) => topic === 'Others')).toEqual([]);
    expect(new Set(listed.map(({ title }) => title)).size).toBe(listed.length);
    const runs = listed.filter(({ topic }, at) => topic !== listed[at - 1]?.topic);
    expect(runs).toHaveLength(new Set(listed.map(({ topic }) => topic)).size);
  });

  test.each(labs)('%s runs without a warning, and everything it expects holds', async (name) => {
    const batch = await runBatch(name, readFileSync(join(folder, name), 'utf8'), root);
    if (!batch.ok) throw new Error(batch.problems.join('\n'));
    const { verdicts, warnings, execution } = batch.value;
    expect(warnings).toEqual([]);
    expect(execution.cutShort).toBe(false);
    expect(execution.unexpected()).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
  });
});
