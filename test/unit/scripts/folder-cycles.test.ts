import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderImports, knots } from '../../../scripts/folder-cycles.mjs';

function knotsOf(files: Record<string, string>, types = false): string[][] {
  const root = mkdtempSync(join(tmpdir(), 'cycles-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return knots(folderImports(types, root));
}

describe('folders of the engine that import each other in circles', () => {
  // This list only gets shorter. `node scripts/folder-cycles.mjs` shows what ties a knot.
  it('are dax and fs: a filesystem asks dax, and dax asks the filesystem for blocks', () => {
    expect(knots(folderImports(false))).toEqual([['kernel/dax', 'kernel/fs']]);
  });

  it('are, with types, those of the core beside them: operations take facts, facts a world', () => {
    expect(knots(folderImports(true))).toEqual([
      ['core/facts.ts', 'core/world'],
      ['kernel/dax', 'kernel/fs'],
    ]);
  });

  it('are found over three folders, and not where an import is for a type', () => {
    const files = {
      'k/a/x.ts': "import { y } from '../b/y.ts';\nexport const x = y;",
      'k/b/y.ts': "import { z } from '../c/z.ts';\nexport const y = z;",
      'k/c/z.ts': "import type { x } from '../a/x.ts';\nexport const z = 1 as unknown as typeof x;",
      'k/d/w.ts': "import { x } from '../a/x.ts';\nexport const w = x;",
    };
    expect(knotsOf(files)).toEqual([]);
    expect(knotsOf(files, true)).toEqual([['k/a', 'k/b', 'k/c']]);
    files['k/c/z.ts'] = "export { x as z } from '../a/x.ts';";
    expect(knotsOf(files)).toEqual([['k/a', 'k/b', 'k/c']]);
  });
});
