import { physToVirt, virtToPhys, type Look } from '../../core/direct-map.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { pageShift } from '../memblock/pages.ts';
import { flagsField, layoutOf } from '../page/flags.ts';
import { freshPages } from '../page/page-rows.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';
import {
  flagsWordOf,
  hex,
  pageSize,
  sectionSteps,
  type ConversionStep,
  type MemoryModel,
} from './model.ts';
import { sectionOverhead } from './overhead.ts';
import { sectionValidity } from './section-valid.ts';
import { coversSections, showChunk } from './section-run.ts';
import { sparse_buffer_alloc } from './sparse-buffer.ts';
import type { MemmapChunk } from './vmemmap-populate.ts';

/**
 * The memmap of whole sections, in ordinary memory: from the node's block, or allocated here. What
 * section_mem_map will hold is its address less the first PFN's worth of struct pages.
 */
export const populate_classic = leaf<MemmapChunk, Outcome<void>>(
  (k) =>
    k.facts.era.get('subsection_hotplug') ? '__populate_section_memmap' : 'sparse_mem_map_populate',
  'mm/sparse.c:__populate_section_memmap',
  (k, { pfn, nr_pages, nid, buffer }) => {
    const size = BigInt(nr_pages) * pageSize(k);
    const at =
      (buffer && sparse_buffer_alloc(buffer, size)) ??
      memblockAlloc(k, size, 1n << pageShift(k), nid, 'memmap');
    if (at === undefined)
      return fail('ENOMEM', 'memmap_alloc(size, size, addr, nid, false) == NULL');
    freshPages(k, pfn, pfn + nr_pages);
    const per = k.facts.arch.pages_per_section;
    const coded = codedAddress(k, physToVirt(k, at) - BigInt(pfn) * pageSize(k));
    k.world.set('section_mem_maps', pfn / per, (pfn + nr_pages) / per, { coded });
    return undefined;
  },
  { covers: coversSections, show: showChunk },
);

/** Addresses wrap at the word's end: the coded pointer of a high section can be below zero. */
function codedAddress({ facts }: Look, value: bigint): bigint {
  return BigInt.asUintN(facts.arch.bits_per_long, value);
}

/** section_mem_map without its flags; undefined without a memmap (__section_mem_map_addr). */
export function codedMap({ world }: Look, nr: number): bigint | undefined {
  return world.at('section_mem_maps', nr)?.coded;
}

/** How page_to_nid() finds the node: in the flags, or by section where they have no room. */
export function pageToNid(look: Look, pfn: number): ConversionStep {
  const word = flagsWordOf(look, pfn);
  if (layoutOf(look.facts).node_not_in_page_flags) {
    const nr = Number(flagsField(look.facts, word, 'section')?.value ?? 0n);
    const nid = look.world.at('sections', nr)?.nid ?? 0;
    return {
      what: 'page_to_nid',
      text: `NODE_NOT_IN_PAGE_FLAGS: section_to_node_table[${nr}] = ${nid}`,
    };
  }
  const field = flagsField(look.facts, word, 'node');
  const text = field ? `flags ${hex(word)} >> ${field.shift}: ${field.value}` : 'no node field: 0';
  return { what: 'page_to_nid', text };
}

/**
 * Classic SPARSEMEM: each section points to a memmap of its own; a page finds its section in its
 * flags (include/asm-generic/memory_model.h).
 */
export const sparsemem: MemoryModel = {
  name: 'sparsemem',
  symbol: 'SPARSEMEM',
  pfnValid: sectionValidity,

  pfnToPage(look, pfn) {
    const nr = Math.floor(pfn / look.facts.arch.pages_per_section);
    const steps = sectionSteps(look, pfn);
    const coded = codedMap(look, nr);
    if (coded === undefined) return { steps, page: undefined };
    const page = codedAddress(look, coded + BigInt(pfn) * pageSize(look));
    steps.push(
      {
        what: '__section_mem_map_addr',
        text: `section_mem_map & SECTION_MAP_MASK = ${hex(coded)}`,
      },
      {
        what: 'pfn_to_page',
        text: `${hex(coded)} + ${hex(pfn)} \u00d7 ${pageSize(look)} = ${hex(page)}`,
      },
    );
    return { steps, page };
  },

  pageToPfn(look, page) {
    const own = entryAt(look, page);
    if (own === undefined) return { steps: [], pfn: undefined };
    const word = flagsWordOf(look, own);
    const field = flagsField(look.facts, word, 'section');
    const nr = Number(field?.value ?? 0n);
    const coded = codedMap(look, nr);
    const steps: ConversionStep[] = [
      {
        what: 'page_to_section',
        text: `flags ${hex(word)} >> ${field?.shift ?? 0}: section ${nr}`,
      },
    ];
    if (coded === undefined) return { steps, pfn: undefined };
    const pfn = Number(codedAddress(look, page - coded) / pageSize(look));
    steps.push({
      what: 'page_to_pfn',
      text: `(${hex(page)} \u2212 ${hex(coded)}) / ${pageSize(look)} = ${hex(pfn)}`,
    });
    return { steps, pfn };
  },

  stored(look, pfn) {
    // A hot-added section's memmap from vmalloc() is not in the direct map.
    const row = look.world.at('vmemmap', pfn);
    if (row && row.phys !== null) return row.phys + BigInt(pfn - row.start) * pageSize(look);
    const page = this.pfnToPage(look, pfn).page;
    return page === undefined ? undefined : virtToPhys(look, page);
  },

  overhead: (look) => sectionOverhead(look),
};

/** Which PFN's struct page lies at an address, by the sections' memmaps. */
function entryAt(look: Look, page: bigint): number | undefined {
  const per = look.facts.arch.pages_per_section;
  for (const { start, end, coded } of look.world.rows('section_mem_maps')) {
    const pfn = Number(codedAddress(look, page - coded) / pageSize(look));
    if (pfn >= start * per && pfn < end * per) return pfn;
  }
  return undefined;
}
