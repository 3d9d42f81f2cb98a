import { ESLint } from 'eslint';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { importDirection } from '../../../../scripts/eslint/import-direction.js';
import { LAYERS } from '../../../../scripts/eslint/layers.js';
import { root } from '../project.ts';

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: {
    files: ['**/*.ts', '**/*.js'],
    languageOptions: { parser: tseslint.parser as never },
    plugins: { pfnlab: { rules: { 'import-direction': importDirection } } },
    rules: { 'pfnlab/import-direction': 'error' },
  },
});

/** What the rule says about `code` standing in the file `path` of the project. */
async function complaints(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, path) });
  return result!.messages.map((message) => message.message);
}

describe('import-direction', () => {
  it.each([
    [
      'src/main/engine/core/world/a.ts',
      '../../../bench/bench.ts',
      'engine core may not import bench',
    ],
    ['src/main/formats/a.ts', '../bench/bench.ts', 'formats may not import bench'],
    ['src/main/sessions/a.ts', '../formats/dmesg.ts', 'sessions may not import formats'],
    [
      'src/main/shells/cli.ts',
      '../engine/core/world/world.ts',
      'shells may not import engine core',
    ],
    ['src/renderer/panes/a.ts', '../../main/bench/bench.ts', 'renderer may not import bench'],
    ['src/preload/index.ts', '../main/bench/bench.ts', 'preload may not import bench'],
    [
      'src/shared/lab/a.ts',
      '../../main/engine/core/world/world.ts',
      'shared may not import engine core',
    ],
    ['plugins/nvdimm/index.js', '../../src/shared/lab/lab.ts', 'hardware models may not import'],
    ['src/main/engine/core/world/a.ts', '../../../../../test/a.ts', 'outside every layer'],
    [
      'src/main/engine/core/world/a.ts',
      '../../kernel/mm/vma.ts',
      'engine core may not import engine kernel',
    ],
    [
      'src/main/engine/kernel/mm/a.ts',
      '../../lab/machine/run.ts',
      'engine kernel may not import engine lab',
    ],
  ])('%s may not import %s', async (path, target, complaint) => {
    const statements = [
      `import { a } from '${target}';`,
      `import type { A } from '${target}';`,
      `export * from '${target}';`,
      `export { a } from '${target}';`,
      `await import('${target}');`,
      `new Worker(new URL('${target}', import.meta.url));`,
    ];
    for (const statement of statements) {
      expect(await complaints(path, statement), statement).toEqual([
        expect.stringContaining(complaint),
      ]);
    }
    if (path.endsWith('.ts')) {
      const inType = await complaints(path, `type A = import('${target}').A;`);
      expect(inType).toEqual([expect.stringContaining(complaint)]);
    }
  });

  it.each([
    ['src/main/engine/core/world/a.ts', 'node:fs'],
    ['src/main/engine/core/world/a.ts', 'zod'],
    ['src/main/engine/core/world/a.ts', 'electron'],
    ['src/shared/lab/a.ts', 'vue'],
    ['src/main/bench/a.ts', 'electron'],
    ['src/main/sessions/a.ts', 'vue'],
    ['src/renderer/a.ts', 'node:fs'],
    ['src/renderer/a.ts', 'better-sqlite3'],
    ['src/preload/index.ts', 'node:fs'],
    ['plugins/nvdimm/index.js', 'zod'],
  ])('%s may not import the package %s', async (path, name) => {
    expect(await complaints(path, `import a from '${name}';`)).toEqual([
      expect.stringContaining(`may not import the package ${name}`),
    ]);
  });

  it.each([
    ['src/main/shells/cli.ts', '../bench/bench.ts'],
    ['src/main/shells/electron.ts', 'electron'],
    ['src/main/bench/bench.ts', '../engine/core/world/world.ts'],
    ['src/main/bench/bench.ts', '../formats/dmesg.ts'],
    ['src/main/sessions/a.ts', '../engine/core/world/world.ts'],
    ['src/main/sessions/a.ts', 'better-sqlite3'],
    ['src/main/engine/core/world/a.ts', '../../../../shared/world/step.ts'],
    ['src/main/engine/core/world/a.ts', 'sorted-btree'],
    ['src/main/engine/lab/machine/a.ts', '../../kernel/mm/vma.ts'],
    ['src/main/engine/kernel/mm/a.ts', '../../core/world/world.ts'],
    ['src/renderer/a.ts', '../shared/world/step.ts'],
    ['src/renderer/a.ts', 'vue'],
    ['src/shared/lab/a.ts', 'zod'],
    ['plugins/nvdimm/index.js', './namespaces.js'],
    ['plugins/nvdimm/index.js', '../api.d.ts'],
    ['test/unit/a.test.ts', '../../src/main/engine/core/world/world.ts'],
  ])('%s may import %s', async (path, target) => {
    expect(await complaints(path, `import a from '${target}';`)).toEqual([]);
  });

  it('asks for the extension of a relative import, because Node runs the sources', async () => {
    expect(await complaints('src/main/bench/a.ts', `import a from './bench';`)).toEqual([
      'Name the file with its extension: Node runs the sources as they are.',
    ]);
  });

  it("is an error in every layer under the project's own configuration", async () => {
    const project = new ESLint({ cwd: root });
    for (const { folder } of LAYERS) {
      const name = folder === 'plugins/' ? 'index.js' : 'index.ts';
      const config = await project.calculateConfigForFile(join(root, folder, name));
      expect(config.rules['pfnlab/import-direction'], folder).toEqual([2]);
    }
  });
});
