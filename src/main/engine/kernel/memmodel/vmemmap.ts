import { vmemmapBase, type Look } from '../../core/arch/direct-map.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { freshPages } from '../page/page-rows.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { hex, pageSize, sectionSteps, type MemoryModel } from './model.ts';
import { sectionOverhead } from './overhead.ts';
import { sectionValidity } from './section-valid.ts';

/** A run of whole sections' memmaps: [pfn, end), backed from `phys` on, or page by page. */
export interface MemmapRun {
  readonly pfn: number;
  readonly end: number;
  readonly nid: number;
  /** Physical address of the first struct page; undefined: to be found, for one section. */
  readonly phys: bigint | undefined;
}

function sections(k: { facts: { arch: { pages_per_section: number } } }, run: MemmapRun) {
  const per = k.facts.arch.pages_per_section;
  return {
    count: (run.end - run.pfn) / per,
    range: { start: run.pfn / per, end: run.end / per, unit: 'section' as const },
  };
}

/**
 * The memmap of whole sections: with PMD entries where a section's memmap fills PMDs and the
 * architecture maps it so, else with base pages.
 */
const vmemmap_populate_pages = leaf<MemmapRun, Outcome<number>>(
  (k) =>
    k.facts.arch.vmemmap_mapping === 'pmd'
      ? 'vmemmap_populate_hugepages'
      : 'vmemmap_populate_basepages',
  'mm/sparse-vmemmap.c:vmemmap_populate_hugepages',
  (k, { pfn, end, nid, phys }) => {
    const { arch } = k.facts;
    const mapping = arch.vmemmap_mapping;
    if (phys !== undefined) {
      freshPages(k, pfn, end);
      k.world.set('vmemmap', pfn, end, { phys, mapping, source: 'ram' });
      return 0;
    }
    const size = BigInt((end - pfn) * arch.sizeof_page);
    const unit = mapping === 'pmd' ? arch.pmd_shift : arch.page_shift;
    const block = memblockAlloc(k, size, 1n << BigInt(unit), nid, 'memmap');
    if (block === undefined) {
      return fail('ENOMEM', 'vmemmap_alloc_block_buf(PMD_SIZE, node, altmap) == NULL');
    }
    freshPages(k, pfn, end);
    k.world.set('vmemmap', pfn, end, { phys: block, mapping, source: 'ram' });
    return 0;
  },
  { covers: (run, k) => sections(k, run), show: ({ pfn, end, nid }) => ({ pfn, end, nid }) },
);

const vmemmap_populate = operation<MemmapRun, Outcome<number>>(
  'vmemmap_populate',
  'include/linux/mm.h:vmemmap_populate',
  function* (_k, run) {
    return yield* call(vmemmap_populate_pages, run);
  },
  { covers: (run, k) => sections(k, run), show: ({ pfn, end, nid }) => ({ pfn, end, nid }) },
);

/** Struct pages for whole sections at boot; failure is NULL in the kernel. */
export const __populate_section_memmap = operation<MemmapRun, Outcome<number>>(
  (k) =>
    k.facts.era.get('subsection_hotplug') ? '__populate_section_memmap' : 'sparse_mem_map_populate',
  'mm/sparse-vmemmap.c:__populate_section_memmap',
  function* (_k, run) {
    const result = yield* call(vmemmap_populate, run);
    return failed(result) ? result : 0;
  },
  { covers: (run, k) => sections(k, run), show: ({ pfn, end, nid }) => ({ pfn, end, nid }) },
);

/**
 * SPARSEMEM_VMEMMAP: one virtual array over all physical memory, with a memmap behind it where a
 * section has one (include/asm-generic/memory_model.h).
 */
export const vmemmap: MemoryModel = {
  name: 'sparsemem-vmemmap',
  symbol: 'SPARSEMEM_VMEMMAP',
  pfnValid: sectionValidity,

  pfnToPage(look, pfn) {
    const base = vmemmapBase(look);
    const page = BigInt.asUintN(64, base + BigInt(pfn) * pageSize(look));
    return {
      steps: [
        ...sectionSteps(look, pfn),
        {
          what: 'pfn_to_page',
          text: `vmemmap ${hex(base)} + ${hex(pfn)} \u00d7 ${pageSize(look)} = ${hex(page)}`,
        },
      ],
      page,
    };
  },

  pageToPfn(look, page) {
    const base = vmemmapBase(look);
    const pfn = Number(BigInt.asUintN(64, page - base) / pageSize(look));
    return {
      steps: [
        {
          what: 'page_to_pfn',
          text: `(${hex(page)} \u2212 ${hex(base)}) / ${pageSize(look)} = ${hex(pfn)}`,
        },
      ],
      pfn,
    };
  },

  stored(look: Look, pfn: number) {
    const map = look.world.at('vmemmap', pfn);
    if (map?.phys === undefined || map.phys === null) return undefined;
    return map.phys + BigInt(pfn - map.start) * pageSize(look);
  },

  overhead: (look) => sectionOverhead(look),
};
