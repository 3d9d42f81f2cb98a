import type { Look } from '../../core/direct-map.ts';
import type { Validity } from './model.ts';
import { hasSubsectionMap } from './section.ts';
import {
  SECTION_HAS_MEM_MAP,
  SECTION_IS_EARLY,
  SECTION_IS_ONLINE,
  SECTION_MARKED_PRESENT,
  SECTION_TAINT_ZONE_DEVICE,
} from '../../core/section-flags.ts';

/**
 * pfn_valid() of the sparse models: the section must have a memmap, and be early or have the
 * sub-section's bit (include/linux/mmzone.h:pfn_valid). pfn_to_online_page() wants the section
 * online; since 5.12 also the sub-section's bit, and no pagemap where the section is tainted.
 */
export function sectionValidity(look: Look, pfn: number): Validity {
  const { arch, era } = look.facts;
  const nr = Math.floor(pfn / arch.pages_per_section);
  const no = (why: string): Validity => ({ valid: false, online: false, why });
  if (nr >= arch.nr_mem_sections) {
    return no(`section ${nr} is not below NR_MEM_SECTIONS ${arch.nr_mem_sections}`);
  }
  const section = look.world.at('sections', nr);
  if (!section || (section.flags & SECTION_MARKED_PRESENT) === 0) {
    return no(`section ${nr} is not present`);
  }
  if ((section.flags & SECTION_HAS_MEM_MAP) === 0) return no(`section ${nr} has no memmap yet`);
  if (era.get('arch_pfn_valid') && (!era.get('subsection_hotplug') || isEarly(section.flags))) {
    const phys = BigInt(pfn) << BigInt(arch.page_shift);
    if (!look.world.at('memblock_memory', phys)) {
      return no('memblock has no memory at this PFN (memblock_is_map_memory)');
    }
  }
  const isOnline =
    era.get('section_flags') < 3
      ? blockOnline(look, pfn)
      : (section.flags & SECTION_IS_ONLINE) !== 0;
  if (!hasSubsectionMap(look)) {
    return { valid: true, online: isOnline, why: `section ${nr} has a memmap` };
  }
  const index = Math.floor((pfn % arch.pages_per_section) / arch.pages_per_subsection);
  const set = ((section.subsection_map >> BigInt(index)) & 1n) === 1n;
  const online =
    isOnline && (era.get('section_flags') < 5 || (set && !isDevice(look, section, pfn)));
  if (isEarly(section.flags)) {
    return {
      valid: true,
      online,
      why: `section ${nr} is early: its whole memmap was made at boot`,
    };
  }
  const why = `bit ${index} of section ${nr}\u2019s subsection_map is ${set ? 'set' : 'clear'}`;
  return { valid: set, online: online && set, why };
}

/** Before 4.13 no bit of the section says it; that its memory block is online does. */
function blockOnline({ facts, world }: Look, pfn: number): boolean {
  const bytes = BigInt(world.get('vars', 'memory_block_size')?.value ?? 0);
  if (bytes === 0n) return true;
  const block = Math.floor(pfn / Number(bytes >> BigInt(facts.arch.page_shift)));
  return world.at('memory_blocks', block)?.state === 'online';
}

function isEarly(flags: number): boolean {
  return (flags & SECTION_IS_EARLY) !== 0;
}

/** In a tainted section a PFN with a pagemap is not online (pfn_to_online_page). */
function isDevice(look: Look, { flags }: { flags: number }, pfn: number): boolean {
  return (
    (flags & SECTION_TAINT_ZONE_DEVICE) !== 0 && look.world.at('pgmap_array', pfn) !== undefined
  );
}
