import type { RowOf } from '../../../shared/world/tables.ts';
import type { Kernel } from '../facts.ts';
import { free_pagetable, vmemmap_alloc_block } from '../buddy/memmap-pages.ts';
import { altmap_alloc_block_buf, altmapOf, vmem_altmap_free } from '../pgmap/altmap.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../world/operation.ts';
import { compoundMemmapPages } from './compound-memmap.ts';
import { coversSections, showChunk, type SectionChunk } from './section-run.ts';
import { addVariable } from '../hotplug/variables.ts';

/** A chunk of memory whose memmap comes or goes; PFNs and pages. `pgmap` is a pagemap's id. */
export interface MemmapChunk extends SectionChunk {
  readonly nid: number;
  /** Id of the pagemap whose altmap gives the memory; null: RAM. */
  readonly altmap: string | null;
  readonly pgmap: string | null;
}

/** Steps of a run of sections: what they cover, and the first call's arguments. */
const RUN = { covers: coversSections, show: showChunk };

const ZERO_PAGE = {
  state: 'zero',
  nid: 0,
  zone: 0,
  flags: '',
  refcount: 0,
  mapcount: 0,
  pgmap: null,
  buddy: false,
  compound_order: 0,
  migratetype: 'MOVABLE',
} as const;

/** Pages of memory that hold the memmap of `nr_pages` pages (DIV_ROUND_UP). */
export function memmapPages(k: Kernel, nrPages: number): number {
  const { sizeof_page, page_shift } = k.facts.arch;
  return Math.ceil((nrPages * sizeof_page) / 2 ** page_shift);
}

/**
 * vmemmap_can_optimize(): a memmap of compound pages whose tails are shared: no altmap, and one
 * compound page's memmap is longer than VMEMMAP_RESERVE_NR (2) pages.
 */
export function vmemmap_can_optimize(
  k: Kernel,
  altmap: string | null,
  pgmap: string | null,
): boolean {
  if (!k.facts.era.get('compound_devmap_dedup') || altmap !== null || pgmap === null) return false;
  const { sizeof_page } = k.facts.arch;
  if ((sizeof_page & (sizeof_page - 1)) !== 0) return false;
  const shift = k.world.get('pgmaps', pgmap)?.vmemmap_shift ?? 0;
  return shift > 0 && memmapPages(k, 2 ** shift) > 2;
}

/** Size of a PMD mapping in memory pages: 512 on x86_64. */
function pmdPages(k: Kernel): number {
  return 2 ** (k.facts.arch.pmd_shift - k.facts.arch.page_shift);
}

/** Page by page from RAM; -ENOMEM where the page allocator has none left. */
const vmemmap_populate_basepages = operation<MemmapChunk, Outcome<void>>(
  'vmemmap_populate_basepages',
  'mm/sparse-vmemmap.c:vmemmap_populate_basepages',
  function* (k, chunk) {
    return yield* backWithRam(k, chunk, 0, 'PTE');
  },
  RUN,
);

/** Struct pages of a chunk on RAM, in blocks of 2^order pages, as far as there are any. */
function* backWithRam(
  k: Kernel,
  { pfn, nr_pages, nid }: SectionChunk & { readonly nid: number },
  order: number,
  mapping: string,
): Operation<Outcome<void>> {
  const perPage = 2 ** k.facts.arch.page_shift / k.facts.arch.sizeof_page;
  const count = Math.ceil(nr_pages / perPage / 2 ** order);
  const runs = yield* call(vmemmap_alloc_block, { order, nid, count });
  let at = pfn;
  for (const run of runs) {
    const end = Math.min(at + (run.end - run.pfn) * perPage, pfn + nr_pages);
    const phys = BigInt(run.pfn) << BigInt(k.facts.arch.page_shift);
    k.world.set('vmemmap', at, end, { phys, mapping, source: 'ram' });
    at = end;
  }
  if (at < pfn + nr_pages) return fail('ENOMEM', 'vmemmap_alloc_block(size, node) == NULL');
  return undefined;
}

const vmemmap_populate_compound_pages = leaf<MemmapChunk, void>(
  'vmemmap_populate_compound_pages',
  'mm/sparse-vmemmap.c:vmemmap_populate_compound_pages',
  (k, { pfn, nr_pages, pgmap }) => {
    const row = { phys: null, mapping: 'PTE', source: 'ram, tail pages shared' };
    k.world.set('vmemmap', pfn, pfn + nr_pages, row);
    if (pgmap === null) return;
    const taken = compoundMemmapPages(k, { pfn, nr_pages }, pgmap);
    k.note(`${taken} pages of RAM hold ${memmapPages(k, nr_pages)} pages of memmap`);
  },
  RUN,
);

/** PMD by PMD; where a block is lacking base pages do, but not with an altmap. */
const vmemmap_populate_hugepages = operation<MemmapChunk, Outcome<void>>(
  'vmemmap_populate_hugepages',
  'mm/sparse-vmemmap.c:vmemmap_populate_hugepages',
  function* (k, { pfn, nr_pages, nid, altmap }) {
    const { world } = k;
    const end = pfn + nr_pages;
    if (altmap === null) {
      const order = k.facts.arch.pmd_shift - k.facts.arch.page_shift;
      const error = yield* backWithRam(k, { pfn, nr_pages, nid }, order, 'PMD');
      if (!failed(error)) return undefined;
      const done = world.overlapping('vmemmap', pfn, end).at(-1)?.end ?? pfn;
      const rest = { pfn: done, nr_pages: end - done, nid, altmap, pgmap: null };
      return yield* call(vmemmap_populate_basepages, rest);
    }
    const nr_pfns = pmdPages(k);
    const blocks = memmapPages(k, nr_pages) / nr_pfns;
    const first = yield* call(altmap_alloc_block_buf, { owner: altmap, nr_pfns, blocks });
    if (first === null) {
      return fail('ENOMEM', 'vmemmap_populate_hugepages: nr_pfns + nr_align > altmap free');
    }
    const phys = BigInt(first) << BigInt(k.facts.arch.page_shift);
    k.world.set('vmemmap', pfn, end, { phys, mapping: 'PMD', source: 'altmap' });
    return undefined;
  },
  RUN,
);

/**
 * x86 vmemmap_populate(): a chunk shorter than a section gets base pages from RAM, the altmap
 * is ignored there; whole sections get PMD mappings, from the altmap where there is one.
 */
const vmemmap_populate = operation<MemmapChunk, Outcome<void>>(
  'vmemmap_populate',
  'arch/x86/mm/init_64.c:vmemmap_populate',
  function* (k, chunk) {
    if (chunk.nr_pages < k.facts.arch.pages_per_section) {
      return yield* call(vmemmap_populate_basepages, { ...chunk, altmap: null });
    }
    return yield* call(vmemmap_populate_hugepages, chunk);
  },
  RUN,
);

/** Fresh struct pages: nobody has written them. */
function freshPages(k: Kernel, pfn: number, end: number): void {
  k.world.set('pages', pfn, end, ZERO_PAGE);
}

/** __populate_section_memmap(), through populate_section_memmap(). */
export const populate_section_memmap = operation<MemmapChunk, Outcome<void>>(
  'populate_section_memmap',
  'mm/sparse-vmemmap.c:__populate_section_memmap',
  function* (k, chunk) {
    const compound = vmemmap_can_optimize(k, chunk.altmap, chunk.pgmap);
    const error = compound
      ? yield* call(vmemmap_populate_compound_pages, chunk)
      : yield* call(vmemmap_populate, chunk);
    if (failed(error)) return error;
    freshPages(k, chunk.pfn, chunk.pfn + chunk.nr_pages);
    if (k.facts.era.get('nr_memmap_pages') !== 'none') {
      addVariable(k, 'nr_memmap_pages', memmapPages(k, chunk.nr_pages));
    }
    return undefined;
  },
  RUN,
);

/** free_pagetable() of the part [pfn, end) of a populated extent: its blocks, or its base pages. */
function* freeRam(k: Kernel, row: RowOf<'vmemmap'>, pfn: number, end: number): Operation<void> {
  if (row.phys === null) return;
  const { page_shift, sizeof_page, pmd_shift } = k.facts.arch;
  const start = Math.max(row.start, pfn);
  const phys = row.phys + BigInt(start - row.start) * BigInt(sizeof_page);
  const first = Number(phys >> BigInt(page_shift));
  const pages = memmapPages(k, Math.min(row.end, end) - start);
  const order = row.mapping === 'PMD' ? pmd_shift - page_shift : 0;
  yield* call(free_pagetable, { pfn: first, end: first + pages, order });
}

/**
 * depopulate_section_memmap() with vmemmap_free(): PMD mappings go back to the altmap they came
 * from, the rest to the page allocator.
 */
export const depopulate_section_memmap = operation<Omit<MemmapChunk, 'nid' | 'pgmap'>, void>(
  'depopulate_section_memmap',
  'mm/sparse-vmemmap.c:depopulate_section_memmap',
  function* (k, { pfn, nr_pages, altmap }) {
    const { world } = k;
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
