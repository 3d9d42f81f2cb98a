import type { Kernel } from '../../core/facts.ts';
import {
  driverManagedName,
  merge_system_ram_resource,
  register_memory_resource,
  release_memory_resource,
  type MemoryRange,
} from './memory-region.ts';
import { altmapVariable, setAltmap } from '../pgmap/altmap.ts';
import {
  call,
  fail,
  failed,
  leaf,
  lock,
  operation,
  unlock,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { arch_add_memory } from './arch-add-memory.ts';
import { memoryHotplugNotBuilt } from './built.ts';
import { memory_group_find_by_id } from './memory-group.ts';
import { mem_hotplug_begin, mem_hotplug_done } from './lock.ts';
import { add_memory_block } from './add-memory-block.ts';
import { device_online, DEVICE_HOTPLUG_LOCK } from './memory-block.ts';
import { memmapPagesOfBlock, mhp_supports_memmap_on_memory } from './memmap-on-memory.ts';
import { mhp_get_default_online_type, pagesPerBlock } from './mhp-params.ts';
import { arch_remove_memory } from './remove-pages.ts';
import { __try_online_node, node_possible, register_one_node } from './try-online-node.ts';
import { zone_for_memory } from './zone-at-add.ts';

/** What is added: a node and bytes. */
export interface AddMemoryParams extends MemoryRange {
  readonly nid: number;
  /** MHP_NID_IS_MGID: the group the memory belongs to, whose node it joins; `nid` says nothing. */
  readonly mgid?: number | null;
  /** MHP_MEMMAP_ON_MEMORY: the caller would like the memmap in the memory itself. */
  readonly memmap_on_memory?: boolean;
  /** MHP_MERGE_RESOURCE: the resource that joins equal ones beside it; none where it is left out. */
  readonly merge?: number;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** check_hotplug_memory_range(): whole memory blocks, at least one. */
export const check_hotplug_memory_range = leaf<MemoryRange, Outcome<void>>(
  'check_hotplug_memory_range',
  'mm/memory_hotplug.c:check_hotplug_memory_range',
  (k, { start, size }) => {
    const block = BigInt(k.world.get('vars', 'memory_block_size')?.value ?? 0);
    if (size > 0n && start % block === 0n && size % block === 0n) return undefined;
    k.printk(
      'err',
      `Block size [${hex(block)}] unaligned hotplug range: start ${hex(start)}, size ${hex(size)}`,
    );
    return fail('EINVAL', '!size || !IS_ALIGNED(start | size, memory_block_size_bytes())');
  },
);

interface Blocks {
  readonly nid: number;
  /** The memory group of all blocks, or null. */
  readonly group: number | null;
  /** Memory block numbers, end exclusive. */
  readonly start: number;
  readonly end: number;
}

function blocksOf(k: Kernel, nid: number, { start, size, mgid }: AddMemoryParams): Blocks {
  const bytes = BigInt(pagesPerBlock(k)) << BigInt(k.facts.arch.page_shift);
  const group = mgid ?? null;
  return { nid, group, start: Number(start / bytes), end: Number((start + size) / bytes) };
}

function archParams(k: Kernel, { nid, start, end }: Blocks, altmap: string | null) {
  const pages = pagesPerBlock(k);
  return { nid, pfn: start * pages, nr_pages: (end - start) * pages, altmap, pgmap: null };
}

/** create_memory_block_devices(): memoryN for every block, offline. */
const create_memory_block_devices = operation<Blocks, Outcome<void>>(
  'create_memory_block_devices',
  'drivers/base/memory.c:create_memory_block_devices',
  function* (_k, blocks) {
    return yield* call(add_memory_block, { ...blocks, state: 'offline' });
  },
);

/** arch_add_memory for the whole range, memmap from RAM elsewhere. */
function* addPlain(k: Kernel, blocks: Blocks): Operation<Outcome<void>> {
  const plain = archParams(k, blocks, null);
  const { nid, pfn: start_pfn } = plain;
  const params = k.facts.era.get('zone_chosen_at_online')
    ? plain
    : { ...plain, zone: yield* call(zone_for_memory, { nid, start_pfn }) };
  const error = yield* call(arch_add_memory(k), params);
  if (failed(error)) return error;
  const created = yield* call(create_memory_block_devices, blocks);
  if (failed(created)) yield* call(arch_remove_memory(k), params);
  return created;
}

/** Block by block, each with an altmap in its own first pages. */
const create_altmaps_and_memory_blocks = operation<Blocks, Outcome<void>>(
  'create_altmaps_and_memory_blocks',
  'mm/memory_hotplug.c:create_altmaps_and_memory_blocks',
  function* (k, blocks) {
    const pages = pagesPerBlock(k);
    const free = memmapPagesOfBlock(k);
    for (let block = blocks.start; block < blocks.end; block += 1) {
      const base_pfn = block * pages;
      const owner = altmapVariable(block);
      const end_pfn = base_pfn + pages - 1;
      setAltmap(k, owner, { base_pfn, end_pfn, reserve: 0, free, align: 0, alloc: 0 });
      const one = { ...blocks, start: block, end: block + 1 };
      const params = archParams(k, one, owner);
      const error = yield* call(arch_add_memory(k), params);
      const created = failed(error) ? error : yield* call(create_memory_block_devices, one);
      if (!failed(created)) continue;
      if (!failed(error)) yield* call(arch_remove_memory(k), params);
      k.world.remove('vars', owner);
      return created;
    }
    return undefined;
  },
);

/**
 * add_memory_resource(): sections and blocks for a registered range, then what the default policy
 * says. An error of that onlining is nobody's: add_memory succeeded.
 */
const add_memory_resource = operation<AddMemoryParams, Outcome<void>>(
  'add_memory_resource',
  'mm/memory_hotplug.c:add_memory_resource',
  function* (k, params) {
    const { start, size, mgid = null } = params;
    const range = yield* call(check_hotplug_memory_range, { start, size });
    if (failed(range)) return range;
    const group = mgid === null ? undefined : memory_group_find_by_id(k, mgid);
    if (mgid !== null && !group) return fail('EINVAL', `no memory group ${mgid}`);
    const nid = group?.nid ?? params.nid;
    if (!node_possible(k, nid)) {
      k.printk('warn', `node ${nid} was absent from the node_possible_map`);
      return fail('EINVAL', `!node_possible(${nid})`);
    }
    const blocks = blocksOf(k, nid, params);
    yield* call(mem_hotplug_begin, {});
    const newNode = yield* call(__try_online_node, { nid });
    const self = params.memmap_on_memory
      ? yield* call(mhp_supports_memmap_on_memory, { size })
      : false;
    const error = self
      ? yield* call(create_altmaps_and_memory_blocks, blocks)
      : yield* addPlain(k, blocks);
    if (!failed(error) && newNode) yield* call(register_one_node, { nid });
    yield* call(mem_hotplug_done, {});
    if (failed(error)) return error;
    if (params.merge !== undefined) yield* call(merge_system_ram_resource, { id: params.merge });
    const online_type = mhp_get_default_online_type(k);
    if (online_type === 'offline') return undefined;
    for (let block = blocks.start; block < blocks.end; block += 1) {
      const done = yield* call(device_online, { block, online_type });
      if (failed(done) || done !== 0) break;
    }
    return undefined;
  },
);

/** __add_memory(): the resource first, then the memory; the resource goes where that fails. */
export const __add_memory = operation<
  Omit<AddMemoryParams, 'merge'> & { resource_name: string; merged?: boolean },
  Outcome<void>
>(
  '__add_memory',
  'mm/memory_hotplug.c:__add_memory',
  function* (k, { resource_name, merged = false, ...params }) {
    const missing = memoryHotplugNotBuilt(k);
    if (missing) return missing;
    const { start, size } = params;
    const id = yield* call(register_memory_resource, { start, size, resource_name });
    if (failed(id)) return id;
    const merge = merged && k.facts.era.get('system_ram_merged') ? { merge: id } : {};
    const error = yield* call(add_memory_resource, { ...params, ...merge });
    if (failed(error)) yield* call(release_memory_resource, { id });
    return error;
  },
);

/** add_memory(): the same under the device hotplug lock. */
export const add_memory = operation<AddMemoryParams, Outcome<void>>(
  'add_memory',
  'mm/memory_hotplug.c:add_memory',
  function* (_k, params) {
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const error = yield* call(__add_memory, { ...params, resource_name: 'System RAM' });
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    return error;
  },
);

/** add_memory_driver_managed(): RAM of a driver, "System RAM (kmem)" in /proc/iomem. */
export const add_memory_driver_managed = operation<
  Omit<AddMemoryParams, 'merge'> & { resource_name: string; merged?: boolean },
  Outcome<void>
>(
  'add_memory_driver_managed',
  'mm/memory_hotplug.c:add_memory_driver_managed',
  function* (_k, params) {
    if (!driverManagedName(params.resource_name)) {
      return fail('EINVAL', 'resource_name is not "System RAM (...)"');
    }
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const error = yield* call(__add_memory, params);
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    return error;
  },
);
