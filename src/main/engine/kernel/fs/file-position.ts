import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';

/**
 * Positions in `i_pages`, `file_extents` and `free_blocks`: files (and filesystems) stand one after
 * the other, 2^44 pages apart.
 */
const FILE_SPAN = 2 ** 44;

type Numbered = { readonly nr: number };

/** Position of page `index` of a file, or of a block of a filesystem. */
export function filePosition({ nr }: Numbered, index: number): number {
  return nr * FILE_SPAN + index;
}

/** Page index (or block) of a position. */
export function indexOf(position: number): number {
  return position % FILE_SPAN;
}

/** Every position of a file or filesystem. */
export function fileSpan({ nr }: Numbered): { start: number; end: number } {
  return { start: nr * FILE_SPAN, end: (nr + 1) * FILE_SPAN };
}

/** Pages that hold `bytes`: DIV_ROUND_UP(bytes, PAGE_SIZE). */
export function pagesFor(k: Kernel, bytes: bigint): number {
  const size = 1n << BigInt(k.facts.arch.page_shift);
  return Number((bytes + size - 1n) / size);
}

/** The file of a path. */
export function inodeOf(k: Kernel, path: string): RowOf<'inodes'> | undefined {
  return k.world.get('inodes', path);
}

/** The lowest free number among rows that have one, from 1. */
export function freeNumber(rows: Iterable<Numbered>): number {
  const used = new Set([...rows].map(({ nr }) => nr));
  let nr = 1;
  while (used.has(nr)) nr += 1;
  return nr;
}
