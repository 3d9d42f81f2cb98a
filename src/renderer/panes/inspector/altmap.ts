import type { PgmapView } from '../../../shared/bench/views.ts';

export type Altmap = NonNullable<PgmapView['altmap']>;

/** A stretch of the pages an altmap has taken from its device. */
export interface AltmapPart {
  readonly name: 'reserve' | 'align' | 'alloc' | 'free';
  readonly pages: number;
  readonly fill: string;
}

/**
 * How a struct vmem_altmap divides its pages: reserved for the driver, lost to alignment, handed
 * out for struct pages, left (mm/memremap.c and mm/sparse-vmemmap.c:vmem_altmap_nr_free).
 */
export function altmapParts({ reserve, free, align, alloc }: Altmap): AltmapPart[] {
  const parts: AltmapPart[] = [
    { name: 'reserve', pages: reserve, fill: 'page-uninit' },
    { name: 'align', pages: align, fill: 'type-reserved' },
    { name: 'alloc', pages: alloc, fill: 'page-memmap' },
    { name: 'free', pages: Math.max(0, free - align - alloc), fill: 'type-hole' },
  ];
  return parts.filter(({ pages }) => pages > 0);
}

/** First and last PFN of the altmap's pages, both inclusive, and how many of them are used. */
export function altmapRange({ base_pfn, reserve, free, align, alloc }: Altmap): {
  first: number;
  last: number;
  used: number;
  free: number;
} {
  return {
    first: base_pfn,
    last: base_pfn + reserve + free - 1,
    used: align + alloc,
    free,
  };
}
