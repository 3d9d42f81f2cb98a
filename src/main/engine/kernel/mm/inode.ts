import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { MM_SPAN } from './position.ts';

export type Inode = RowOf<'inodes'>;

/** Inodes whose positions a double holds exactly. */
const MAX_INODES = 2 ** 9 - 1;

/** Position in `i_pages` of a page of a file. */
export function filePosition({ nr }: Pick<Inode, 'nr'>, index: number): number {
  return nr * MM_SPAN + index;
}

/** The file at a path. */
export function inodeOf(k: Pick<Kernel, 'world'>, path: string): Inode | undefined {
  return k.world.get('inodes', path);
}

/** A new inode under the lowest number that is free; undefined: there are too many. */
export function newInode(k: Kernel, fields: Omit<Inode, 'nr'>): Inode | undefined {
  const used = new Set([...k.world.rows('inodes')].map(({ nr }) => nr));
  let nr = 1;
  while (used.has(nr)) nr += 1;
  if (nr > MAX_INODES) return undefined;
  const inode: Inode = { ...fields, nr };
  k.world.put('inodes', inode);
  return inode;
}

/** Pages of the file: i_size rounded up. */
export function filePages(k: Kernel, { i_size }: Inode): number {
  const shift = BigInt(k.facts.arch.page_shift);
  return Number((i_size + (1n << shift) - 1n) >> shift);
}

/** A piece of a file that has one entry in i_pages, or none. */
export interface CacheRun {
  /** Indexes. */
  readonly start: number;
  readonly end: number;
  /** PFN of `start`; undefined where the page is not in the cache. */
  readonly pfn: number | undefined;
}

/** Pages [start, end) of a file as its page cache has them. */
export function cacheRuns(k: Kernel, inode: Inode, start: number, end: number): CacheRun[] {
  const base = inode.nr * MM_SPAN;
  const runs: CacheRun[] = [];
  let at = start;
  for (const row of k.world.overlapping('i_pages', base + start, base + end)) {
    const from = Math.max(row.start - base, start);
    if (from > at) runs.push({ start: at, end: from, pfn: undefined });
    at = Math.min(row.end - base, end);
    runs.push({ start: from, end: at, pfn: row.pfn + (base + from - row.start) });
  }
  if (at < end) runs.push({ start: at, end, pfn: undefined });
  return runs;
}
