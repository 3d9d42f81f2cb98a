import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { atRevision, census, printed, sourcesOf } from '../../../scripts/census.mjs';
import { temporaryFolder, writeFiles } from './project.ts';

const SIX = ['one(1);', 'two(2);', '', '// between', 'three(3);', 'four();', 'five();', 'six();'];
const OTHER = ['eins(7);', 'zwei(8);', 'drei(9);', 'vier();', 'fuenf();', 'sechs();'];

function smallTree(): string {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'src/shared/lab/a.ts': `import { z } from 'zod';\n${SIX.join('\n')}\n`,
    'src/main/engine/core/era/b.ts': `  ${SIX.join('\n  ')}\nconst s = { anon_starts_active: 1 };\n`,
    'src/main/engine/kernel/mm/c.ts': `${OTHER.join('\n')}\nget('anon_starts_active');\n`,
    'src/renderer/d.vue': [
      '<script setup lang="ts">',
      'const a = b as string;',
      'const c = [1] as const;',
      'const d = b as unknown as number;',
      'let e: any;',
      '</script>',
      '<template><p>{{ x as y }}</p></template>',
      '',
    ].join('\n'),
    'test/unit/e.test.ts': "get('anon_starts_active') as string;\n",
    'test/fixtures/f.ts': 'x as string;\n',
  });
  return folder;
}

describe('npm run census', () => {
  test('counts lines by the longest area, and casts by syntax', () => {
    const { lines, casts } = census(sourcesOf(smallTree()));
    expect(lines).toEqual({
      src: 9 + 9 + 7 + 7,
      'src/shared': 9,
      'src/main/engine/core': 9,
      'src/main/engine/kernel': 7,
      'src/renderer': 7,
      test: 1,
    });
    expect(casts.src).toEqual({ casts: 2, throughUnknown: 1, any: 1 });
  });

  test('counts a repeat once, however long, and one alike by shape', () => {
    expect(census(sourcesOf(smallTree())).repeats).toEqual({ src: 1, alike: 3 });
  });

  test('names the schema languages, and the files that name an extension beside its own', () => {
    const counted = census(sourcesOf(smallTree()));
    expect(counted.schemaLanguages).toEqual([{ name: 'zod', files: 1 }]);
    const files = Object.fromEntries(counted.extensions.map(({ kind, files: of }) => [kind, of]));
    expect(files['switch']).toEqual(['src/main/engine/kernel/mm/c.ts']);
    expect(files['pane']).toBeUndefined();
    expect(printed(counted)).toContain('schema languages in src: 1 of');
    expect(printed(counted)).toContain('looked for\n  zod  (1 files)');
  });

  test('counts a language where something is declared in it', () => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      'src/shared/world/file-tables.ts': "import * as f from './field.ts';\n",
      'src/shared/world/table.ts': "import {\n  pfn,\n  type Field,\n} from './field.ts';\n",
      'src/shared/world/tables.ts': "import type { Fields } from './field.ts';\n",
      'src/main/plugins/load.ts': "import type { RegisterSpec } from './model.ts';\n",
    });
    expect(census(sourcesOf(folder)).schemaLanguages).toEqual([
      { name: 'declared fields of a table (functions of field.ts)', files: 2 },
    ]);
  });

  test('tells the prose of declarations from their other lines', () => {
    const folder = temporaryFolder();
    const lines = [
      "  meaning: 'Pages of the file that are cached.',",
      "  'The first page, ' +",
      "  title: 'Pages',",
      "  pages: f.pages('Pages of the file that are cached.'),",
      '  nr: 1,',
    ];
    writeFiles(folder, {
      'src/shared/world/file-tables.ts': lines.join('\n'),
      'src/shared/lab/write.ts': lines.join('\n'),
    });
    expect(census(sourcesOf(folder)).prose).toBe(2);
  });

  test('atRevision counts what a commit holds, not the working tree', () => {
    const folder = smallTree();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'all');
    writeFiles(folder, { 'src/shared/lab/a.ts': '' });
    expect(atRevision(folder, 'HEAD', (at) => census(sourcesOf(at)).lines.src)).toBe(32);
    expect(census(sourcesOf(folder)).lines.src).toBe(23);
    expect(() => atRevision(folder, 'none', () => 0)).toThrow();
  });
});
