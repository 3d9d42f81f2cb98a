import { modelOfConfig } from './model-config.ts';
import type { Arch } from './arch.ts';
import { configNumber, enabled, type KernelConfig } from './config.ts';

/** SUBSECTION_SHIFT: 2 MiB on every architecture (include/linux/mmzone.h). */
const SUBSECTION_SHIFT = 21;

/** What an architecture's headers say; the rest follows. */
export type ArchBasics = Pick<
  Arch,
  | 'name'
  | 'bits_per_long'
  | 'page_shift'
  | 'section_size_bits'
  | 'max_physmem_bits'
  | 'sizeof_page'
  | 'pmd_shift'
  | 'pageblock_order'
  | 'max_page_order'
  | 'vmemmap_base'
  | 'page_offset_base'
  | 'vmemmap_mapping'
>;

/** Zone names in the order of `enum zone_type` (include/linux/mmzone.h). */
function zoneNames(config: KernelConfig): string[] {
  return [
    ...(enabled(config, 'ZONE_DMA') ? ['DMA'] : []),
    ...(enabled(config, 'ZONE_DMA32') ? ['DMA32'] : []),
    'Normal',
    ...(enabled(config, 'HIGHMEM') ? ['HighMem'] : []),
    'Movable',
    ...(enabled(config, 'ZONE_DEVICE') ? ['Device'] : []),
  ];
}

/** Constants that follow by the generic rules (include/linux/mmzone.h). */
export function completeArch(basics: ArchBasics, config: KernelConfig): Arch {
  const { page_shift, section_size_bits, max_physmem_bits, bits_per_long } = basics;
  const long = bits_per_long / 8;
  const isStatic = enabled(config, 'SPARSEMEM_STATIC');
  const sizeofSection = (enabled(config, 'PAGE_EXTENSION') ? 4 : 2) * long;
  const perRoot = isStatic ? 1 : 2 ** page_shift / sizeofSection;
  const sections = 2 ** (max_physmem_bits - section_size_bits);
  return {
    ...basics,
    sizeof_mem_section: sizeofSection,
    nodes_shift: enabled(config, 'NUMA') ? configNumber(config, 'NODES_SHIFT', 0) : 0,
    pages_per_section: 2 ** (section_size_bits - page_shift),
    pages_per_subsection: 2 ** (SUBSECTION_SHIFT - page_shift),
    subsections_per_section: 2 ** (section_size_bits - SUBSECTION_SHIFT),
    nr_mem_sections: sections,
    sections_per_root: perRoot,
    nr_section_roots: Math.ceil(sections / perRoot),
    zones: zoneNames(config),
    memory_model: modelOfConfig(config),
    section_array: isStatic ? 'static' : 'extreme',
  };
}
