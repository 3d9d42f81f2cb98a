import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  catalogueOf,
  prepare,
  problemsOf,
  ranWith,
  tempFolder,
  toyFolder,
  toyLab,
  toyPacked,
  writeFiles,
} from './toys.ts';

const hashOf = async (folder: string) =>
  (await catalogueOf({ named: [folder] })).plugins[0]?.origin.sha256;

describe('labPlugins', () => {
  test('runs a plugin that was named, from its folder or from one file, as the same', async () => {
    const folder = toyFolder();
    const file = join(tempFolder('packed'), 'toy.tgz');
    writeFileSync(file, toyPacked());
    for (const named of [folder, file]) {
      const prepared = prepare(await catalogueOf({ named: [named] }), toyLab());
      expect(problemsOf(prepared)).toEqual([]);
      expect(ranWith(prepared)).toBe(await hashOf(folder));
    }
  });

  test('says what can be done about a model that nobody has', async () => {
    const line =
      toyLab()
        .split('\n')
        .findIndex((text) => text.includes('model: toy')) + 1;
    const prepared = prepare(await catalogueOf(), toyLab('{ id: org.example.toy }'));
    expect(problemsOf(prepared)).toEqual([
      expect.stringMatching(
        new RegExp(`^error ${line}: no plugin has a model \`toy\`; install the plugin .*--plugin`),
      ),
      expect.stringMatching(
        new RegExp(`^error ${line + 2}: plugin org.example.toy is not here: install the plugin`),
      ),
    ]);
  });

  test('two plugins of one place with one model stop the lab, and are listed', async () => {
    const named = [toyFolder(), toyFolder({ id: 'org.example.other' })];
    const [problem, ...rest] = problemsOf(prepare(await catalogueOf({ named }), toyLab()));
    expect(rest).toEqual([]);
    expect(problem).toMatch(
      /model toy is here more than once: .*org.example.toy.*org.example.other/,
    );
    const prepared = prepare(await catalogueOf({ named }), toyLab('{ id: org.example.other }'));
    expect(ranWith(prepared)).toBe(await hashOf(named[1] ?? ''));
  });

  test('a plugin that does not load stops the labs that need it and no others', async () => {
    const broken = writeFiles(toyFolder(), { 'index.js': 'throw new Error("no");\n' });
    const named = [broken, toyFolder({ id: 'org.example.other', model: 'other' })];
    const catalogue = await catalogueOf({ named });
    expect(problemsOf(prepare(catalogue, toyLab()))).toEqual([
      expect.stringMatching(/its plugin does not load: .*index\.js:1:\d+: .*no/),
    ]);
    expect(problemsOf(prepare(catalogue, toyLab().replace('model: toy', 'model: other')))).toEqual(
      [],
    );
  });
});

describe('a lab that names a plugin by its path', () => {
  const beside = async (path: string, folder: string, trust = true) =>
    prepare(await catalogueOf({ trust }), toyLab(`{ id: org.example.toy, path: ${path} }`), {
      folder,
    });

  test('runs what lies beside it or below, a folder or a file', async () => {
    const folder = tempFolder('lab');
    toyFolder({}, join(folder, 'models', 'toy'));
    writeFileSync(join(folder, 'toy.tgz'), toyPacked());
    expect(problemsOf(await beside('models/toy', folder))).toEqual([]);
    expect(problemsOf(await beside('./toy.tgz', folder))).toEqual([]);
  });

  test('never leads out of its folder, and says where it would', async () => {
    const folder = tempFolder('lab');
    const outside = toyFolder();
    symlinkSync(outside, join(folder, 'link'));
    mkdirSync(join(folder, 'sub'));
    symlinkSync('..', join(folder, 'sub', 'up'));
    const first = async (path: string) => problemsOf(await beside(path, folder))[1];
    expect(await first('link')).toContain(
      `"link" leads by a link to ${outside}, out of the lab's folder`,
    );
    expect(await first('sub/up/link')).toContain(`leads by a link to ${outside}`);
    expect(await first('../toy')).toContain('"../toy" leads out of the lab\'s folder');
    expect(await first(outside)).toContain('is no path beside the lab');
    expect(await first('gone')).toContain('there is no folder or file "gone" beside the lab');
  });

  test('runs nothing that nobody has trusted, and says what to do', async () => {
    const folder = tempFolder('lab');
    toyFolder({}, join(folder, 'toy'));
    const prepared = await beside('toy', folder, false);
    expect(problemsOf(prepared)).toEqual([
      expect.stringMatching(
        /it needs org.example.toy 1.0.0 .* which nobody has trusted: .*--trust/,
      ),
    ]);
    expect(!prepared.ok && prepared.untrusted.map(({ candidate }) => candidate.origin.id)).toEqual([
      'org.example.toy',
    ]);
  });

  test('must find there the plugin it names', async () => {
    const folder = tempFolder('lab');
    toyFolder({ id: 'org.example.other' }, join(folder, 'toy'));
    expect(problemsOf(await beside('toy', folder))[1]).toContain(
      'at that path is plugin org.example.other, not org.example.toy',
    );
  });
});

describe('what a lab needs and nobody has', () => {
  const missing = async (lab: string) => {
    const prepared = prepare(await catalogueOf({}), lab);
    return prepared.ok ? undefined : prepared.missing;
  };

  test('is told: the plugin it names, and the devices of its models', async () => {
    const devices = [{ id: 'toy0', model: 'toy' }];
    expect(await missing(toyLab('{ id: org.example.toy, version: ^9 }'))).toEqual({
      plugins: [{ id: 'org.example.toy', version: '^9' }],
      devices,
    });
    expect(await missing(toyLab())).toEqual({ plugins: [], devices });
  });

  test('can be done without for one run', async () => {
    const catalogue = await catalogueOf({});
    const lab = toyLab('{ id: org.example.toy }');
    expect(prepare(catalogue, lab).ok).toBe(false);
    expect(prepare(catalogue, lab, { without: ['org.example.toy'] }).ok).toBe(true);
    expect(prepare(catalogue, toyLab(), { without: [] }).ok).toBe(true);
  });

  test('another version of it is not taken in its place where it is done without', async () => {
    const catalogue = await catalogueOf({ named: [toyFolder()] });
    const lab = toyLab('{ id: org.example.toy, version: ^9 }');
    expect(ranWith(prepare(catalogue, lab, { without: ['org.example.toy'] }))).toBeUndefined();
  });
});

describe('a plugin to do without', () => {
  test('leaves its devices out, and what the program asks of them, each with a word', async () => {
    const catalogue = await catalogueOf({ named: [toyFolder()], without: ['org.example.toy'] });
    const prepared = prepare(catalogue, toyLab('{ id: org.example.toy, version: ^9 }'));
    expect(problemsOf(prepared)).toEqual([
      expect.stringMatching(/^warning \d+: toy0\.go is left out$/),
      expect.stringMatching(
        /^warning \d+: toy0 is left out: no plugin that may be used has its model$/,
      ),
    ]);
    if (!prepared.ok) throw new Error('the lab does not run');
    while (prepared.execution.advance(1000));
    expect(prepared.execution.verdicts().filter(({ ok }) => !ok)).toEqual([]);
  });
});
