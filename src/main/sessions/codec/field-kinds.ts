import type { TableName, Tables } from '../../../shared/world/tables.ts';

/** What a field of a recorded row may hold; `?`: or null. */
export type FieldKind =
  | 'integer'
  | 'integer?'
  | 'bigint'
  | 'bigint?'
  | 'string'
  | 'string?'
  | 'boolean'
  | 'scalar'
  | 'strings'
  | 'ranges'
  | 'altmap?'
  | 'value';

/** The `Tables` types once more, for rows that come from a file. A field left out is a type error. */
export const FIELD_KINDS: {
  readonly [T in TableName]: { readonly [F in keyof Tables[T]]: FieldKind };
} = {
  vars: { name: 'string', value: 'scalar' },
  e820: { start: 'bigint', end: 'bigint', type: 'string', entry: 'integer' },
  numa_meminfo: { start: 'bigint', end: 'bigint', nid: 'integer' },
  memblock_memory: { start: 'bigint', end: 'bigint', nid: 'integer', flags: 'string' },
  memblock_reserved: { start: 'bigint', end: 'bigint', nid: 'integer', owner: 'string' },
  resources: {
    id: 'integer',
    parent: 'integer',
    start: 'bigint',
    end: 'bigint',
    name: 'string',
    flags: 'string',
    desc: 'string',
  },
  nodes: {
    nid: 'integer',
    online: 'boolean',
    cpus: 'integer',
    node_start_pfn: 'integer',
    node_spanned_pages: 'integer',
    node_present_pages: 'integer',
    first_deferred_pfn: 'integer?',
  },
  zones: {
    key: 'integer',
    nid: 'integer',
    index: 'integer',
    name: 'string',
    zone_start_pfn: 'integer',
    spanned_pages: 'integer',
    present_pages: 'integer',
    present_early_pages: 'integer',
    managed_pages: 'integer',
    contiguous: 'boolean',
  },
  section_roots: { start: 'integer', end: 'integer', nid: 'integer' },
  sections: {
    start: 'integer',
    end: 'integer',
    nid: 'integer',
    flags: 'integer',
    subsection_map: 'bigint',
    memmap: 'string',
  },
  vmemmap: {
    start: 'integer',
    end: 'integer',
    phys: 'bigint?',
    mapping: 'string',
    source: 'string',
  },
  section_mem_maps: { start: 'integer', end: 'integer', coded: 'bigint' },
  node_mem_maps: {
    nid: 'integer',
    start_pfn: 'integer',
    end_pfn: 'integer',
    node_mem_map: 'bigint',
    phys: 'bigint',
  },
  physnode_map: { start: 'integer', end: 'integer', nid: 'integer' },
  direct_map: { start: 'integer', end: 'integer', by: 'string' },
  pages: {
    start: 'integer',
    end: 'integer',
    state: 'string',
    nid: 'integer',
    zone: 'integer',
    flags: 'string',
    refcount: 'integer',
    mapcount: 'integer',
    pgmap: 'string?',
    buddy: 'boolean',
    compound_order: 'integer',
    migratetype: 'string',
  },
  pgmaps: {
    id: 'string',
    type: 'string',
    type_value: 'integer',
    ranges: 'ranges',
    nr_range: 'integer',
    flags: 'integer',
    ops: 'string',
    owner: 'string',
    vmemmap_shift: 'integer',
    altmap: 'altmap?',
    ref: 'integer',
    ref_dead: 'boolean',
    device: 'string',
    nid: 'integer',
  },
  pgmap_array: { start: 'integer', end: 'integer', pgmap: 'string' },
  memory_blocks: {
    start: 'integer',
    end: 'integer',
    state: 'string',
    nid: 'integer',
    zone: 'string?',
  },
  devices: { id: 'string', model: 'string', node: 'integer', state: 'string', note: 'string' },
  registers: { key: 'string', device: 'string', name: 'string', index: 'integer', value: 'value' },
  pci_hosts: {
    id: 'string',
    device: 'string',
    cpu_family: 'integer',
    iommu: 'boolean',
    bus_offset: 'bigint',
  },
  pci_devices: {
    id: 'string',
    device: 'string',
    host: 'string',
    parent: 'string',
    kind: 'string',
    vendor: 'integer',
    device_id: 'integer',
    acs: 'integer',
    bars: 'value',
  },
  p2pdma: {
    provider: 'string',
    published: 'boolean',
    chunks: 'value',
    allocated: 'value',
    map_types: 'value',
  },
  tasks: { id: 'string', pid: 'integer', mm: 'string', parent: 'string', signal: 'string' },
  mms: {
    id: 'string',
    nr: 'integer',
    mm_users: 'integer',
    anonpages: 'integer',
    filepages: 'integer',
    shmempages: 'integer',
    notifiers: 'strings',
  },
  vmas: {
    start: 'integer',
    end: 'integer',
    mm: 'string',
    vm_flags: 'string',
    vm_ops: 'string',
    vm_file: 'string',
    vm_pgoff: 'integer',
    anon_vma: 'string',
  },
  ptes: {
    start: 'integer',
    end: 'integer',
    mm: 'string',
    level: 'string',
    kind: 'string',
    pfn: 'integer',
    flags: 'string',
  },
  page_mappings: { start: 'integer', end: 'integer', mapping: 'string', index: 'integer' },
  page_contents: { start: 'integer', end: 'integer', word: 'integer', nth: 'integer?' },
  locks: {
    name: 'string',
    kind: 'string',
    owner: 'string',
    readers: 'strings',
    waiters: 'strings',
  },
  completions: { name: 'string', done: 'boolean', waiters: 'strings' },
  wait_queues: { name: 'string', waiters: 'strings' },
  actors: { id: 'string', state: 'string', waits_on: 'string' },
  kernel_log: { n: 'integer', level: 'string', text: 'string' },
};
