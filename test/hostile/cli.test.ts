import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallerFolder, SMALL_LAB } from '../unit/shells/capture-terminal.ts';
import { DoorProcess, type Ended } from '../unit/shells/processes.ts';

const folder = new CallerFolder();

beforeAll(async () => {
  folder.write('small.lab.yaml', SMALL_LAB);
  mkdirSync(join(folder.path, 'folder'));
  await folder.run('run', 'small.lab.yaml', '--out', 'good.pfnlab');
});
afterAll(() => folder.remove());

/** What the program said, which must be one line with no trace of where it was thrown. */
async function complaint(...argv: string[]): Promise<string> {
  const { code, out, err } = await folder.run(...argv);
  expect([code, out]).toEqual([2, '']);
  expect(err).toHaveLength(1);
  expect(err[0]).not.toMatch(/\n| at .*\.ts:\d/);
  return err[0] as string;
}

const lab = (name: string, from: string | RegExp, to: string): string =>
  folder.write(name, SMALL_LAB.replace(from, to));

describe('command line: files that are none', () => {
  test.each(['run', 'show --iomem', 'import', 'page'])('%s of a missing file', async (verb) => {
    const [name = '', ...rest] = verb.split(' ');
    const operands = name === 'page' ? ['none.lab.yaml', '1'] : ['none.lab.yaml'];
    expect(await complaint(name, ...operands, ...rest)).toBe(
      'none.lab.yaml: there is no such file',
    );
  });

  test('a folder instead of a file', async () => {
    expect(await complaint('run', 'folder')).toBe('folder: there is no lab (*.lab.yaml) in it');
    for (const argv of [['import'], ['show', '--zoneinfo']]) {
      const [verb = '', ...rest] = argv;
      expect(await complaint(verb, 'folder', ...rest)).toBe('folder: it is a folder, not a file');
    }
  });

  test('a path through a file', async () => {
    expect(await complaint('run', 'small.lab.yaml/x')).toBe(
      'small.lab.yaml/x: a part of its path is not a folder',
    );
  });

  test('a file that may not be read', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may read every file');
    chmodSync(join(folder.path, folder.write('closed.lab.yaml', SMALL_LAB)), 0);
    expect(await complaint('run', 'closed.lab.yaml')).toBe('closed.lab.yaml: access is denied');
  });

  test('a lab that is not UTF-8, with the place of the first wrong byte', async () => {
    const bytes = Buffer.from(SMALL_LAB.replace('a small PC', 'a sm\u00f6l PC'), 'latin1');
    folder.write('latin1.lab.yaml', bytes);
    expect(await complaint('run', 'latin1.lab.yaml')).toBe(
      'latin1.lab.yaml:2:12: the file is not UTF-8 text',
    );
  });

  test('an import takes any bytes: what is no text is told like any other line', async () => {
    const log = Buffer.concat([
      Buffer.from('[    0.000000] Linux version 6.12.0 (user@host) #1 SMP\n'),
      Buffer.from('[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000001fffffff] usable\n'),
      Buffer.from([0x5b, 0xff, 0xfe, 0x80, 0x0a]),
    ]);
    folder.write('bytes.txt', log);
    const { code, err } = await folder.run('import', 'bytes.txt');
    expect(code).toBe(0);
    expect(err.some((line) => line.startsWith('bytes.txt:3: '))).toBe(true);
  });
});

describe('command line: labs that cannot be run', () => {
  test.each([
    [
      'an unknown key',
      'program:',
      'programm:',
      /:\d+:1: unknown key `programm` in the lab; did you mean `program`\?/,
    ],
    ['broken YAML', 'distances: [10]', 'distances: [10', /^broken\.lab\.yaml:\d+:\d+: broken YAML/],
    ['an unknown operation', '- boot', '- boot\n  - bot', /:16:5: unknown operation `bot`/],
    [
      'a device model nobody has',
      'program:',
      'devices: [ { id: x, model: nothing, range: { start: 0x100000000, size: 1GiB } } ]\nprogram:',
      /nothing/,
    ],
    ['an unknown version', '"6.12"', '"3.999"', /^broken\.lab\.yaml:3:/],
    [
      'a size over the limit of the processor',
      '0x1ffdffff, type',
      '0xffffffffffffff, type',
      /^broken\.lab\.yaml:10:7: the usable range ends at 0xffffffffffffff/,
    ],
  ])('%s', async (_what, from, to, wanted) => {
    const { code, out, err } = await folder.run('run', lab('broken.lab.yaml', from, to));
    expect([code, out]).toEqual([2, '']);
    expect(err.join('\n')).toMatch(wanted);
    for (const line of err) expect(line).toMatch(/^broken\.lab\.yaml:\d+:\d+: /);
  });

  test('an empty file', async () => {
    expect(await complaint('run', folder.write('empty.lab.yaml', ''))).toMatch(
      /^empty\.lab\.yaml:1:1: /,
    );
  });
});

describe('command line: recordings that are none', () => {
  test('a random file by that name', async () => {
    const bytes = Buffer.alloc(5000, 'no database ');
    expect(await complaint('show', folder.write('random.pfnlab', bytes), '--iomem')).toBe(
      'random.pfnlab: it is not a .pfnlab file',
    );
  });

  test('a lab by that name, and a recording named as a lab', async () => {
    expect(await complaint('show', folder.write('lab.pfnlab', SMALL_LAB), '--iomem')).toContain(
      'lab.pfnlab: ',
    );
    expect(await complaint('run', 'good.pfnlab')).toBe(
      'good.pfnlab: it is a recording, not a lab; "show" and "page" read it',
    );
  });

  test('a recording cut off, and one with changed bytes', async () => {
    const whole = readFileSync(join(folder.path, 'good.pfnlab'));
    folder.write('cut.pfnlab', whole.subarray(0, whole.length / 2));
    expect(await complaint('show', 'cut.pfnlab', '--iomem')).toMatch(/^cut\.pfnlab: it is cut off/);
    const changed = Buffer.from(whole);
    changed.write('another PC', changed.indexOf('a small PC'));
    folder.write('changed.pfnlab', changed);
    expect(await complaint('show', 'changed.pfnlab', '--iomem')).toBe(
      'changed.pfnlab: its texts were changed or damaged',
    );
  });

  test('a recording of a newer version', async () => {
    const newer = Buffer.from(readFileSync(join(folder.path, 'good.pfnlab')));
    newer.writeUInt32BE(99, 60);
    folder.write('newer.pfnlab', newer);
    expect(await complaint('page', 'newer.pfnlab', '1')).toMatch(/made by a newer pfnlab/);
  });
});

describe('command line: plugins that are none', () => {
  const plugin = (name: string, files: Record<string, string>): string => {
    mkdirSync(join(folder.path, name));
    for (const [file, text] of Object.entries(files)) folder.write(join(name, file), text);
    return name;
  };
  const manifest = JSON.stringify({
    id: 'org.example.broken',
    version: '1.0.0',
    apiVersion: 1,
    title: 'Broken',
    licence: 'MIT',
    main: 'index.js',
    models: [{ id: 'broken', callbacks: ['probe'] }],
  });

  test('a module with a syntax error, and one that never ends', async () => {
    plugin('syntax', { 'pfnlab-plugin.json': manifest, 'index.js': 'export const models = {;\n' });
    expect(await complaint('plugin', 'check', 'syntax')).toMatch(/syntax\/index\.js:1:\d+: /);
    plugin('endless', { 'pfnlab-plugin.json': manifest, 'index.js': 'for (;;);\n' });
    expect(await complaint('plugin', 'check', 'endless')).toMatch(/endless\/index\.js:\d+:\d+: /);
  });

  test('a folder without a manifest, and no folder', async () => {
    expect(await complaint('plugin', 'check', 'folder')).toMatch(/manifest is missing$/);
    expect(await complaint('plugin', 'check', 'nowhere')).toBe(
      'nowhere:1:1: there is no such folder or file',
    );
    expect(await complaint('plugin', 'make')).toContain('there is no "plugin make"');
  });
});

describe('command line: the process', () => {
  const cli = (...argv: string[]): Promise<Ended> =>
    new DoorProcess('cli', argv, { cwd: folder.path }).ended;

  test('exit codes and streams are as in process', async () => {
    expect(await cli()).toMatchObject({ code: 2, out: '', err: expect.stringContaining('a verb') });
    expect(await cli('rnu')).toEqual({
      code: 2,
      signal: null,
      out: '',
      err: 'pfnlab: there is no verb rnu; did you mean run?; "npm run -s lab -- --help" says what there is\n',
    });
    const help = await cli('--help');
    expect([help.code, help.err]).toEqual([0, '']);
    for (const verb of ['run', 'show', 'page', 'explain', 'import', 'compare', 'plugin']) {
      expect(help.out).toMatch(new RegExp(`^  ${verb} `, 'm'));
    }
  });

  test('every verb has a help of its own', async () => {
    for (const verb of ['run', 'show', 'page', 'explain', 'import', 'compare', 'plugin']) {
      const { code, out, err } = await folder.run(verb, '--help');
      expect([code, err]).toEqual([0, []]);
      expect(out).toMatch(new RegExp(`^npm run -s lab -- ${verb} `));
    }
  });

  test('a reader that stops reading ends it without a word', async () => {
    const door = new DoorProcess('cli', ['run', 'small.lab.yaml', '--trace'], { cwd: folder.path });
    door.child.stdout?.destroy();
    const { signal, err } = await door.ended;
    expect(signal).toBeNull();
    expect(err).not.toMatch(/EPIPE|Error| at /);
  });
});
