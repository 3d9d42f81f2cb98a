import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { PluginSources } from '../../../../src/main/bench/plugins/catalogue.ts';
import { PluginDesk } from '../../../../src/main/bench/plugins/desk.ts';
import {
  catalogueOf,
  prepare,
  problemsOf,
  ranWith,
  tempFolder,
  toyFiles,
  toyFolder,
  toyLab,
  toyPacked,
  writeFiles,
} from './toys.ts';

const desks: PluginDesk[] = [];

/** A desk, and how to wait until what it tells of itself has made something true. */
async function deskOf(sources: Partial<PluginSources>) {
  let told = () => {};
  const desk = new PluginDesk(await catalogueOf(sources), () => told());
  desks.push(desk);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => (told = resolve));
  };
  return { desk, until };
}

afterEach(() => {
  for (const desk of desks.splice(0)) desk.close();
});

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('PluginDesk', () => {
  test('installs a copy of a packed plugin that runs once it is trusted', async () => {
    const data = join(tempFolder('home'), 'data');
    const { desk } = await deskOf({ data });
    const sha256 = desk.install({ name: 'toy.tgz', base64: base64(toyPacked()) });
    expect(readdirSync(join(data, 'plugins'))).toEqual([`${sha256}.tgz`]);
    if (process.platform !== 'win32') {
      expect(statSync(join(data, 'plugins')).mode & 0o777).toBe(0o700);
      expect(statSync(join(data, 'plugins', `${sha256}.tgz`)).mode & 0o777).toBe(0o600);
    }
    expect(problemsOf(prepare(desk.catalogue, toyLab()))[0]).toContain('which nobody has trusted');
    desk.trust(sha256, true);
    expect(ranWith(prepare(desk.catalogue, toyLab()))).toBe(sha256);
    const { desk: later } = await deskOf({ data });
    expect(ranWith(prepare(later.catalogue, toyLab()))).toBe(sha256);
    later.remove(sha256);
    expect(later.list().plugins).toEqual([]);
    later.install({ name: 'toy.tgz', base64: base64(toyPacked()) });
    expect(problemsOf(prepare(later.catalogue, toyLab()))[0]).toContain('which nobody has trusted');
  });

  test('keeps versions side by side, and the files of a folder as those of one file', async () => {
    const { desk } = await deskOf({ data: tempFolder('data') });
    const files = Object.entries(toyFiles({})).map(([path, text]) => ({
      path,
      base64: base64(Buffer.from(text)),
    }));
    const [hidden, module] = ['.pfnlab/api.d.ts', 'node_modules/x/index.js'];
    const beside = [hidden, module].map((path) => ({ path, base64: '' }));
    const first = desk.install({ name: 'toy', files: [...files, ...beside] });
    expect(desk.install({ name: 'toy.tgz', base64: base64(toyPacked()) })).toBe(first);
    const second = desk.install({ name: '2.tgz', base64: base64(toyPacked({ version: '2.0.0' })) });
    desk.trust(first, true);
    desk.trust(second, true);
    expect(
      desk
        .list()
        .plugins.map(({ version }) => version)
        .sort(),
    ).toEqual(['1.0.0', '2.0.0']);
    expect(ranWith(prepare(desk.catalogue, toyLab()))).toBe(second);
    const older = toyLab('{ id: org.example.toy, version: 1.0.0 }');
    expect(ranWith(prepare(desk.catalogue, older))).toBe(first);
  });

  test('tells everything a plugin declares, and runs none of it', async () => {
    const { desk } = await deskOf({ data: tempFolder('data') });
    const files = toyFiles({});
    const module = `throw new Error('I ran');\nk.memremap_pages({});\n${files['index.js']}`;
    const sent = Object.entries({ ...files, 'index.js': module });
    const sha256 = desk.install({
      name: 'toy',
      files: sent.map(([path, text]) => ({ path, base64: base64(Buffer.from(text)) })),
    });
    expect(desk.describe(sha256)).toMatchObject({
      ...{ id: 'org.example.toy', version: '1.0.0', author: 'A. Author', licence: 'MIT' },
      ...{ place: 'installed', trusted: false },
      models: [
        {
          id: 'toy',
          registers: [{ id: 'r', type: 'u32', count: 1 }],
          actions: [{ id: 'go', title: 'go' }],
        },
      ],
      services: [{ name: 'memremap_pages', title: expect.any(String) }],
      modules: [{ path: 'index.js', bytes: module.length }],
    });
  });

  test('takes nothing that is no plugin, and says why', async () => {
    const { desk } = await deskOf({ data: tempFolder('data') });
    expect(() => desk.install({ name: 'x.tgz', base64: base64(Buffer.from('no')) })).toThrow(
      'x.tgz:1:1: this is no .tgz file, or a damaged one',
    );
    const files = [{ path: '../evil.js', base64: '' }];
    expect(() => desk.install({ name: 'x', files })).toThrow('../evil.js:1:1: only paths of plain');
    expect(desk.list()).toMatchObject({ plugins: [], broken: [] });
  });

  test('lists what is broken beside what is not: a changed copy is no longer what was installed', async () => {
    const data = tempFolder('data');
    const { desk } = await deskOf({ data });
    const sha256 = desk.install({ name: 'toy.tgz', base64: base64(toyPacked()) });
    writeFileSync(join(data, 'plugins', `${sha256}.tgz`), toyPacked({ answer: 2 }));
    desk.install({ name: 'o.tgz', base64: base64(toyPacked({ id: 'org.example.other' })) });
    const { plugins, broken } = desk.list();
    expect(plugins.map(({ id }) => id)).toEqual(['org.example.other']);
    expect(broken[0]?.problems[0]?.message).toContain('it has changed since; install it again');
  });

  test('reads a named folder again when a file of it is saved, whole or by replacing it', async () => {
    const folder = toyFolder();
    const { desk, until } = await deskOf({ named: [folder] });
    const hash = () => ranWith(prepare(desk.catalogue, toyLab()));
    const [first, before] = [hash(), desk.revision];
    writeFiles(folder, toyFiles({ answer: 2 }));
    await until(() => ![first, undefined].includes(hash()));
    expect(desk.revision).toBeGreaterThan(before);
    const second = hash();
    writeFiles(folder, { 'new.js': toyFiles({ answer: 3 })['index.js'] });
    renameSync(join(folder, 'new.js'), join(folder, 'index.js'));
    await until(() => ![second, undefined].includes(hash()));
    expect(hash()).not.toBe(first);
  });

  test('notices a module in a folder that came later', async () => {
    const folder = toyFolder();
    const { desk, until } = await deskOf({ named: [folder] });
    const hash = () => ranWith(prepare(desk.catalogue, toyLab()));
    const first = hash();
    const main = toyFiles({})['index.js'].replace('return 0', 'return zero');
    writeFiles(folder, { 'parts/zero.js': 'export const zero = 0;\n' });
    writeFiles(folder, { 'index.js': `import { zero } from './parts/zero.js';\n${main}` });
    await until(() => ![first, undefined].includes(hash()));
    const [second, revision] = [hash(), desk.revision];
    writeFiles(folder, { 'parts/zero.js': 'export const zero = 0.0;\n' });
    await until(() => ![second, undefined].includes(hash()));
    expect(desk.revision).toBeGreaterThan(revision);
  });

  test('goes on watching a folder whose plugin does not load at the moment', async () => {
    const folder = toyFolder();
    const { desk, until } = await deskOf({ named: [folder] });
    const hash = () => ranWith(prepare(desk.catalogue, toyLab()));
    const first = hash();
    writeFiles(folder, { 'pfnlab-plugin.json': '{' });
    await until(() => desk.list().broken.length === 1);
    expect(hash()).toBeUndefined();
    writeFiles(folder, toyFiles({}));
    await until(() => hash() === first);
  });

  test('uses a folder that is named later on', async () => {
    const { desk } = await deskOf({});
    const folder = tempFolder('late');
    mkdirSync(join(folder, 'toy'));
    const sha256 = desk.name(toyFolder({}, join(folder, 'toy')));
    expect(ranWith(prepare(desk.catalogue, toyLab()))).toBe(sha256);
  });

  test('uses what was named no more once it is to be forgotten', async () => {
    const folder = toyFolder();
    const { desk } = await deskOf({});
    desk.name(folder);
    const before = desk.revision;
    desk.forget(folder);
    expect(desk.revision).toBeGreaterThan(before);
    expect(desk.list().plugins).toEqual([]);
    expect(prepare(desk.catalogue, toyLab()).ok).toBe(false);
    expect(() => desk.forget(folder)).toThrow(`no plugin at ${folder} was named`);
  });
});
