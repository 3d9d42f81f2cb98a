import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogueOf, runBatch } from '../../src/main/bench/batch/run.ts';
import { labFiles } from '../../src/main/bench/session/shipped-labs.ts';
import { FolderFiles } from '../../src/main/plugins/files.ts';
import { pluginFolders } from '../../src/main/plugins/folders.ts';
import { packPlugin } from '../../src/main/plugins/packed.ts';

const root = resolve(import.meta.dirname, '..', '..');
const hashes = JSON.parse(
  readFileSync(join(root, 'test', 'fixtures', 'state-hashes.json'), 'utf8'),
) as Record<string, string>;

/** A program that ships no plugins: every model comes from what is named. */
const bare = mkdtempSync(join(tmpdir(), 'pfnlab-bare-'));
const folders = pluginFolders([join(root, 'plugins')]);
const packed = folders.map((folder) => {
  const file = join(bare, `${basename(folder)}.tgz`);
  const made = packPlugin(new FolderFiles(folder));
  if (!made.ok) throw new Error(made.problem.message);
  writeFileSync(file, made.bytes);
  return file;
});

const places = await Promise.all(
  [folders, packed].map(async (named) => {
    const plugins = { root: bare, named };
    return { plugins, catalogue: await catalogueOf({ plugins }) };
  }),
);

/** One lab for each way a model is used; all of them in `npm run test:long`. */
const FEW = [
  'dax-pmd-fault.lab.yaml',
  'cmb-to-nic.lab.yaml',
  'claim-fault-migrates-back.lab.yaml',
  'race-unbind-pin-6.12.lab.yaml',
];
const all = labFiles(join(root, 'labs'));
const labs = process.env['PFNLAB_LONG'] ? all : FEW;

describe('a lab has one state hash, wherever its plugins are', () => {
  test.each(labs)('%s', async (name) => {
    const text = readFileSync(join(root, 'labs', name), 'utf8');
    for (const sources of places) {
      const run = await runBatch(name, text, sources);
      if (!run.ok) throw new Error(run.problems.join('\n'));
      expect(run.value.verdicts.filter(({ ok }) => !ok)).toEqual([]);
      expect(run.value.execution.hash()).toBe(hashes[name]);
    }
  });

  test('and those that run in npm test are among all', () => {
    expect(all).toEqual(expect.arrayContaining(FEW));
  });
});
