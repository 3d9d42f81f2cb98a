import type { AddressSpaceTables } from './address-space-tables.ts';
import type { DeviceTables } from './device-tables.ts';
import type { FileTables } from './file-tables.ts';
import type { MemoryTables } from './memory-tables.ts';
import type { Key, Row } from './value.ts';

/**
 * The world's tables. Nothing else holds state.
 * Extent tables hold half-open ranges `[start, end)` that never overlap and are always
 * merged as far as their fields allow; their key is `start`.
 */
export interface Tables extends MemoryTables, DeviceTables, AddressSpaceTables, FileTables {
  /** Mutexes, rw semaphores: `owner` (for writing), `readers` and `waiters` are actor ids. */
  locks: {
    name: string;
    kind: string;
    owner: string;
    readers: readonly string[];
    waiters: readonly string[];
  };
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
  keyed('gup_pins', 'id', 'id actor mm address nr_pages flags busy runs'),
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
