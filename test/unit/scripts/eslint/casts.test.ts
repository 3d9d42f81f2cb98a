import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { throughUnknown } from '../../../../scripts/eslint/casts.js';
import { root } from '../project.ts';

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser as never },
    rules: { 'no-restricted-syntax': ['error', throughUnknown] },
  },
});

describe('throughUnknown', () => {
  it.each([
    ['const a = b as unknown as number;', 1],
    ['f((b as unknown) as C<D>);', 1],
    ['const a = b as unknown;', 0],
    ['const a = (b as { c: unknown }) as C;', 0],
  ])('of %s finds %i', async (code, found) => {
    const [result] = await eslint.lintText(code, { filePath: `${root}/src/shared/a.ts` });
    expect(result!.messages.map(({ message }) => message)).toEqual(
      Array.from({ length: found }, () => throughUnknown.message),
    );
  });

  it.each([
    'src/shared/world/value.ts',
    'src/main/engine/core/world/world.ts',
    'src/renderer/a.vue',
  ])('holds in %s', async (path) => {
    const { rules } = await new ESLint({ cwd: root }).calculateConfigForFile(path);
    expect(rules['no-restricted-syntax']).toContainEqual(throughUnknown);
  });
});
