import type { Kernel } from '../../core/facts.ts';
import { call, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { compoundMemmapPages } from './compound-memmap.ts';
import { coversSections, showChunk, type SectionChunk } from './section-run.ts';
import type { SparseBuffer } from './sparse-buffer.ts';
import {
  backWithAltmap,
  backWithMemblock,
  backWithRam,
  backWithSharedTails,
  memmapPages,
} from './vmemmap-backing.ts';

/** A chunk of memory whose memmap comes or goes; PFNs and pages. `pgmap` is a pagemap's id. */
export interface MemmapChunk extends SectionChunk {
  readonly nid: number;
  /** Id of the pagemap whose altmap gives the memory; null: RAM. */
  readonly altmap: string | null;
  readonly pgmap: string | null;
  /** Until slab_is_available(): what is left of the node's block, and memblock behind it. */
  readonly buffer?: SparseBuffer;
}

/** Steps of a run of sections: what they cover, and the first call's arguments. */
const RUN = { covers: coversSections, show: showChunk };

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

/** Page by page, from RAM or the altmap; -ENOMEM where there is none left. */
const vmemmap_populate_basepages = operation<MemmapChunk, Outcome<void>>(
  'vmemmap_populate_basepages',
  'mm/sparse-vmemmap.c:vmemmap_populate_basepages',
  function* (k, chunk) {
    const { altmap, buffer } = chunk;
    if (altmap !== null) return yield* backWithAltmap(k, chunk, altmap, 1, 'PTE');
    if (buffer) return backWithMemblock(k, chunk, buffer, k.facts.arch.page_shift);
    return yield* backWithRam(k, chunk, 0, 'PTE');
  },
  RUN,
);

const vmemmap_populate_compound_pages = leaf<MemmapChunk, void>(
  'vmemmap_populate_compound_pages',
  'mm/sparse-vmemmap.c:vmemmap_populate_compound_pages',
  (k, chunk) => {
    const { pfn, nr_pages, pgmap } = chunk;
    backWithSharedTails(k, chunk);
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
  function* (k, chunk) {
    const { pfn, nr_pages, altmap, buffer } = chunk;
    const { pmd_shift, page_shift } = k.facts.arch;
    const order = pmd_shift - page_shift;
    if (altmap !== null) return yield* backWithAltmap(k, chunk, altmap, 2 ** order, 'PMD');
    const error = buffer
      ? backWithMemblock(k, chunk, buffer, pmd_shift)
      : yield* backWithRam(k, chunk, order, 'PMD');
    if (!failed(error)) return undefined;
    const end = pfn + nr_pages;
    const done = Math.min(k.world.overlapping('vmemmap', pfn, end).at(-1)?.end ?? pfn, end);
    const rest = { ...chunk, pfn: done, nr_pages: end - done, pgmap: null };
    return yield* call(vmemmap_populate_basepages, rest);
  },
  RUN,
);

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

const x86 = vmemmapPopulate('arch/x86/mm/init_64.c');
const VMEMMAP_POPULATE: Readonly<Record<string, typeof x86>> = {
  x86_64: x86,
  // No 32-bit x86 kernel has a virtual memmap; a hypothetical one does as the 64-bit one.
  x86_32: x86,
  arm64: vmemmapPopulate('arch/arm64/mm/mmu.c'),
  riscv64: vmemmapPopulate('arch/riscv/mm/init.c'),
  ppc64: vmemmapPopulate('arch/powerpc/mm/init_64.c'),
  s390x: vmemmapPopulate('arch/s390/mm/vmem.c'),
};

/** __populate_section_memmap(): struct pages for sections, at boot and later; -ENOMEM is its NULL. */
export const __populate_section_memmap = operation<MemmapChunk, Outcome<void>>(
  (k) =>
    k.facts.era.get('subsection_hotplug') ? '__populate_section_memmap' : 'sparse_mem_map_populate',
  'mm/sparse-vmemmap.c:__populate_section_memmap',
  function* (k, chunk) {
    if (vmemmap_can_optimize(k, chunk.altmap, chunk.pgmap)) {
      yield* call(vmemmap_populate_compound_pages, chunk);
      return undefined;
    }
    return yield* call(VMEMMAP_POPULATE[k.facts.arch.name] ?? x86, chunk);
  },
  RUN,
);
