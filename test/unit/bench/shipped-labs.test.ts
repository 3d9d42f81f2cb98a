import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runBatch } from '../../../src/main/bench/batch/run.ts';
import { labFiles, shippedLabs } from '../../../src/main/bench/session/shipped-labs.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'labs');
const labs = labFiles(folder);

/**
 * State hashes of all labs that ship. `PFNLAB_STATE_HASHES=write` writes them anew: only a change
 * of what the kernel is modelled to do may change one, and its commit says why.
 */
const hashFile = join(root, 'test', 'fixtures', 'state-hashes.json');
const hashes = JSON.parse(readFileSync(hashFile, 'utf8')) as Record<string, string>;
const found: Record<string, string> = {};

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
    const { verdicts, faults, warnings, execution } = batch.value;
    expect(warnings).toEqual([]);
    expect(faults).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
    found[name] = execution.hash();
    if (process.env['PFNLAB_STATE_HASHES'] !== 'write') expect(found[name]).toBe(hashes[name]);
  });

  afterAll(() => {
    if (process.env['PFNLAB_STATE_HASHES'] !== 'write') return;
    writeFileSync(hashFile, `${JSON.stringify(found, undefined, 2)}\n`);
  });
});
