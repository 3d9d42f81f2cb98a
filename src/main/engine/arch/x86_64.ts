import { since, type KernelVersion } from '../era/version.ts';
import type { Arch } from './arch.ts';
import { enabled, type KernelConfig } from './config.ts';

const PAGE_SHIFT = 12;
const SECTION_SIZE_BITS = 27;
const SUBSECTION_SHIFT = 21;

/** Zone names in the order of `enum zone_type` (include/linux/mmzone.h). */
function zoneNames(config: KernelConfig): string[] {
  return [
    ...(enabled(config, 'ZONE_DMA') ? ['DMA'] : []),
    ...(enabled(config, 'ZONE_DMA32') ? ['DMA32'] : []),
    'Normal',
    'Movable',
    ...(enabled(config, 'ZONE_DEVICE') ? ['Device'] : []),
  ];
}

/**
 * Start of the direct map. Moved by d52888aa2753 "x86/mm: Move LDT remap out of KASLR region on
 * 5-level paging" (4.20); the bases are those without KASLR (pgtable_64_types.h).
 */
function pageOffset(version: KernelVersion, la57: boolean): bigint {
  const moved = since(version, '4.20');
  if (la57) return moved ? 0xff11000000000000n : 0xff10000000000000n;
  return moved ? 0xffff888000000000n : 0xffff880000000000n;
}

/**
 * x86_64 with SPARSEMEM_VMEMMAP (arch/x86/include/asm/sparsemem.h, pgtable_64_types.h,
 * include/linux/mmzone.h). With 5-level paging MAX_PHYSMEM_BITS is 52, else 46.
 *
 * @param la57 5-level paging in use: `pgtable_l5_enabled()`
 */
export function x86_64(version: KernelVersion, config: KernelConfig, la57: boolean): Arch {
  const maxPhysmemBits = la57 ? 52 : 46;
  const sizeofSection = enabled(config, 'PAGE_EXTENSION') ? 32 : 16;
  const sectionsPerRoot = (1 << PAGE_SHIFT) / sizeofSection;
  const nrSections = 2 ** (maxPhysmemBits - SECTION_SIZE_BITS);
  return {
    name: 'x86_64',
    page_shift: PAGE_SHIFT,
    section_size_bits: SECTION_SIZE_BITS,
    max_physmem_bits: maxPhysmemBits,
    sizeof_page: 64,
    sizeof_mem_section: sizeofSection,
    pmd_shift: 21,
    pageblock_order: 9,
    max_page_order: 10,
    nodes_shift: Number(config['NODES_SHIFT'] ?? 0),
    vmemmap_base: la57 ? 0xffd4000000000000n : 0xffffea0000000000n,
    page_offset_base: pageOffset(version, la57),
    pages_per_section: 1 << (SECTION_SIZE_BITS - PAGE_SHIFT),
    pages_per_subsection: 1 << (SUBSECTION_SHIFT - PAGE_SHIFT),
    subsections_per_section: 1 << (SECTION_SIZE_BITS - SUBSECTION_SHIFT),
    nr_mem_sections: nrSections,
    sections_per_root: sectionsPerRoot,
    nr_section_roots: Math.ceil(nrSections / sectionsPerRoot),
    zones: zoneNames(config),
  };
}
