/* eslint max-lines: ["error", 600] -- the tables of the world are one list */
import type { DmaSegment, P2pChunk, SgEntry } from './dma-records.ts';
import type { GupPin } from './gup-records.ts';
import type { Key, Row, Value } from './value.ts';

/**
 * The world's tables. Nothing else holds state.
 * Extent tables hold half-open ranges `[start, end)` that never overlap and are always
 * merged as far as their fields allow; their key is `start`.
 */
export interface Tables {
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
  /** Devices on the bench. `state`: absent, present, bound, failed. */
  devices: { id: string; model: string; node: number; state: string; note: string };
  /** Registers a hardware model declared; key `device/register[/index]`. */
  registers: { key: string; device: string; name: string; index: number; value: Value };
  /** PCI host bridges; key is the root bus: `0000:00`. `bus_offset`: CPU address - bus address. */
  pci_hosts: { id: string; device: string; cpu_family: number; iommu: boolean; bus_offset: bigint };
  /**
   * struct pci_dev; key is pci_name(): `0000:03:00.0`. `device` is the bench's, `parent` the bridge
   * above ('' on a root bus), `acs` the ACS control register, `bars` records { bar, start, size }.
   */
  pci_devices: {
    id: string;
    device: string;
    host: string;
    parent: string;
    kind: string;
    vendor: number;
    device_id: number;
    acs: number;
    bars: Value;
  };
  /**
   * struct pci_p2pdma of a provider. `chunks` of its gen_pool and what is `allocated` of them (bytes,
   * CPU physical); `map_types` as cached, by client.
   */
  p2pdma: {
    provider: string;
    published: boolean;
    chunks: readonly P2pChunk[];
    allocated: readonly { start: bigint; size: bigint }[];
    map_types: { readonly [client: string]: string };
  };
  /** What a driver set of struct device: dma_mask, and max_segment_size of dma_parms (bytes). */
  dma_devices: { id: string; dma_mask: bigint; max_segment_size: bigint };
  /**
   * DMA mappings that are live, as CONFIG_DMA_API_DEBUG keeps them. `api`: 'scatter-gather' or
   * 'resource'. `sg` as given, `dma` as mapped: fewer where an IOMMU joined them. `iova_start` null
   * where no IOMMU translates. `dir` as enum dma_data_direction names it.
   */
  dma_mappings: {
    id: number;
    dev: string;
    api: string;
    dir: string;
    sg: readonly SgEntry[];
    dma: readonly DmaSegment[];
    iova_start: bigint | null;
    iova_size: bigint;
  };
  /**
   * struct task_struct; `id` is the actor's. `signal`: what ended it, '' while it lives. `flags`:
   * PF_* names joined by '|'.
   */
  tasks: { id: string; pid: number; mm: string; parent: string; signal: string; flags: string };
  /**
   * struct mm_struct. `nr` is its place among the address spaces: positions in `vmas` and `ptes` are
   * `nr * 2^44 + (address >> PAGE_SHIFT)`. Resident pages by kind, as mm_counter has them.
   * `notifiers`: who is registered with mmu_notifier_register() or mmu_interval_notifier_insert().
   */
  mms: {
    id: string;
    nr: number;
    mm_users: number;
    anonpages: number;
    filepages: number;
    shmempages: number;
    notifiers: readonly string[];
  };
  /**
   * struct vm_area_struct, by position. Neighbours that say the same are one, as vma_merge() makes
   * them; `vm_pgoff` grows with the page. `vm_flags`: names joined by '|' (read|write|shared...).
   * `vm_ops`: which vm_operations_struct, '' for anonymous memory. `anon_vma`: '' until needed.
   */
  vmas: {
    start: number;
    end: number;
    mm: string;
    vm_flags: string;
    vm_ops: string;
    vm_file: string;
    vm_pgoff: number;
    anon_vma: string;
  };
  /**
   * Page table entries, by position (of a process, or of a device that mirrors one). `level` pte,
   * pmd or pud: at which level the entry is a leaf. `kind` 'present' or the kind of a swap entry
   * (device_private_write ...); `pfn` grows with the page. `flags`: names joined by '|'.
   */
  ptes: {
    start: number;
    end: number;
    mm: string;
    level: string;
    kind: string;
    pfn: number;
    flags: string;
  };
  /**
   * struct inode of files that processes map or read. `nr` is its place among the inodes: positions
   * in `i_pages` and `file_extents` are `nr * 2^44 + index`. `fs`: which file system; `device`: what
   * it lies on, '' for memory. `i_flags`: names joined by '|' (dax ...).
   */
  inodes: { id: string; nr: number; fs: string; device: string; i_size: bigint; i_flags: string };
  /**
   * mapping->i_pages, by position: `kind` folio for the page cache, dax for a value entry of a DAX
   * file. `pfn` grows with the index; DAX entries of the zero page or of nothing have the position
   * there. `flags`: names joined by '|'; of DAX entries locked, pmd, zero, empty, dirty, towrite.
   */
  i_pages: { start: number; end: number; inode: string; kind: string; pfn: number; flags: string };
  /**
   * struct mmu_notifier_subscriptions of an address space somebody is registered with:
   * `invalidate_seq` is odd while an interval notifier is told of an invalidation.
   */
  notifier_subscriptions: { mm: string; invalidate_seq: number; active_invalidate_ranges: number };
  /**
   * struct mmu_interval_notifier: [start, end) are positions of `mm`. `device` has the invalidate
   * callback; `pt` is the address space of its page table (a key of `mms`), '' for none.
   */
  mmu_interval_notifiers: {
    id: string;
    mm: string;
    device: string;
    start: number;
    end: number;
    invalidate_seq: number;
    pt: string;
  };
  /**
   * struct migrate_vma (or the arrays of migrate_device_range) of a migration under way, as the
   * driver holds it; [start, end) are positions, or PFNs where `mm` is ''. `src` and `dst` are runs
   * { index, count, pfn, ... } of equal entries; entries no run covers are 0. `fault_pages` pages from
   * `fault_pfn` on are what a run of faults is about.
   */
  migrate_vmas: {
    id: string;
    mm: string;
    start: number;
    end: number;
    flags: string;
    pgmap_owner: string;
    fault_pfn: number | null;
    fault_pages: number;
    cpages: number;
    src: Value;
    dst: Value;
  };
  /** page->mapping and page->index, by PFN: 'anon:NAME' or 'file:PATH'. Pages without a row: NULL. */
  page_mappings: { start: number; end: number; mapping: string; index: number };
  /**
   * What is in memory, by PFN, as far as labs write it: every word of the page holds `word`, or
   * (with `nth`) the page is the nth of a buffer whose words count up from `word`. No row: zeros.
   */
  page_contents: { start: number; end: number; word: number; nth: number | null };
  /**
   * struct dax_device: `id` names its block device (pmem0) or is its character device (dax0.0).
   * Pages from `start_pfn` on; `pgmap` '' without struct pages. `flags`: dax (the queue says so),
   * alive (DAXDEV_ALIVE). `align` in bytes: of a page of a device-dax. `holder`: who mounted it.
   */
  dax_devices: {
    id: string;
    device: string;
    kind: string;
    start_pfn: number;
    pages: number;
    pgmap: string;
    align: bigint;
    flags: string;
    holder: string;
  };
  /** struct badblocks of a pmem device, in PFNs. */
  badblocks: { start: number; end: number; disk: string };
  /**
   * struct super_block of what is mounted at `id`. `nr` is its place among them: positions in
   * `free_blocks` are `nr * 2^44 + block`. `start_pfn` and `blocks` (pages) are its device's, 0
   * without one. `s_flags`: dax where files are mapped directly.
   */
  super_blocks: {
    id: string;
    nr: number;
    s_type: string;
    bdev: string;
    s_flags: string;
    start_pfn: number;
    blocks: number;
  };
  /** A file's blocks on its device: `type` mapped or unwritten; where nothing is there is a hole. */
  file_extents: { start: number; end: number; type: string; block: number; shared: boolean };
  /** Blocks of a filesystem that no file has. */
  free_blocks: { start: number; end: number; sb: string };
  /** Pages held by get_user_pages() and pin_user_pages(). */
  gup_pins: GupPin;
  /** Mutexes, rw semaphores: `owner` (for writing), `readers` and `waiters` are actor ids. */
  locks: {
    name: string;
    kind: string;
    owner: string;
    readers: readonly string[];
    waiters: readonly string[];
  };
  /** A driver's struct percpu_ref: its count, and whether it was killed. */
  percpu_refs: { name: string; count: number; dead: boolean; device: string };
  /** struct completion. */
  completions: { name: string; done: boolean; waiters: readonly string[] };
  /** wait_queue_head with somebody on it: a page's lock, a page's count, a migration entry. */
  wait_queues: { name: string; waiters: readonly string[] };
  /** Who can run. `state`: runnable, blocked, done; `waits_on`: the lock or completion. */
  actors: { id: string; state: string; waits_on: string };
  /** printk, in order. */
  kernel_log: { n: number; level: string; text: string };
}

export type TableName = keyof Tables;
export type RowOf<T extends TableName> = Readonly<Tables[T]>;

/** Tables whose records are extents. */
export type ExtentName = {
  [T in TableName]: Tables[T] extends {
    start: number | bigint;
    end: number | bigint;
    id: number | string;
  }
    ? never
    : Tables[T] extends { start: number | bigint; end: number | bigint }
      ? T
      : never;
}[TableName];

export interface TableSchema {
  readonly name: TableName;
  /** Field that holds the key. */
  readonly key: string;
  /** Every field, in the order of the canonical encoding. */
  readonly fields: readonly string[];
  readonly extent: boolean;
  /** Extent fields that grow with the position, and by how much a unit. */
  readonly linear: Readonly<Record<string, bigint | number>>;
  /** Extent fields that must be equal for two neighbours to join: neither range nor linear. */
  readonly plain: readonly string[];
}

function keyed(name: TableName, key: string, fields: string): TableSchema {
  return { name, key, fields: fields.split(' '), extent: false, linear: {}, plain: [] };
}

function extents(
  name: TableName,
  fields: string,
  linear: Readonly<Record<string, bigint | number>> = {},
): TableSchema {
  const names = fields.split(' ');
  return {
    name,
    key: 'start',
    fields: ['start', 'end', ...names],
    extent: true,
    linear,
    plain: names.filter((field) => !(field in linear)),
  };
}

/** Order matters: it is the order of the canonical encoding and of the tables in a recording. */
export const TABLES: readonly TableSchema[] = [
  keyed('vars', 'name', 'name value'),
  extents('e820', 'type entry'),
  extents('numa_meminfo', 'nid'),
  extents('memblock_memory', 'nid flags'),
  extents('memblock_reserved', 'nid owner'),
  keyed('resources', 'id', 'id parent start end name flags desc'),
  keyed(
    'nodes',
    'nid',
    'nid online cpus node_start_pfn node_spanned_pages node_present_pages first_deferred_pfn',
  ),
  keyed(
    'zones',
    'key',
    'key nid index name zone_start_pfn spanned_pages present_pages present_early_pages managed_pages contiguous',
  ),
  extents('section_roots', 'nid'),
  extents('sections', 'nid flags subsection_map memmap'),
  extents('vmemmap', 'phys mapping source', { phys: 64n }),
  extents('section_mem_maps', 'coded'),
  keyed('node_mem_maps', 'nid', 'nid start_pfn end_pfn node_mem_map phys'),
  extents('physnode_map', 'nid'),
  extents('direct_map', 'by'),
  extents('pages', 'state nid zone flags refcount mapcount pgmap buddy compound_order migratetype'),
  keyed(
    'pgmaps',
    'id',
    'id type type_value ranges nr_range flags ops owner vmemmap_shift altmap ref ref_dead external_ref device nid',
  ),
  extents('pgmap_array', 'pgmap'),
  extents('memory_blocks', 'state nid zone'),
  keyed(
    'memory_groups',
    'mgid',
    'mgid nid is_dynamic pages present_kernel_pages present_movable_pages',
  ),
  extents('memory_block_groups', 'mgid'),
  keyed('devices', 'id', 'id model node state note'),
  keyed('registers', 'key', 'key device name index value'),
  keyed('pci_hosts', 'id', 'id device cpu_family iommu bus_offset'),
  keyed('pci_devices', 'id', 'id device host parent kind vendor device_id acs bars'),
  keyed('p2pdma', 'provider', 'provider published chunks allocated map_types'),
  keyed('dma_devices', 'id', 'id dma_mask max_segment_size'),
  keyed('dma_mappings', 'id', 'id dev api dir sg dma iova_start iova_size'),
  keyed('tasks', 'id', 'id pid mm parent signal flags'),
  keyed('mms', 'id', 'id nr mm_users anonpages filepages shmempages notifiers'),
  extents('vmas', 'mm vm_flags vm_ops vm_file vm_pgoff anon_vma', { vm_pgoff: 1 }),
  extents('ptes', 'mm level kind pfn flags', { pfn: 1 }),
  keyed('inodes', 'id', 'id nr fs device i_size i_flags'),
  extents('i_pages', 'inode kind pfn flags', { pfn: 1 }),
  keyed('notifier_subscriptions', 'mm', 'mm invalidate_seq active_invalidate_ranges'),
  keyed('mmu_interval_notifiers', 'id', 'id mm device start end invalidate_seq pt'),
  keyed(
    'migrate_vmas',
    'id',
    'id mm start end flags pgmap_owner fault_pfn fault_pages cpages src dst',
  ),
  extents('page_mappings', 'mapping index', { index: 1 }),
  extents('page_contents', 'word nth', { nth: 1 }),
  keyed('dax_devices', 'id', 'id device kind start_pfn pages pgmap align flags holder'),
  extents('badblocks', 'disk'),
  keyed('super_blocks', 'id', 'id nr s_type bdev s_flags start_pfn blocks'),
  extents('file_extents', 'type block shared', { block: 1 }),
  extents('free_blocks', 'sb'),
  keyed('gup_pins', 'id', 'id actor mm address nr_pages flags runs'),
  keyed('locks', 'name', 'name kind owner readers waiters'),
  keyed('percpu_refs', 'name', 'name count dead device'),
  keyed('completions', 'name', 'name done waiters'),
  keyed('wait_queues', 'name', 'name waiters'),
  keyed('actors', 'id', 'id state waits_on'),
  keyed('kernel_log', 'n', 'n level text'),
];

const byName = new Map<string, TableSchema>(TABLES.map((schema) => [schema.name, schema]));

/** The schema of a table. Throws on a name no table has: a programming error. */
export function tableSchema(name: string): TableSchema {
  const schema = byName.get(name);
  if (!schema) throw new Error(`no table ${name}`);
  return schema;
}

export function keyOf(schema: TableSchema, row: Row): Key {
  return row[schema.key] as Key;
}
