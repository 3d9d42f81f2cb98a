import { describe, expect, test } from 'vitest';
import { readArguments, replayLines } from '../../../scripts/test-long.mjs';

describe('npm run test:long', () => {
  test.each([
    [[], { minutes: 0, seed: undefined, filters: ['test/property', 'test/hostile'] }],
    [['30'], { minutes: 30, seed: undefined, filters: ['test/property', 'test/hostile'] }],
    [
      ['0.5', 'test/property/gup'],
      { minutes: 0.5, seed: undefined, filters: ['test/property/gup'] },
    ],
    [['--seed', '-7', 'gup', 'dax'], { minutes: 0, seed: -7, filters: ['gup', 'dax'] }],
    [['--seed'], { error: '--seed wants a whole number, got nothing' }],
    [['--seed', 'x'], { error: '--seed wants a whole number, got x' }],
    [['--sed', '1'], { error: 'unknown option --sed' }],
  ])('readArguments of %j', (argv, asked) => {
    expect(readArguments(argv)).toEqual(asked);
  });

  test('replayLines name the seed and each file that failed', () => {
    const result = (name: string, status: string) => ({
      name: `/p/test/property/${name}.test.ts`,
      status,
      assertionResults: [],
    });
    const report = {
      success: false,
      testResults: [result('gup', 'passed'), result('dax', 'failed'), result('boot', 'failed')],
    };
    expect(replayLines(report, 12, '/p')).toEqual([
      'npm run test:long -- --seed 12 test/property/dax.test.ts',
      'npm run test:long -- --seed 12 test/property/boot.test.ts',
    ]);
    expect(replayLines(null, 12, '/p')).toEqual(['npm run test:long -- --seed 12']);
  });
});
