import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { free_pagetable } from '../buddy/memmap-pages.ts';
import { altmap_alloc_block_buf, altmapOf, vmem_altmap_free } from '../pgmap/altmap.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { compoundMemmapPages } from './compound-memmap.ts';
import { freshPages } from '../page/page-rows.ts';
import { coversSections, showChunk, type SectionChunk } from './section-run.ts';
import { addVariable } from '../../core/world/variables.ts';
import { backWithRam, ownPages } from './vmemmap-base-pages.ts';

/** A chunk of memory whose memmap comes or goes; PFNs and pages. `pgmap` is a pagemap's id. */
export interface MemmapChunk extends SectionChunk {
  readonly nid: number;
  /** Id of the pagemap whose altmap gives the memory; null: RAM. */
  readonly altmap: string | null;
  readonly pgmap: string | null;
}

/** Steps of a run of sections: what they cover, and the first call's arguments. */
const RUN = { covers: coversSections, show: showChunk };

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

/** Page by page, from RAM or the altmap; -ENOMEM where there is none left. */
const vmemmap_populate_basepages = operation<MemmapChunk, Outcome<void>>(
  'vmemmap_populate_basepages',
  'mm/sparse-vmemmap.c:vmemmap_populate_basepages',
  function* (k, chunk) {
    if (chunk.altmap === null) return yield* backWithRam(k, chunk, 0, 'PTE');
    return yield* backWithAltmap(k, chunk, chunk.altmap, 1, 'PTE');
  },
  RUN,
);

/** Struct pages of a chunk on an altmap's pages, in blocks of `nr_pfns`; no RAM instead. */
function* backWithAltmap(
  k: Kernel,
  { pfn, nr_pages }: SectionChunk,
  owner: string,
  nr_pfns: number,
  mapping: string,
): Operation<Outcome<void>> {
  const blocks = Math.ceil(memmapPages(k, nr_pages) / nr_pfns);
  const first = yield* call(altmap_alloc_block_buf, { owner, nr_pfns, blocks });
  if (first === null) {
    return fail('ENOMEM', 'altmap_alloc_block_buf: nr_pfns + nr_align > altmap free');
  }
  const phys = BigInt(first) << BigInt(k.facts.arch.page_shift);
  k.world.set('vmemmap', pfn, pfn + nr_pages, { phys, mapping, source: 'altmap' });
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
    return yield* backWithAltmap(k, { pfn, nr_pages }, altmap, pmdPages(k), 'PMD');
  },
  RUN,
);

/** The file of vmemmap_populate() by architecture. */
const POPULATE_FILES: Readonly<Record<string, string>> = {
  x86_64: 'arch/x86/mm/init_64.c',
  arm64: 'arch/arm64/mm/mmu.c',
  riscv64: 'arch/riscv/mm/init.c',
  ppc64: 'arch/powerpc/mm/init_64.c',
  s390x: 'arch/s390/mm/vmem.c',
};

/**
 * vmemmap_populate(): on x86 a chunk shorter than a section gets base pages from RAM, the altmap is
 * ignored there; whole sections get PMD mappings, from the altmap where there is one. Architectures
 * without such large mappings (arm64 with 16 and 64 KiB pages, powerpc) use base pages for all.
 */
function vmemmapPopulate(file: string) {
  return operation<MemmapChunk, Outcome<void>>(
    'vmemmap_populate',
    `${file}:vmemmap_populate`,
    function* (k, chunk) {
      const { name, pages_per_section, vmemmap_mapping } = k.facts.arch;
      const part = chunk.nr_pages < pages_per_section;
      if (part && k.facts.era.get('vmemmap_parts_by_page')) {
        const altmap = name === 'x86_64' ? null : chunk.altmap;
        return yield* call(vmemmap_populate_basepages, { ...chunk, altmap });
      }
      const large = vmemmap_mapping === 'pmd';
      return yield* call(large ? vmemmap_populate_hugepages : vmemmap_populate_basepages, chunk);
    },
    RUN,
  );
}

const VMEMMAP_POPULATE = Object.fromEntries(
  Object.entries(POPULATE_FILES).map(([arch, file]) => [arch, vmemmapPopulate(file)]),
);
const vmemmap_populate_x86 = vmemmapPopulate('arch/x86/mm/init_64.c');

/** __populate_section_memmap(), through populate_section_memmap(). */
export const populate_section_memmap = operation<MemmapChunk, Outcome<void>>(
  'populate_section_memmap',
  'mm/sparse-vmemmap.c:__populate_section_memmap',
  function* (k, chunk) {
    const compound = vmemmap_can_optimize(k, chunk.altmap, chunk.pgmap);
    const error = compound
      ? yield* call(vmemmap_populate_compound_pages, chunk)
      : yield* call(VMEMMAP_POPULATE[k.facts.arch.name] ?? vmemmap_populate_x86, chunk);
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
  const pages = ownPages(k, row, pfn, end);
  if (!pages) return;
  const { page_shift, pmd_shift } = k.facts.arch;
  const order = row.mapping === 'PMD' ? pmd_shift - page_shift : 0;
  yield* call(free_pagetable, { ...pages, order });
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
