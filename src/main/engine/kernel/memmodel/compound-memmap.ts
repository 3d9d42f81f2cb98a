import type { Kernel } from '../../core/facts.ts';
import type { SectionChunk } from './section-run.ts';

/**
 * Pages of RAM that vmemmap_populate_compound_pages() takes for a chunk, section by section: two
 * for each compound page that begins there, its head page and one page of tails that the rest
 * shares. A section in the middle of a compound page maps the tail page of the section before
 * (mm/sparse-vmemmap.c:reuse_compound_section) and takes none. Page tables are not counted.
 * @param pgmap id of the pagemap; the chunk lies in the range it is mapping now
 */
export function compoundMemmapPages(k: Kernel, chunk: SectionChunk, pgmap: string): number {
  const { page_shift, pages_per_section, pages_per_subsection } = k.facts.arch;
  const { ranges, nr_range, vmemmap_shift } = k.world.need('pgmaps', pgmap);
  const compound = 2 ** vmemmap_shift;
  const first = Number((ranges[nr_range]?.start ?? 0n) >> BigInt(page_shift));
  const end = chunk.pfn + chunk.nr_pages;
  let pages = 0;
  for (let pfn = chunk.pfn; pfn < end;) {
    const next = Math.min(end, (Math.floor(pfn / pages_per_section) + 1) * pages_per_section);
    const reused = (pfn - first) % compound !== 0 && compound > pages_per_subsection;
    if (!reused) pages += 2 * Math.ceil((next - pfn) / compound);
    pfn = next;
  }
  return pages;
}
