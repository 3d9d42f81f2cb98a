import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatPluginProblem } from '../../../src/main/plugins/problem.ts';
import { loadFolder, manifest, pluginFolder } from './model-run.ts';

const MAIN = `import { answer } from './parts/answer.js';
export const models = {
  toy: {
    actions: {
      go: function* (k) { return yield* answer(k); },
      part: function* () { return 0; },
    },
    callbacks: {},
  },
};
`;
const ANSWER = `import { BASE } from '../base.js';
export function* answer(k) {
  return BASE + 2;
}
`;

function folder(files: Record<string, string>): string {
  const path = pluginFolder(manifest(), files['index.js'] ?? MAIN);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

async function loaded(path: string) {
  const result = await loadFolder(path);
  const problems = result.ok ? [] : result.problems.map(formatPluginProblem);
  return {
    sha256: result.ok ? result.plugin.origin.sha256 : '',
    problems: problems.map((text) => text.replace(`${path}/`, '')),
  };
}

const WHOLE = {
  'index.js': MAIN,
  'parts/answer.js': ANSWER,
  'base.js': 'export const BASE = 40;\n',
};

describe('a plugin of several modules', () => {
  it('links the modules of its folder, and its hash covers each of them', async () => {
    const one = await loaded(folder(WHOLE));
    expect(one.problems).toEqual([]);
    const other = await loaded(folder({ ...WHOLE, 'base.js': 'export const BASE = 41;\n' }));
    expect(other.sha256).not.toBe(one.sha256);
    const extra = await loaded(folder({ ...WHOLE, 'unused.js': 'nothing of it is read' }));
    expect(extra.sha256).toBe(one.sha256);
  });

  it('is told of faults in the module that has them', async () => {
    const cases: [string, string][] = [
      ['export const BASE = ;\n', "base.js:1:21: unexpected token in expression: ';'"],
      [
        'null.x;\nexport const BASE = 1;\n',
        "base.js:1:5: TypeError: cannot read property 'x' of null",
      ],
      [
        'export const BASE = new Map();\n',
        'base.js:1:14: TypeError: BASE could change after the module has loaded; keep state in registers',
      ],
      [
        'let n = 1;\nexport const BASE = n;\n',
        'base.js:1:1: module variables do not last: use a register, or const (let n)',
      ],
      [
        "import fs from 'fs';\nexport const BASE = 1;\n",
        "base.js:1:1: a model imports modules of its own folder, such as './labels.js', not 'fs'",
      ],
    ];
    for (const [text, problem] of cases) {
      expect((await loaded(folder({ ...WHOLE, 'base.js': text }))).problems).toEqual([problem]);
    }
  });

  it('stays in its folder: no link out of it, no path above it', async () => {
    const path = folder(WHOLE);
    const away = folder({ 'secret.js': 'export const BASE = 1;\n' });
    const linked = folder({ 'index.js': MAIN.replace('parts/answer', 'link') });
    symlinkSync(join(away, 'secret.js'), join(linked, 'link.js'));
    expect((await loaded(linked)).problems).toEqual([
      'index.js:1:1: link.js: it leads out of the folder of the plugin',
    ]);
    writeFileSync(
      join(path, 'base.js'),
      "import x from '../../etc/x.js';\nexport const BASE = x;\n",
    );
    expect((await loaded(path)).problems[0]).toContain('a model imports modules of its own folder');
  });

  it('may have 1 MiB in all its modules together', async () => {
    const big = `export const BASE = 1;\n${' '.repeat(1024 * 1024 - 100)}`;
    expect((await loaded(folder({ ...WHOLE, 'base.js': big }))).problems[0]).toMatch(
      /^parts\/answer\.js:1:1: base\.js: the module has \d+ bytes; at most \d+ are read$/,
    );
  });

  it('may import in circles', async () => {
    const ring = `${ANSWER}export const TWO = 2;\n`;
    const base =
      "import { TWO } from './parts/answer.js';\nexport const BASE = 40;\nexport function two() { return TWO; }\n";
    expect(
      (await loaded(folder({ ...WHOLE, 'parts/answer.js': ring, 'base.js': base }))).problems,
    ).toEqual([]);
  });
});
