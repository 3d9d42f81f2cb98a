import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { free_pagetable } from '../buddy/memmap-pages.ts';
import { altmapOf, vmem_altmap_free } from '../pgmap/altmap.ts';
import {
  call,
  failed,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { coversSections, showChunk } from './section-run.ts';
import { addVariable } from '../../core/world/variables.ts';
import { depopulateClassic, populateClassic } from './sparse-hotplug-classic.ts';
import { memmapPages, ownPages } from './vmemmap-backing.ts';
import { __populate_section_memmap, type MemmapChunk } from './vmemmap-populate.ts';

/** Steps of a run of sections: what they cover, and the first call's arguments. */
const RUN = { covers: coversSections, show: showChunk };

/**
 * populate_section_memmap(): the memmap of sections that are added. In the virtual memmap, or (classic
 * SPARSEMEM) in blocks of the page allocator.
 */
export const populate_section_memmap = operation<MemmapChunk, Outcome<void>>(
  (k) =>
    k.facts.era.get('subsection_hotplug') ? 'populate_section_memmap' : 'kmalloc_section_memmap',
  'mm/sparse.c:populate_section_memmap',
  function* (k, chunk) {
    if (k.facts.arch.memory_model === 'sparsemem') return yield* populateClassic(k, chunk);
    const error = yield* call(__populate_section_memmap, chunk);
    if (failed(error)) return error;
    if (k.facts.era.get('nr_memmap_pages') !== 'none') {
      addVariable(k, 'nr_memmap_pages', memmapPages(k, chunk.nr_pages));
    }
    return undefined;
  },
  RUN,
);

/** free_pagetable() of the part [pfn, end) of a populated extent: its blocks, or its base pages. */
function* freeRam(k: Kernel, row: RowOf<'vmemmap'>, pfn: number, end: number): Operation<void> {
  const pages = ownPages(k, row, pfn, end);
  if (!pages) return;
  const { page_shift, pmd_shift } = k.facts.arch;
  const order = row.mapping === 'PMD' ? pmd_shift - page_shift : 0;
  yield* call(free_pagetable, { ...pages, order });
}

/**
 * depopulate_section_memmap() with vmemmap_free(): PMD mappings go back to the altmap they came
 * from, the rest to the page allocator; of classic SPARSEMEM all to the page allocator.
 */
export const depopulate_section_memmap = operation<Omit<MemmapChunk, 'nid' | 'pgmap'>, void>(
  (k) =>
    k.facts.era.get('subsection_hotplug') ? 'depopulate_section_memmap' : '__kfree_section_memmap',
  'mm/sparse.c:depopulate_section_memmap',
  function* (k, { pfn, nr_pages, altmap }) {
    const { world } = k;
    if (k.facts.arch.memory_model === 'sparsemem') {
      yield* depopulateClassic(k, { pfn, nr_pages });
      return;
    }
    const end = pfn + nr_pages;
    let toAltmap = 0;
    let populated = 0;
    for (const row of world.overlapping('vmemmap', pfn, end)) {
      const pages = Math.min(row.end, end) - Math.max(row.start, pfn);
      populated += pages;
      if (row.source === 'altmap') toAltmap += memmapPages(k, pages);
      else if (row.source === 'ram') yield* freeRam(k, row, pfn, end);
    }
    world.clear('vmemmap', pfn, end);
    world.clear('pages', pfn, end);
    world.clear('page_mappings', pfn, end);
    const counted = k.facts.era.get('nr_memmap_pages');
    if (counted === 'underflows' || (counted === 'counted' && populated > 0)) {
      addVariable(k, 'nr_memmap_pages', -memmapPages(k, nr_pages));
    }
    if (altmap !== null && toAltmap > 0 && altmapOf(k, altmap)) {
      yield* call(vmem_altmap_free, { owner: altmap, nr_pfns: toAltmap });
    }
  },
  RUN,
);
