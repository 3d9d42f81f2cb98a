import type { Covers } from '../../core/world/operation.ts';

/** Pages [src, src + pages) and where they go: [dst, dst + pages); folios of the same orders. */
export interface FolioMove {
  readonly src: number;
  readonly dst: number;
  readonly pages: number;
}

/** How a step over the move shows itself: nothing where it is one page. */
export function coversMove({ src, pages }: FolioMove): Covers | undefined {
  if (pages === 1) return undefined;
  return { count: pages, range: { start: src, end: src + pages, unit: 'pfn' } };
}
