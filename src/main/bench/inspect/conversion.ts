import type { Facts } from '../../engine/facts.ts';
import type { World } from '../../engine/world/world.ts';
import { hex } from './format.ts';
import { pfnValid } from './pfn-valid.ts';

/**
 * pfn to page and back on SPARSEMEM_VMEMMAP, one line a step, with this machine's numbers
 * (include/asm-generic/memory_model.h:__pfn_to_page, __page_to_pfn).
 */
export function conversion(facts: Facts, world: World, pfn: number): string[] {
  const { arch } = facts;
  const size = BigInt(arch.sizeof_page);
  const nr = Math.floor(pfn / arch.pages_per_section);
  const page = arch.vmemmap_base + BigInt(pfn) * size;
  const { valid, why } = pfnValid(world, facts, pfn);
  return [
    `pfn_to_section_nr: ${hex(pfn)} >> ${arch.section_size_bits - arch.page_shift} = ${nr}`,
    `mem_section[${Math.floor(nr / arch.sections_per_root)}][${nr % arch.sections_per_root}]`,
    `pfn_valid: ${valid ? 'true' : 'false'}, ${why}`,
    `pfn_to_page: vmemmap ${hex(arch.vmemmap_base)} + ${hex(pfn)} \u00d7 ${arch.sizeof_page} = ${hex(page)}`,
    `page_to_pfn: (${hex(page)} \u2212 ${hex(arch.vmemmap_base)}) / ${arch.sizeof_page} = ${hex((page - arch.vmemmap_base) / size)}`,
  ];
}
