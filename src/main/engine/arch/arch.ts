/** Constants of an architecture in one configuration (page size, paging levels, version). */
export interface Arch {
  readonly name: string;
  readonly page_shift: number;
  readonly section_size_bits: number;
  readonly max_physmem_bits: number;
  readonly sizeof_page: number;
  readonly sizeof_mem_section: number;
  readonly pmd_shift: number;
  readonly pageblock_order: number;
  readonly max_page_order: number;
  readonly nodes_shift: number;
  readonly vmemmap_base: bigint;
  readonly page_offset_base: bigint;
  readonly pages_per_section: number;
  readonly pages_per_subsection: number;
  readonly subsections_per_section: number;
  readonly nr_mem_sections: number;
  readonly sections_per_root: number;
  readonly nr_section_roots: number;
  /** Zone names in the order of enum zone_type of this configuration. */
  readonly zones: readonly string[];
}
