import type { Facts } from '../../engine/facts.ts';
import type { World } from '../../engine/world/world.ts';

const PRESENT = 1;
const HAS_MEM_MAP = 2;
const ONLINE = 4;
const EARLY = 8;

export interface Validity {
  readonly valid: boolean;
  readonly online: boolean;
  /** The test that decided, with this machine's numbers. */
  readonly why: string;
}

/**
 * pfn_valid() of SPARSEMEM_VMEMMAP: the section must have a memmap, and be early or have the
 * sub-section's bit (include/linux/mmzone.h:pfn_valid; before sub-sections, the section decides).
 */
export function pfnValid(world: World, facts: Facts, pfn: number): Validity {
  const { arch, era } = facts;
  const nr = Math.floor(pfn / arch.pages_per_section);
  if (nr >= arch.nr_mem_sections) {
    return {
      valid: false,
      online: false,
      why: `section ${nr} is not below NR_MEM_SECTIONS ${arch.nr_mem_sections}`,
    };
  }
  const section = world.at('sections', nr);
  if (!section || (section.flags & PRESENT) === 0) {
    return { valid: false, online: false, why: `section ${nr} is not present` };
  }
  if ((section.flags & HAS_MEM_MAP) === 0) {
    return { valid: false, online: false, why: `section ${nr} has no memmap yet` };
  }
  const online = (section.flags & ONLINE) !== 0;
  if (!era.get('subsection_hotplug')) {
    return { valid: true, online, why: `section ${nr} has a memmap` };
  }
  if ((section.flags & EARLY) !== 0) {
    return {
      valid: true,
      online,
      why: `section ${nr} is early: its whole memmap was made at boot`,
    };
  }
  const index = Math.floor((pfn % arch.pages_per_section) / arch.pages_per_subsection);
  const set = ((section.subsection_map >> BigInt(index)) & 1n) === 1n;
  const why = `bit ${index} of section ${nr}\u2019s subsection_map is ${set ? 'set' : 'clear'}`;
  return { valid: set, online: online && set, why };
}
