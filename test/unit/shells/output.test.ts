import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { askYesNo, outputTo, withoutOrders } from '../../../src/main/shells/output.ts';
import { manifest, moduleWith, pluginFolder } from '../plugins/model-run.ts';
import { CallerFolder, SMALL_LAB } from './capture-terminal.ts';

const folder = new CallerFolder();
afterAll(() => folder.remove());

/** Sets the title of a terminal's window, clears it, and turns text around. */
const HOSTILE = '\u001b]0;mine\u0007\u001b[2J\u009b31m\u202eevil';
const SEEN = '\\u001b]0;mine\\u0007\\u001b[2J\\u009b31m\\u202eevil';
/** As a YAML text with double quotes writes it. */
const WRITTEN = JSON.stringify(HOSTILE);

describe('outputTo', () => {
  it('prints data as it is, except for what a terminal obeys', () => {
    let out = '';
    let err = '';
    const output = outputTo({
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    });
    output.print('a\tb\r\nü 🙂 \rb' + HOSTILE);
    output.say(`one\nline ${HOSTILE}`);
    expect(out).toBe(`a\tb\r\nü 🙂 \\u000db${SEEN}`);
    expect(err).toBe(`one\\nline ${SEEN}\n`);
  });

  it('leaves JSON and quoted YAML what they were', () => {
    const data = { [HOSTILE]: HOSTILE };
    expect(JSON.parse(withoutOrders(JSON.stringify(data)))).toEqual(data);
  });
});

describe('askYesNo', () => {
  it.each([
    ['y\n', true],
    ['YES\n', true],
    ['n\n', false],
    ['yesterday\n', false],
    ['\n', false],
    ['', false],
  ])('takes %j as %s', async (typed, answer) => {
    const [stdin, stderr] = [new PassThrough(), new PassThrough()];
    stdin.end(typed);
    expect(await askYesNo({ stdin, stderr }, `Trust ${HOSTILE}?`)).toBe(answer);
    expect(String(stderr.read())).toContain(`Trust ${SEEN}? [y/N] `);
  });
});

/** Everything the command line wrote, and that no order is in it. */
async function written(...argv: string[]): Promise<string> {
  const { out, err } = await folder.run(...argv);
  const text = [out, ...err].join('\n');
  expect(text.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/g)).toBeNull();
  return text;
}

const lab = (change: (text: string) => string) =>
  folder.write('hostile.lab.yaml', change(SMALL_LAB));

describe('the command line writes no order to the terminal, wherever it comes from', () => {
  it.each<[string, (text: string) => string]>([
    ['a title', (text) => text.replace('title: a small PC', `title: ${WRITTEN}`)],
    ['an unknown key', (text) => `${text}${WRITTEN}: 1\n`],
    [
      'a device and its model',
      (text) => `${text}devices: [{ id: ${WRITTEN}, model: ${WRITTEN} }]\n`,
    ],
    ['an actor', (text) => `${text}schedule: [{ release: ${WRITTEN} }]\n`],
    ['a kernel version', (text) => text.replace('"6.12"', WRITTEN)],
    [
      'a switch',
      (text) => text.replace('arch: x86_64', `switches: { ${WRITTEN}: true }, arch: x86_64`),
    ],
    [
      'the command line of the kernel',
      (text) => text.replace('arch: x86_64', `cmdline: ${WRITTEN}, arch: x86_64`),
    ],
    ['an expectation', (text) => `${text}  - iomem: { start: 0, end: 1, name: ${WRITTEN} }\n`],
  ])('%s of a lab', async (_what, change) => {
    const text = await written('run', lab(change));
    expect(text).toContain('evil');
    await written('run', '--trace', lab(change));
    await written('run', '--json', lab(change));
  });

  it('the name of a file, and of a verb', async () => {
    expect(await written('run', `${HOSTILE}.lab.yaml`)).toContain('evil');
    expect(await written(HOSTILE)).toContain('evil');
    expect(await written('run', `--${HOSTILE}`)).toContain('evil');
  });

  it('a log that is imported', async () => {
    const line = `[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable ${HOSTILE}`;
    folder.write('dmesg', `[    0.000000] Linux version 6.12.0 ${HOSTILE}\n${line}\n`);
    expect(await written('import', 'dmesg')).toContain('evil');
  });

  it('a plugin: its title, what its module throws', async () => {
    const titled = pluginFolder(manifest({ title: HOSTILE }), moduleWith('return 0;'));
    expect(await written('plugin', 'check', titled)).toContain('evil');
    const thrown = pluginFolder(manifest(), `throw new Error(${WRITTEN});`);
    expect(await written('plugin', 'check', thrown)).toContain('evil');
    const keyed = pluginFolder(manifest({ [HOSTILE]: 1 }), moduleWith('return 0;'));
    expect(await written('plugin', 'check', keyed)).toContain('evil');
  });
});
