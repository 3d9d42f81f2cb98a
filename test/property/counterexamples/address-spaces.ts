import type { Act } from '../address-space-programs.ts';

/** Kernel, CONFIG_TRANSPARENT_HUGEPAGE_ALWAYS, and what is done. */
type OfProcesses = [string, string, Act[]];

const page = { va: 0x7f0000000000, pages: 1 };
const fork: Act = { actor: 0, op: 'fork', args: {} };
const move: Act = { actor: 0, op: 'move-pages', args: { ...page, node: 0 } };

export const counts: OfProcesses[] = [
  // MADV_FREE of one page of a shared huge page took the page out of the huge page's entry.
  [
    '6.1',
    'y',
    [fork, move, { actor: 0, op: 'madvise', args: { ...page, advice: 'free' } }, move, fork],
  ],
];
