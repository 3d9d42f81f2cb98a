import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CallerFolder, ROOT } from '../shells/capture-terminal.ts';

const folder = new CallerFolder();
afterAll(() => folder.remove());

const text = readFileSync(join(ROOT, 'docs', 'plugin-tutorial.md'), 'utf8');
const blocks = [...text.matchAll(/^```(console|diff)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, kind, file = '', body = '']) => ({ kind, file, body }),
);

/** Commands of a block, each with what it must print. */
function commandsOf(body: string): { argv: string[]; printed: string[] }[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((one) => {
      const [command = '', ...printed] = one.trimEnd().split('\n');
      const argv = /^npm run -s lab -- (.*)$/.exec(command)?.[1]?.split(' ');
      if (!argv) throw new Error(`the test runs no command such as ${command}`);
      return { argv, printed };
    });
}

/** Lines as a pattern: `...` stands for anything, alone on a line for any lines. */
function patternOf(lines: readonly string[]): RegExp {
  const parts = lines.map((line) =>
    line === '...'
      ? '(?:.*\\n)*?'
      : `${line
          .split('...')
          .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*')}\\n`,
  );
  return new RegExp(`^${parts.join('')}$`);
}

/** A diff of one hunk without line numbers. */
function applied(before: string, diff: string): string {
  const lines = diff.trimEnd().split('\n');
  const side = (mark: string) =>
    lines
      .filter((line) => line.startsWith(mark) || line.startsWith(' '))
      .map((line) => line.slice(1))
      .join('\n');
  const [old, made] = [side('-'), side('+')];
  if (before.split(old).length !== 2) throw new Error(`this is not there once:\n${old}`);
  return before.replace(old, () => made);
}

describe('docs/plugin-tutorial.md', () => {
  test('has something to do in each of its parts', () => {
    expect(blocks.filter(({ kind }) => kind === 'console').length).toBeGreaterThan(5);
    expect(blocks.filter(({ kind }) => kind === 'diff').length).toBeGreaterThan(3);
  });

  test('can be followed as it stands', async () => {
    for (const { kind, file, body } of blocks) {
      if (kind === 'diff') {
        const path = join(folder.path, file);
        writeFileSync(path, applied(readFileSync(path, 'utf8'), body));
        continue;
      }
      for (const { argv, printed } of commandsOf(body)) {
        const { code, out, err } = await folder.run(...argv);
        const ended = code === 0 ? [] : [`exit code ${code}`];
        const shown = [...out.split('\n').slice(0, -1), ...err, ...ended];
        expect(`${shown.join('\n')}\n`, argv.join(' ')).toMatch(patternOf(printed));
      }
    }
  }, 60_000);
});
