import type { Kernel } from '../../core/facts.ts';
import { pmdPages } from '../fs/blocks.ts';
import type { Inode } from '../fs/super-block.ts';

/** Pages [index, end) of a file, with entries of a page or of a PMD each. */
export interface EntryRange {
  readonly inode: Inode;
  readonly index: number;
  readonly end: number;
  readonly pmd: boolean;
}

/** How a step over the entries of a range shows itself: nothing where it is one. */
export function covered({ index, end, pmd }: EntryRange, k: Kernel) {
  const count = (end - index) / (pmd ? pmdPages(k) : 1);
  if (count <= 1) return undefined;
  return { count, range: { start: index, end, unit: 'index' as const } };
}

export function shownRange({ inode, index, end, pmd }: EntryRange) {
  return { file: inode.id, index, end, order: pmd ? 'PMD' : 0 };
}
