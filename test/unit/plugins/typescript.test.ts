import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatPluginProblem } from '../../../src/main/plugins/problem.ts';
import { stripTypes } from '../../../src/main/plugins/typescript.ts';
import { loadFolder, manifest, ModelRun, pluginFolder } from './model-run.ts';

const TYPED = `import type { Kernel } from './types/api.d.ts';
import { twice } from './twice.ts';
interface Toy { readonly n: number }
export const models = {
  toy: {
    actions: {
      go: function* (k: Kernel, args: Toy): Generator<unknown, number> { return twice(args.n); },
      part: function* (k: Kernel) { return 0; },
    },
    callbacks: {},
  },
};
`;
const TWICE = 'export function twice(n: number): number {\n  return (n as number) * 2;\n}\n';

function typed(main: string, twice = TWICE): string {
  const folder = pluginFolder(manifest().replace('index.js', 'index.ts'), '');
  writeFileSync(join(folder, 'index.ts'), main);
  writeFileSync(join(folder, 'twice.ts'), twice);
  return folder;
}

async function problems(folder: string): Promise<string[]> {
  const result = await loadFolder(folder);
  if (result.ok) return [];
  return result.problems.map((problem) =>
    formatPluginProblem({ ...problem, file: problem.file.slice(folder.length + 1) }),
  );
}

describe('stripTypes', () => {
  it('leaves every line and column where it was', () => {
    const stripped = stripTypes('const a: number = 1;\ntype B = string;\nfoo(a as B);\n');
    expect(stripped).toEqual({
      ok: true,
      source: 'const a         = 1;\n                \nfoo(a     );\n',
    });
  });

  it('says where something is that needs more than stripping', () => {
    expect(stripTypes('let a = 1;\n  enum Kind { A }\n')).toEqual({
      ok: false,
      fault: { line: 2, column: 3, message: expect.stringContaining('enum is not supported') },
    });
  });
});

describe('a plugin in TypeScript', () => {
  it('loads and runs, module by module', async () => {
    const result = await loadFolder(typed(TYPED));
    if (!result.ok) throw new Error(result.problems.map(formatPluginProblem).join('\n'));
    const [model] = result.plugin.models;
    expect(new ModelRun(model!).act('go', { n: 21 })).toBe(42);
  });

  it('tells mistakes at their places in the TypeScript file', async () => {
    expect(await problems(typed(TYPED, 'let x: = 2;\n'))).toEqual([
      expect.stringMatching(/^twice\.ts:1:8: Unexpected token/),
    ]);
    const thrown = `interface A { b: string }\nconst a: A = { b: 'c' };\nthrow new Error(a.b as string);\n${TYPED}`;
    expect(await problems(typed(thrown))).toEqual([expect.stringMatching(/^index\.ts:3:\d+: /)]);
  });

  it('has another hash when only a type changes: what is trusted is what is read', async () => {
    const hash = async (twice: string) => {
      const result = await loadFolder(typed(TYPED, twice));
      return result.ok ? result.plugin.origin.sha256 : undefined;
    };
    expect(await hash(TWICE)).not.toBe(await hash(TWICE.replace('): number', '): unknown')));
  });
});
