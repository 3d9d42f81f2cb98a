import { memblockAlloc } from '../boot/memblock.ts';
import { freshPages } from '../page/page-rows.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../world/operation.ts';

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

/** The memmap of a section is one PMD of 4 KiB struct pages: mapped with PMD entries. */
const vmemmap_populate_hugepages = leaf<MemmapRun, Outcome<number>>(
  'vmemmap_populate_hugepages',
  'mm/sparse-vmemmap.c:vmemmap_populate_hugepages',
  (k, { pfn, end, nid, phys }) => {
    const { arch } = k.facts;
    if (phys !== undefined) {
      freshPages(k, pfn, end);
      k.world.set('vmemmap', pfn, end, { phys, mapping: 'pmd', source: 'ram' });
      return 0;
    }
    const size = BigInt((end - pfn) * arch.sizeof_page);
    const block = memblockAlloc(k, size, 1n << BigInt(arch.pmd_shift), nid, 'memmap');
    if (block === undefined) {
      return fail('ENOMEM', 'vmemmap_alloc_block_buf(PMD_SIZE, node, altmap) == NULL');
    }
    freshPages(k, pfn, end);
    k.world.set('vmemmap', pfn, end, { phys: block, mapping: 'pmd', source: 'ram' });
    return 0;
  },
  { covers: (run, k) => sections(k, run), show: ({ pfn, end, nid }) => ({ pfn, end, nid }) },
);

const vmemmap_populate = operation<MemmapRun, Outcome<number>>(
  'vmemmap_populate',
  'arch/x86/mm/init_64.c:vmemmap_populate',
  function* (_k, run) {
    return yield* call(vmemmap_populate_hugepages, run);
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
