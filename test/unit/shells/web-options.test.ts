import { describe, expect, test } from 'vitest';
import { DEFAULT_PORT, readWebOptions } from '../../../src/main/shells/web-options.ts';

describe('web door: options', () => {
  test('the port is 4571 unless told', () => {
    expect(DEFAULT_PORT).toBe(4571);
    expect(readWebOptions([])).toEqual({ help: false, port: 4571 });
    expect(readWebOptions(['--port', '0'])).toEqual({ help: false, port: 0 });
    expect(readWebOptions(['--port=65535'])).toEqual({ help: false, port: 65535 });
  });

  test.each(['65536', 'x', '-1', '1.5', '', '0x10', '1e3'])('"%s" is no port', (port) => {
    expect(readWebOptions([`--port=${port}`])).toEqual({
      problem: `--port takes a number from 0 to 65535, not "${port}"`,
    });
  });

  test.each([['--prot', '1'], ['lab.yaml'], ['--port']])('%s is refused in one line', (...argv) => {
    const { problem } = readWebOptions(argv) as { problem: string };
    expect(problem).toContain(argv[0]);
    expect(problem).not.toContain('\n');
  });
});
