import { describe, expect, test } from 'vitest';
import { resolve } from 'node:path';
import { readDoorPlugins } from '../../../src/main/shells/plugin-options.ts';
import { DEFAULT_PORT, readWebOptions } from '../../../src/main/shells/web-options.ts';

const HERE = resolve('/here');
const NONE = { help: false, plugins: [], withoutPlugins: [] };

describe('web door: options', () => {
  test('the port is 4571 unless told', () => {
    expect(DEFAULT_PORT).toBe(4571);
    expect(readWebOptions([], HERE)).toEqual({ ...NONE, port: 4571 });
    expect(readWebOptions(['--port', '0'], HERE)).toEqual({ ...NONE, port: 0 });
    expect(readWebOptions(['--port=65535'], HERE)).toEqual({ ...NONE, port: 65535 });
  });

  test.each(['65536', 'x', '-1', '1.5', '', '0x10', '1e3'])('"%s" is no port', (port) => {
    expect(readWebOptions([`--port=${port}`], HERE)).toEqual({
      problem: `--port takes a number from 0 to 65535, not "${port}"`,
    });
  });

  test('plugins are paths from where the caller stands, as often as they are named', () => {
    const argv = ['--plugin', 'a', '--plugin=/b.tgz', '--without-plugin', 'org.example.c'];
    const plugins = [resolve(HERE, 'a'), resolve('/b.tgz')];
    const named = { plugins, withoutPlugins: ['org.example.c'] };
    expect(readWebOptions(argv, HERE)).toMatchObject(named);
    expect(readDoorPlugins(['--no-sandbox-of-chromium', ...argv], HERE)).toEqual(named);
  });

  test.each([['--prot', '1'], ['lab.yaml'], ['--port']])('%s is refused in one line', (...argv) => {
    const { problem } = readWebOptions(argv, HERE) as { problem: string };
    expect(problem).toContain(argv[0]);
    expect(problem).not.toContain('\n');
  });
});
