import { describe, expect, test } from 'vitest';
import { testsOf, worldsOf } from '../../../scripts/check.mjs';
import { temporaryFolder, writeFiles } from './project.ts';

describe('npm run check', () => {
  test.each([
    ['src/main/engine/kernel/zone', ['engine', 'tests']],
    ['src/main/bench', ['main', 'tests']],
    ['src/shared/world/tables.ts', ['engine', 'renderer', 'tests']],
    ['plugins/gpu', ['plugins']],
    ['src/main/plugins/sandbox', ['sandbox', 'tests']],
    ['scripts/check.mjs', ['tests']],
  ])('worldsOf %s', (path, worlds) => {
    expect(worldsOf(path)).toEqual(worlds);
  });

  test('testsOf finds who imports a part or bears its name, and nobody beside', () => {
    const from = (path: string) => `import { a } from '${path}';\n`;
    const folder = temporaryFolder();
    writeFiles(folder, {
      'test/unit/zone/any.test.ts': '',
      'test/unit/mm/uses.test.ts': from('../../../src/main/engine/kernel/zone/zone.ts'),
      'test/unit/mm/awaits.test.ts':
        "await import('../../../src/main/engine/kernel/zone/zone.ts');",
      'test/unit/mm/longer.test.ts': from('../../../src/main/engine/kernel/zones/zone.ts'),
      'test/property/zone.test.ts': '',
      'test/property/uses.test.ts': from('../../src/main/engine/kernel/zone/zone.ts'),
      'test/e2e/zone.test.ts': '',
    });
    expect(testsOf(folder, 'src/main/engine/kernel/zone')).toEqual([
      'test/property/zone.test.ts',
      'test/unit/mm/awaits.test.ts',
      'test/unit/mm/uses.test.ts',
      'test/unit/zone/any.test.ts',
    ]);
    expect(testsOf(folder, 'test/unit/mm')).toHaveLength(3);
  });
});
