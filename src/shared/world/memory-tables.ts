/** Physical memory: what firmware says of it, and what the kernel keeps about it. */
export interface MemoryTables {
  /** Kernel variables: max_pfn, max_low_pfn, highest_memmap_pfn, totalram_pages, ... */
  vars: { name: string; value: number | bigint | string | boolean };
  /**
   * The kernel's e820 table (bytes, end exclusive). `entry` keeps entries of the types that the
   * kernel never merges apart (e820.c:e820_nomerge); 0 for the others.
   */
  e820: { start: bigint; end: bigint; type: string; entry: number };
  /** NUMA memory affinity after `numa_cleanup_meminfo` (bytes, end exclusive). */
  numa_meminfo: { start: bigint; end: bigint; nid: number };
  /** memblock.memory (bytes, end exclusive); `flags`: '' or names joined by '|'. */
  memblock_memory: { start: bigint; end: bigint; nid: number; flags: string };
  /** memblock.reserved (bytes, end exclusive); `owner` says for whom. */
  memblock_reserved: { start: bigint; end: bigint; nid: number; owner: string };
  /** The iomem resource tree; `end` inclusive as in struct resource. `parent` 0: top level. */
  resources: {
    id: number;
    parent: number;
    start: bigint;
    end: bigint;
    name: string;
    flags: string;
    desc: string;
  };
  /** struct pglist_data. */
  nodes: {
    nid: number;
    online: boolean;
    cpus: number;
    node_start_pfn: number;
    node_spanned_pages: number;
    node_present_pages: number;
    first_deferred_pfn: number | null;
  };
  /** struct zone; key is `nid * 8 + index`. */
  zones: {
    key: number;
    nid: number;
    index: number;
    name: string;
    zone_start_pfn: number;
    spanned_pages: number;
    present_pages: number;
    present_early_pages: number;
    managed_pages: number;
    contiguous: boolean;
  };
  /** Roots of the EXTREME section array that are allocated (root numbers). */
  section_roots: { start: number; end: number; nid: number };
  /**
   * Runs of equal mem_sections (section numbers). `flags` are the low bits of section_mem_map;
   * `subsection_map` has one bit a sub-section; `memmap` says where the memmap came from.
   */
  sections: {
    start: number;
    end: number;
    nid: number;
    flags: number;
    subsection_map: bigint;
    memmap: string;
  };
  /**
   * The populated vmemmap, by the PFNs it describes. `phys` is the physical address of the
   * first struct page and grows with the PFN; null where several tables alias one page.
   */
  vmemmap: {
    start: number;
    end: number;
    phys: bigint | null;
    mapping: string;
    source: string;
  };
  /**
   * Classic SPARSEMEM: section_mem_map without its flag bits (section numbers), the address of the
   * memmap less the section's first PFN times sizeof(struct page). Equal where memmaps follow on.
   */
  section_mem_maps: { start: number; end: number; coded: bigint };
  /**
   * FLATMEM and DISCONTIGMEM: the array of a node, for PFNs [start_pfn, end_pfn), rounded outwards
   * to the largest buddy order. `node_mem_map` is the address of the entry of node_start_pfn.
   */
  node_mem_maps: {
    nid: number;
    start_pfn: number;
    end_pfn: number;
    node_mem_map: bigint;
    phys: bigint;
  };
  /** x86_32 DISCONTIGMEM: physnode_map[], in units of 64 MiB; units without a row hold -1. */
  physnode_map: { start: number; end: number; nid: number };
  /** The kernel's direct mapping, in PFNs. */
  direct_map: { start: number; end: number; by: string };
  /**
   * struct page, by PFN. `state` 'zero': never initialised, all bytes 0. `zone` is the zone
   * *index* in the flags word, `flags` the set of PG_ names joined by '|'.
   */
  pages: {
    start: number;
    end: number;
    state: 'init' | 'zero' | 'poison';
    nid: number;
    zone: number;
    flags: string;
    refcount: number;
    mapcount: number;
    /** Key into `pgmaps` when the lru words hold the pagemap; null when they hold a list head. */
    pgmap: string | null;
    /** Free in the buddy allocator; which blocks free pages make follows from their extents. */
    buddy: boolean;
    /**
     * Order of the compound pages or of the allocations the extent is made of; 0 for single
     * pages. Of each 2^order pages the first has `refcount`; the others count 0.
     */
    compound_order: number;
    migratetype: string;
  };
  /** struct dev_pagemap; addresses are bytes, range ends inclusive as in struct range. */
  pgmaps: {
    id: string;
    type: string;
    type_value: number;
    ranges: readonly { start: bigint; end: bigint }[];
    nr_range: number;
    flags: number;
    ops: string;
    owner: string;
    vmemmap_shift: number;
    altmap: {
      base_pfn: number;
      end_pfn: number;
      reserve: number;
      free: number;
      align: number;
      alloc: number;
    } | null;
    /**
     * percpu_ref: its count (pages or users), and whether it was killed. `external_ref`: the
     * driver's own reference that stands in for it (4.5 to 5.16), a key of `percpu_refs`; `ref`
     * then counts what was taken through this pagemap.
     */
    ref: number;
    ref_dead: boolean;
    external_ref: string;
    device: string;
    nid: number;
  };
  /** The xarray `pgmap_array`: which pagemap `get_dev_pagemap` finds for a PFN. */
  pgmap_array: { start: number; end: number; pgmap: string };
  /** Memory blocks with equal state (block numbers). `zone` null: several zones or nodes. */
  memory_blocks: {
    start: number;
    end: number;
    state: string;
    nid: number;
    zone: string | null;
  };
  /**
   * struct memory_group. `pages`: how many a static group has at most, or a unit of a dynamic one;
   * of the memory that is online: how much in ZONE_MOVABLE, how much elsewhere.
   */
  memory_groups: {
    mgid: number;
    nid: number;
    is_dynamic: boolean;
    pages: number;
    present_kernel_pages: number;
    present_movable_pages: number;
  };
  /** mem->group of memory blocks (block numbers) that have one. */
  memory_block_groups: { start: number; end: number; mgid: number };
}
