import { archPfnOffset, bigVar, virtToPhys, type Look } from '../../core/direct-map.ts';
import { nodeOfPhys } from './overhead.ts';
import { hex, pageSize, type ConversionStep, type MemoryModel, type Validity } from './model.ts';
import { flatEnd } from './node-mem-map.ts';

function validity(look: Look, pfn: number): Validity {
  const { facts, world } = look;
  const offset = archPfnOffset(look);
  const end = flatEnd(look);
  const say = (valid: boolean, why: string): Validity => ({ valid, online: valid, why });
  if (facts.era.get('arch_pfn_valid')) {
    const there = world.at('memblock_memory', BigInt(pfn) << BigInt(facts.arch.page_shift));
    return say(
      there !== undefined,
      `memblock ${there ? 'has' : 'does not have'} memory at this PFN (memblock_is_map_memory)`,
    );
  }
  if (pfn < offset) return say(false, `below ARCH_PFN_OFFSET ${hex(offset)}`);
  const index = pfn - offset;
  return pfn < end
    ? say(
        true,
        `${hex(index)} is below max_mapnr ${hex(end - offset)}: mem_map has an entry, RAM or hole`,
      )
    : say(false, `${hex(index)} is not below max_mapnr ${hex(end - offset)}`);
}

/** Pointers wrap at the end of the word: mem_map may lie below entry 0's own address. */
function wrapped({ facts }: Look, address: bigint): bigint {
  return BigInt.asUintN(facts.arch.bits_per_long, address);
}

/** Shared first line: ARCH_PFN_OFFSET says which PFN entry 0 is. */
function offsetStep(look: Look): ConversionStep {
  return { what: 'ARCH_PFN_OFFSET', text: hex(archPfnOffset(look)) };
}

/**
 * FLATMEM: one array over the whole range of physical memory, holes included
 * (include/asm-generic/memory_model.h). Nothing is usable before memblock_free_all().
 */
export const flatmem: MemoryModel = {
  name: 'flatmem',
  symbol: 'FLATMEM',
  pfnValid: validity,

  pfnToPage(look, pfn) {
    const map = bigVar(look, 'mem_map');
    if (map === 0n)
      return { steps: [{ what: 'mem_map', text: 'NULL: no array yet' }], page: undefined };
    const index = pfn - archPfnOffset(look);
    const page = wrapped(look, map + BigInt(index) * pageSize(look));
    return {
      steps: [
        offsetStep(look),
        {
          what: 'pfn_to_page',
          text: `mem_map ${hex(map)} + (${hex(pfn)} \u2212 ${hex(archPfnOffset(look))}) \u00d7 ${pageSize(look)} = ${hex(page)}`,
        },
      ],
      page,
    };
  },

  pageToPfn(look, page) {
    const map = bigVar(look, 'mem_map');
    if (map === 0n)
      return { steps: [{ what: 'mem_map', text: 'NULL: no array yet' }], pfn: undefined };
    const pfn = Number(wrapped(look, page - map) / pageSize(look)) + archPfnOffset(look);
    return {
      steps: [
        {
          what: 'page_to_pfn',
          text: `(${hex(page)} \u2212 mem_map ${hex(map)}) / ${pageSize(look)} + ${hex(archPfnOffset(look))} = ${hex(pfn)}`,
        },
      ],
      pfn,
    };
  },

  stored(look, pfn) {
    const page = this.pfnToPage(look, pfn).page;
    return page === undefined ? undefined : virtToPhys(look, page);
  },

  overhead: (look) => nodeArrays(look, 'mem_map'),
};

/** Entries of an array that are no struct pages any more. */
function missing({ world }: Look, start: number, end: number): number {
  let there = 0;
  for (const row of world.overlapping('pages', start, end)) {
    there += Math.min(row.end, end) - Math.max(row.start, start);
  }
  return end - start - there;
}

/** What the arrays of the nodes cost, and how much of it is for holes. */
export function nodeArrays(look: Look, name: string) {
  return [...look.world.rows('node_mem_maps')].map(({ nid, start_pfn, end_pfn, phys }) => {
    const present = look.world.get('nodes', nid)?.node_present_pages ?? 0;
    const all = BigInt(end_pfn - start_pfn) * pageSize(look);
    const holes = all - BigInt(present) * pageSize(look);
    const freed = BigInt(missing(look, start_pfn, end_pfn)) * pageSize(look);
    const given = freed === 0n ? '' : `; ${freed} of these were given back (free_unused_memmap)`;
    return {
      what: `${name}, ${end_pfn - start_pfn} entries, ${holes} bytes of them for pages that are no memory${given}`,
      bytes: all - freed,
      charged: `node ${nodeOfPhys(look, phys) ?? nid}, RAM`,
    };
  });
}
