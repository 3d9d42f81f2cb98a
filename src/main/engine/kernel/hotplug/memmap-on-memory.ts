import type { Kernel } from '../../core/facts.ts';
import { offline_mem_sections, online_mem_sections, type ZonePages } from './online-pages.ts';
import { memmapPages } from '../memmodel/vmemmap-backing.ts';
import { altmapOf, altmapVariable, type VmemAltmap } from '../pgmap/altmap.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { mhp_memmap_on_memory, pagesPerBlock } from './mhp-params.ts';
import { move_pfn_range_to_zone, remove_pfn_range_from_zone } from './zone-span.ts';

/** mem->altmap: where the memmap of a block lies in the block itself, or null. */
export function blockAltmap(k: Kernel, block: number): VmemAltmap | null {
  return altmapOf(k, altmapVariable(block));
}

/**
 * memory_block_memmap_on_memory_pages(): pages a block's own memmap takes of it, 512 of 32768 on
 * x86_64; with `force` rounded up to whole pageblocks, and the rest is wasted.
 */
export function memmapPagesOfBlock(k: Kernel): number {
  const pages = memmapPages(k, pagesPerBlock(k));
  if (mhp_memmap_on_memory(k) !== 'force') return pages;
  const block = 2 ** k.facts.arch.pageblock_order;
  return Math.ceil(pages / block) * block;
}

/**
 * arch_supports_memmap_on_memory(): the memmap fills PMD mappings. powerpc's radix MMU with 64 KiB
 * pages is content with whole pages; hash (before 5.2 here) never is.
 */
function archSupports(k: Kernel): boolean {
  const { arch } = k.facts;
  const bytes = pagesPerBlock(k) * arch.sizeof_page;
  return bytes % (arch.name === 'ppc64' ? 2 ** arch.page_shift : 2 ** arch.pmd_shift) === 0;
}

/**
 * mhp_supports_memmap_on_memory(): the parameter is on, and the memmap of a block fills whole
 * pages, pageblocks and what the architecture asks for, without taking all of the block. Before 6.8
 * only for a single block.
 */
export const mhp_supports_memmap_on_memory = leaf<{ size: bigint }, boolean>(
  'mhp_supports_memmap_on_memory',
  'mm/memory_hotplug.c:mhp_supports_memmap_on_memory',
  (k, { size }) => {
    if (mhp_memmap_on_memory(k) === 'off') return false;
    const { arch, era } = k.facts;
    const pages = pagesPerBlock(k);
    if (era.get('memmap_on_memory') === 'one block') {
      if (size !== BigInt(pages) << BigInt(arch.page_shift)) return false;
    }
    if ((pages * arch.sizeof_page) % 2 ** arch.page_shift !== 0) return false;
    const memmap = memmapPagesOfBlock(k);
    if (memmap % 2 ** arch.pageblock_order !== 0 || memmap >= pages) return false;
    return archSupports(k);
  },
);

/** mhp_init_memmap_on_memory(): the pages that hold the memmap join the zone, never to be freed. */
export const mhp_init_memmap_on_memory = operation<ZonePages, void>(
  'mhp_init_memmap_on_memory',
  'mm/memory_hotplug.c:mhp_init_memmap_on_memory',
  function* (k, { start_pfn, nr_pages, nid, zone }) {
    const end_pfn = start_pfn + nr_pages;
    const migratetype = 'UNMOVABLE';
    yield* call(move_pfn_range_to_zone, {
      nid,
      zone,
      start_pfn,
      nr_pages,
      altmap: null,
      migratetype,
    });
    k.world.update('pages', start_pfn, end_pfn, { flags: 'vmemmap_self_hosted' });
    // Sections that hold nothing but memmap go online here; online_pages does the others.
    if (nr_pages >= k.facts.arch.pages_per_section) {
      const per = k.facts.arch.pages_per_section;
      yield* call(online_mem_sections, { start_pfn, end_pfn: end_pfn - (end_pfn % per) });
    }
  },
);

/** mhp_deinit_memmap_on_memory(): the reverse. */
export const mhp_deinit_memmap_on_memory = operation<ZonePages, void>(
  'mhp_deinit_memmap_on_memory',
  'mm/memory_hotplug.c:mhp_deinit_memmap_on_memory',
  function* (k, { start_pfn, nr_pages, nid, zone }) {
    const per = k.facts.arch.pages_per_section;
    const end_pfn = start_pfn + nr_pages;
    if (nr_pages >= per) {
      yield* call(offline_mem_sections, { start_pfn, end_pfn: end_pfn - (end_pfn % per) });
    }
    yield* call(remove_pfn_range_from_zone, { nid, zone, start_pfn, nr_pages });
  },
);
