import { describe, expect, it } from 'vitest';
import { supervise } from '../../../src/main/shells/cli/supervise.ts';
import { outputTo } from '../../../src/main/shells/output.ts';
import { CallerFolder, ROOT, SMALL_LAB } from './capture-terminal.ts';

const DOOMED = new URL('../bench/supervisor/doomed-thread.ts', import.meta.url);

/** A command line in a thread of its own, and all that it writes. */
async function run(argv: readonly string[], file?: URL) {
  const folder = new CallerFolder();
  folder.write('small.lab.yaml', SMALL_LAB);
  let out = '';
  let err = '';
  const output = outputTo({
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  const line = { argv, folder: folder.path, root: ROOT, data: folder.path };
  const code = await supervise(line, output, 200, file);
  const there = await folder.run(...argv);
  folder.remove();
  return { code, out, err, there };
}

describe('supervise', () => {
  it('ends code of a plugin that takes no end, and names it: the run has failed', async () => {
    const { code, out, err } = await run(['loop'], DOOMED);
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: 'pfnlab: toy/index.js:3:5: org.example.toy 1.0.0, action go of toy0, had 0.2 s of CPU time without a request and was ended\n',
    });
  });

  it('says of any other death what it was', async () => {
    const { code, err } = await run(['throw elsewhere'], DOOMED);
    expect([code, err]).toEqual([2, 'pfnlab: the engine stopped: out of order\n']);
  });

  it.each([
    ['run', 'small.lab.yaml'],
    ['run', '--trace', 'small.lab.yaml'],
    ['run', 'absent.lab.yaml'],
    ['nonsense'],
  ])('writes and answers what the verb does: %s %s', async (...argv) => {
    const { there, code, out, err } = await run(argv);
    expect({ code, out, err }).toEqual({
      ...there,
      err: there.err.map((line) => `${line}\n`).join(''),
    });
  });
});
