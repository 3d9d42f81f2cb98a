import type { Action } from '../explore-programs.ts';

/** Actors, and by how much the groups of the second and the third grow. */
type InGroups = [Action[][], [number, number]];

export const inGroups: InGroups[] = [
  // Who was woken by a later group counted as gone before it: its order in it was not tried.
  [
    [
      [
        { do: 'wait' },
        { do: 'locked', name: 'L', shared: false, inner: [{ do: 'add', name: 'b', by: 1 }] },
      ],
      [{ do: 'complete' }, { do: 'look', at: 0 }],
      [{ do: 'count' }],
    ],
    [1, 0],
  ],
];
