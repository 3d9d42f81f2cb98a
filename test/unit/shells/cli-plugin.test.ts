import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TEMPLATE_NAMES } from '../../../src/main/bench/plugins/templates.ts';
import { toyFiles, toyLab, writeFiles, type Toy } from '../bench/plugins/toys.ts';
import { CallerFolder, ROOT } from './capture-terminal.ts';

let folder: CallerFolder;
beforeEach(() => (folder = new CallerFolder()));
afterEach(() => folder.remove());

const toy = (name: string, parts: Toy = {}): string => {
  writeFiles(join(folder.path, name), toyFiles(parts));
  return name;
};

describe('lab plugin new', () => {
  test('has a template for each folder of templates', () => {
    expect(readdirSync(join(ROOT, 'plugins', 'templates')).sort()).toEqual(
      [...TEMPLATE_NAMES].sort(),
    );
  });

  const hashes = (err: readonly string[]) =>
    err.flatMap((line) => /hold, state ([0-9a-f]{32})$/.exec(line)?.[1] ?? []);

  test.each(TEMPLATE_NAMES)(
    '%s works as it is made, the same in both languages',
    async (template) => {
      const states = [];
      for (const language of ['ts', 'js']) {
        const name = `my-${language}`;
        const made = await folder.run(
          'plugin',
          'new',
          name,
          '--template',
          template,
          `--${language}`,
        );
        expect([made.code, made.out]).toEqual([0, expect.stringContaining(`index.${language}\n`)]);
        const tested = await folder.run('plugin', 'test', name);
        expect([tested.code, tested.err.filter((line) => !line.includes('hold, state'))]).toEqual([
          0,
          [],
        ]);
        states.push(hashes(tested.err).length);
      }
      expect(states).toEqual([2, 2]);
    },
  );

  test('writes over nothing, and knows its names and templates', async () => {
    mkdirSync(join(folder.path, 'taken'));
    folder.write(join('taken', 'mine.txt'), 'mine');
    const refused = async (...argv: string[]) =>
      (await folder.run('plugin', 'new', ...argv)).err[0];
    expect(await refused('taken')).toContain('taken is there already');
    expect(await refused('My Device')).toContain('"My Device" is no name for a plugin');
    expect(await refused('a', '--template', 'nic')).toMatch(
      /no template "nic"; there are .*minimal/,
    );
    expect(await refused('a', '--js', '--ts')).toContain('not both');
  });
});

describe('--plugin', () => {
  beforeEach(() => folder.write('toy.lab.yaml', toyLab()));

  test('stands on every verb that runs a lab, for a folder or one file', async () => {
    toy('toy');
    const packed = await folder.run('plugin', 'pack', 'toy', '--out', 'toy.tgz');
    expect(packed.code).toBe(0);
    for (const plugin of ['toy', 'toy.tgz']) {
      for (const argv of [
        ['run', 'toy.lab.yaml'],
        ['show', 'toy.lab.yaml', '--iomem'],
        ['page', 'toy.lab.yaml', '0x100'],
        ['explain', 'toy.lab.yaml', '0x100'],
        ['compare', 'toy.lab.yaml', 'toy.lab.yaml'],
      ]) {
        const { code, err } = await folder.run(...argv, '--plugin', plugin);
        expect([argv[0], code, err.join('\n')]).toEqual([
          argv[0],
          0,
          expect.not.stringContaining('error'),
        ]);
      }
    }
    const help = await folder.run('help', 'toy.go', '--plugin', 'toy');
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('toy.go (action)')]);
  });

  test('without it a lab ends with 2 and what can be done; --without-plugin does without', async () => {
    const lacking = await folder.run('run', 'toy.lab.yaml');
    expect([lacking.code, lacking.err[0]]).toEqual([
      2,
      expect.stringMatching(/no plugin has a model `toy`.*--plugin/),
    ]);
    const without = await folder.run('run', 'toy.lab.yaml', '--without-plugin', 'org.example.toy');
    expect([without.code, without.err[0]]).toEqual([0, expect.stringContaining('warning: toy0')]);
  });

  test('a plugin that cannot be read is told, and the others run', async () => {
    toy('toy');
    folder.write('broken.tgz', 'no');
    const { code, err } = await folder.run(
      ...['run', 'toy.lab.yaml', '--plugin', 'toy', '--plugin', 'broken.tgz', '--plugin', 'gone'],
    );
    expect(code).toBe(0);
    expect(err.slice(0, 2)).toEqual([
      expect.stringMatching(/broken\.tgz:1:1: this is no \.tgz file/),
      expect.stringMatching(/gone:1:1: there is no such folder or file$/),
    ]);
  });
});

describe('a plugin that a lab brings along', () => {
  const LAB = toyLab('{ id: org.example.toy, path: toy }');
  beforeEach(() => {
    toy('toy');
    folder.write('toy.lab.yaml', LAB);
  });

  test('runs where somebody says so: by --trust, by --plugin, or asked', async () => {
    const refused = await folder.run('run', 'toy.lab.yaml');
    expect([refused.code, refused.err]).toEqual([
      2,
      [expect.stringMatching(/nobody has trusted.*--trust/)],
    ]);
    expect((await folder.run('run', 'toy.lab.yaml', '--trust')).code).toBe(0);
    expect((await folder.run('run', 'toy.lab.yaml', '--plugin', 'toy')).code).toBe(0);
    expect((await folder.run('run', 'toy.lab.yaml')).code).toBe(2);

    const asked: string[] = [];
    folder.ask = (question) => Promise.resolve(asked.push(question) > 1);
    const no = await folder.run('run', 'toy.lab.yaml');
    expect([no.code, no.err.join('\n')]).toEqual([2, expect.stringContaining('model toy')]);
    expect((await folder.run('run', 'toy.lab.yaml')).code).toBe(0);
    expect(asked).toHaveLength(2);
    expect((await folder.run('run', 'toy.lab.yaml')).code).toBe(0);
    expect(asked).toHaveLength(2);
  });

  test('is another stranger once a byte of it has changed', async () => {
    folder.ask = () => Promise.resolve(true);
    expect((await folder.run('run', 'toy.lab.yaml')).code).toBe(0);
    folder.ask = undefined;
    expect((await folder.run('run', 'toy.lab.yaml')).code).toBe(0);
    toy('toy', { answer: 2 });
    expect((await folder.run('run', 'toy.lab.yaml')).code).toBe(2);
  });
});

describe('lab plugin', () => {
  test('pack gives the same bytes for the same files, wherever they lie', async () => {
    toy('toy');
    cpSync(join(folder.path, 'toy'), join(folder.path, 'deep', 'er', 'toy'), { recursive: true });
    folder.write(join('toy', '.hidden'), 'not packed');
    await folder.run('plugin', 'pack', 'toy', '--out', 'a.tgz');
    await folder.run('plugin', 'pack', 'deep/er/toy', '--out', 'b.tgz');
    const [a, b] = ['a.tgz', 'b.tgz'].map((name) => readFileSync(join(folder.path, name)));
    expect(a?.equals(b ?? Buffer.of())).toBe(true);
  });

  test('install keeps versions side by side; remove asks which', async () => {
    for (const version of ['1.0.0', '1.1.0']) {
      const { code } = await folder.run(
        'plugin',
        'install',
        toy(`toy-${version}`, { version }),
        '--trust',
      );
      expect(code).toBe(0);
    }
    const listed = await folder.run('plugin', 'list');
    expect(listed.out.match(/^org\.example\.toy .*$/gm)).toEqual([
      expect.stringContaining('1.1.0'),
      expect.stringContaining('1.0.0'),
    ]);
    const which = await folder.run('plugin', 'remove', 'org.example.toy');
    expect([which.code, which.err]).toHaveLength(2);
    expect(which.err).toHaveLength(3);
    const hash = /sha256 ([0-9a-f]{12})/.exec(which.err[1] ?? '')?.[1] ?? '';
    expect((await folder.run('plugin', 'remove', hash)).code).toBe(0);
    expect((await folder.run('plugin', 'remove', 'org.example.toy')).code).toBe(0);
    expect((await folder.run('plugin', 'remove', 'org.example.toy')).err[0]).toContain(
      'is installed',
    );
  });

  test('test tells what does not hold, in JUnit too, and ends with 1', async () => {
    toy('toy');
    writeFileSync(join(folder.path, 'toy', 'good.lab.yaml'), toyLab());
    writeFileSync(
      join(folder.path, 'toy', 'wrong.lab.yaml'),
      toyLab().replace('start_pfn: 1,', 'start_pfn: 2,'),
    );
    const { code, err } = await folder.run('plugin', 'test', 'toy', '--junit', 'toy.xml');
    expect([code, err[1]]).toEqual([
      1,
      expect.stringMatching(/^toy\/wrong\.lab\.yaml:\d+:\d+: .*expected/),
    ]);
    const junit = readFileSync(join(folder.path, 'toy.xml'), 'utf8');
    expect(junit.match(/<testsuite name/g)).toHaveLength(2);
    expect(junit).toMatch(/<testsuites tests="\d+" failures="1">/);
  });

  test('test of a plugin without a lab, or that does not load, ends with 2', async () => {
    toy('toy');
    expect(await folder.run('plugin', 'test', 'toy')).toMatchObject({
      code: 2,
      err: ['toy: there is no lab (*.lab.yaml) in it'],
    });
    writeFiles(join(folder.path, 'toy'), { 'index.js': 'export const models = {};\n' });
    expect(await folder.run('plugin', 'test', 'toy')).toMatchObject({
      code: 2,
      err: [expect.stringMatching(/index\.js:1:1: it exports no models\.toy/)],
    });
  });
});
