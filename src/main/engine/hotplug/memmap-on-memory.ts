import type { Kernel } from '../facts.ts';
import { offline_mem_sections, online_mem_sections, type ZonePages } from './online-pages.ts';
import { memmapPages } from '../memmodel/sparse-hotplug-vmemmap.ts';
import { altmapOf, altmapVariable, type VmemAltmap } from '../pgmap/altmap.ts';
import { call, leaf, operation } from '../world/operation.ts';
import { mhp_memmap_on_memory, pagesPerBlock } from './mhp-params.ts';
import { move_pfn_range_to_zone, remove_pfn_range_from_zone } from './zone-span.ts';

/** mem->altmap: where the memmap of a block lies in the block itself, or null. */
export function blockAltmap(k: Kernel, block: number): VmemAltmap | null {
  return altmapOf(k, altmapVariable(block));
}

/** Pages a block's own memmap takes of it: 512 of 32768 on x86_64. */
export function memmapPagesOfBlock(k: Kernel): number {
  return memmapPages(k, pagesPerBlock(k));
}

/**
 * mhp_supports_memmap_on_memory(): the parameter is on, and the memmap of a block fills whole
 * pageblocks and PMD mappings without taking all of it. Before 6.8 only for a single block.
 */
export const mhp_supports_memmap_on_memory = leaf<{ size: bigint }, boolean>(
  'mhp_supports_memmap_on_memory',
  'mm/memory_hotplug.c:mhp_supports_memmap_on_memory',
  (k, { size }) => {
    if (!mhp_memmap_on_memory(k)) return false;
    const { arch, era } = k.facts;
    const pages = pagesPerBlock(k);
    const block = BigInt(pages) << BigInt(arch.page_shift);
    if (era.get('memmap_on_memory') === 'one block' && size !== block) return false;
    const memmap = memmapPagesOfBlock(k);
    const pmd = 2 ** (arch.pmd_shift - arch.page_shift);
    return memmap % 2 ** arch.pageblock_order === 0 && memmap % pmd === 0 && memmap < pages;
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
