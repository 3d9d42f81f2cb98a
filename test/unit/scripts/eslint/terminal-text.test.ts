import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { terminalText } from '../../../../scripts/eslint/terminal-text.js';
import { root } from '../project.ts';

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser as never },
    plugins: { pfnlab: { rules: { 'terminal-text': terminalText } } },
    rules: { 'pfnlab/terminal-text': 'error' },
  },
});

describe('terminalText', () => {
  it.each([
    ["process.stdout.write('a');", ['process.stdout']],
    ["process['stderr'].write('a');", ['process.stderr']],
    ['globalThis.process.stdout.end();', ['process.stdout']],
    ['createInterface({ input: process.stdin, output: process.stderr });', ['process.stderr']],
    ['const { stdout } = process;', ['process.stdout']],
    ["import { stderr as out } from 'node:process';", ['process.stderr']],
    ["import { log } from 'node:console';", ['console']],
    ["console.log('a');", ['console']],
    ["globalThis.console.error('a');", ['console']],
    ["writeSync(1, 'a');", ['file descriptor 1']],
    ["fs.writeFileSync(2, 'a');", ['file descriptor 2']],
    ['const ask = process.stdin.isTTY && process.stderr.isTTY;', []],
    ['outputTo(process).print(text);', []],
    ["import { resolve } from 'node:path';", []],
    ["writeFileSync('1', text);", []],
    ['const { stdout } = child;', []],
    ['function f(console: Pane) { console.show(); }', []],
  ])('of %s finds %j', async (code, found) => {
    const [result] = await eslint.lintText(code, { filePath: `${root}/src/main/shells/a.ts` });
    expect(result!.messages.map(({ message }) => message)).toEqual(
      found.map(
        (what) => `${what} passes by src/main/shells/output.ts, where text leaves for a terminal.`,
      ),
    );
  });

  it.each([
    ['src/main/shells/web.ts', true],
    ['src/main/shells/cli/run.ts', true],
    ['src/main/bench/bench.ts', true],
    ['src/main/shells/output.ts', false],
  ])('holds in %s: %s', async (path, holds) => {
    const { rules } = await new ESLint({ cwd: root }).calculateConfigForFile(path);
    expect(rules['pfnlab/terminal-text']?.[0] === 2).toBe(holds);
  });
});
