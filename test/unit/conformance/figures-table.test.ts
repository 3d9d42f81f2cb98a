import { expect, it } from 'vitest';
import { figuresTable } from '../../conformance/figures-table.ts';

it('the conformance table counts a capture that is compared twice once, as the worse comparison', () => {
  const count = { capture: 'boot: a', kernel: '6.12', compared: 10, equal: 9, notCompared: 1 };
  expect(
    figuresTable([{ ...count, kernel: '6.18', equal: 10 }, { ...count, equal: 10 }, count]).split(
      '\n',
    ),
  ).toEqual([
    'capture   kernel  compared  equal  differing  not compared',
    'boot: a   6.12          10      9          1             1',
    'boot: a   6.18          10     10          0             1',
    '2 in all                20     19          1             2',
    '',
  ]);
});
