import type { ModelName } from './model-config.ts';

/** Constants of an architecture in one configuration (page size, paging levels, version). */
export interface Arch {
  readonly name: string;
  readonly bits_per_long: 32 | 64;
  readonly page_shift: number;
  readonly section_size_bits: number;
  readonly max_physmem_bits: number;
  readonly sizeof_page: number;
  readonly sizeof_mem_section: number;
  readonly pmd_shift: number;
  readonly pageblock_order: number;
  readonly max_page_order: number;
  readonly nodes_shift: number;
  /** `vmemmap` where it is a constant; 0 where the boot computes it (kernel variable `vmemmap`). */
  readonly vmemmap_base: bigint;
  /** Virtual address of the direct map's first byte. */
  readonly page_offset_base: bigint;
  readonly pages_per_section: number;
  readonly pages_per_subsection: number;
  readonly subsections_per_section: number;
  readonly nr_mem_sections: number;
  readonly sections_per_root: number;
  readonly nr_section_roots: number;
  /** Zone names in the order of enum zone_type of this configuration. */
  readonly zones: readonly string[];
  readonly memory_model: ModelName;
  /** SPARSEMEM_STATIC: mem_section is one array in .bss; EXTREME: roots on demand. */
  readonly section_array: 'static' | 'extreme';
  /** How vmemmap_populate() maps whole sections. */
  readonly vmemmap_mapping: 'pmd' | 'pte';
}
