import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  lock,
  operation,
  unlock,
  type Outcome,
} from '../../core/world/operation.ts';
import {
  blockAltmap,
  mhp_deinit_memmap_on_memory,
  mhp_init_memmap_on_memory,
} from './memmap-on-memory.ts';
import { groupOfBlock } from './memory-group.ts';
import { mem_hotplug_begin, mem_hotplug_done } from './lock.ts';
import { mhp_online_type_from_str, pagesPerBlock, type OnlineType } from './mhp-params.ts';
import { offline_pages } from './offline-pages.ts';
import { online_pages } from './online-pages.ts';
import { adjust_present_page_count } from './present-pages.ts';
import { zone_at_online } from './zone-boundary.ts';
import { zone_for_pfn_range } from './zone-for-pfn-range.ts';

/** A memory block by its number, memoryN in sysfs. */
export interface BlockParams {
  readonly block: number;
}

/** lock_device_hotplug(): one writer of the device tree's hotplug side at a time. */
export const DEVICE_HOTPLUG_LOCK = 'device_hotplug_lock';

function setBlock(k: Kernel, block: number, fields: Partial<RowOf<'memory_blocks'>>): void {
  k.world.update('memory_blocks', block, block + 1, fields);
}

function pfnOf(k: Kernel, block: number): number {
  return block * pagesPerBlock(k);
}

/**
 * memory_block_online(): picks the zone, initialises the pages of the block's own memmap, then
 * onlines the rest. Errors are those of online_pages.
 */
const memory_block_online = operation<BlockParams & { online_type: OnlineType }, Outcome<void>>(
  'memory_block_online',
  'drivers/base/memory.c:memory_block_online',
  function* (k, { block, online_type }) {
    const { nid } = k.world.at('memory_blocks', block) as RowOf<'memory_blocks'>;
    const start_pfn = pfnOf(k, block);
    const nr_pages = pagesPerBlock(k);
    const group = groupOfBlock(k, block);
    const want = { online_type, nid, start_pfn, nr_pages, group };
    const zone = k.facts.era.get('zone_chosen_at_online')
      ? yield* call(zone_for_pfn_range, want)
      : yield* call(zone_at_online, want);
    if (failed(zone)) return zone;
    const vmemmap = blockAltmap(k, block)?.free ?? 0;
    yield* call(mem_hotplug_begin, {});
    if (vmemmap > 0) {
      yield* call(mhp_init_memmap_on_memory, { start_pfn, nr_pages: vmemmap, nid, zone });
    }
    const rest = { start_pfn: start_pfn + vmemmap, nr_pages: nr_pages - vmemmap, nid, zone, group };
    const error = yield* call(online_pages, rest);
    if (!failed(error)) {
      if (vmemmap > 0) {
        const memmap = { nid, zone, pfn: start_pfn, nr_pages: vmemmap, group };
        yield* call(adjust_present_page_count, memmap);
      }
      setBlock(k, block, { zone: k.facts.arch.zones[zone] ?? null });
    }
    yield* call(mem_hotplug_done, {});
    return error;
  },
);

/** memory_block_offline(): -EINVAL for a block without one zone; else what offline_pages says. */
const memory_block_offline = operation<BlockParams, Outcome<void>>(
  'memory_block_offline',
  'drivers/base/memory.c:memory_block_offline',
  function* (k, { block }) {
    const row = k.world.at('memory_blocks', block) as RowOf<'memory_blocks'>;
    if (row.zone === null)
      return fail('EINVAL', '!mem->zone: the block has several zones or nodes');
    const { nid } = row;
    const zone = k.facts.arch.zones.indexOf(row.zone);
    const start_pfn = pfnOf(k, block);
    const vmemmap = blockAltmap(k, block)?.free ?? 0;
    const group = groupOfBlock(k, block);
    const memmap = { nid, zone, pfn: start_pfn, nr_pages: vmemmap, group };
    yield* call(mem_hotplug_begin, {});
    if (vmemmap > 0) yield* call(adjust_present_page_count, { ...memmap, nr_pages: -vmemmap });
    const nr_pages = pagesPerBlock(k) - vmemmap;
    const rest = { start_pfn: start_pfn + vmemmap, nr_pages, nid, zone, group };
    const error = yield* call(offline_pages, rest);
    if (failed(error)) {
      if (vmemmap > 0) yield* call(adjust_present_page_count, memmap);
    } else {
      if (vmemmap > 0) {
        yield* call(mhp_deinit_memmap_on_memory, { start_pfn, nr_pages: vmemmap, nid, zone });
      }
      setBlock(k, block, { zone: null });
    }
    yield* call(mem_hotplug_done, {});
    return error;
  },
);

/** device_online(): 1 where the block is online already. */
export const device_online = operation<BlockParams & { online_type: OnlineType }, Outcome<number>>(
  'device_online',
  'drivers/base/core.c:device_online',
  function* (k, params) {
    if (k.world.at('memory_blocks', params.block)?.state === 'online') return 1;
    const error = yield* call(memory_block_online, params);
    if (failed(error)) return error;
    setBlock(k, params.block, { state: 'online' });
    return 0;
  },
);

/** device_offline(): 1 where the block is offline already. */
export const device_offline = operation<BlockParams, Outcome<number>>(
  'device_offline',
  'drivers/base/core.c:device_offline',
  function* (k, params) {
    if (k.world.at('memory_blocks', params.block)?.state === 'offline') return 1;
    setBlock(k, params.block, { state: 'going-offline' });
    const error = yield* call(memory_block_offline, params);
    setBlock(k, params.block, { state: failed(error) ? 'online' : 'offline' });
    return failed(error) ? error : 0;
  },
);

/**
 * state_store(): a write to memoryN/state. -ENOENT without that block; -EINVAL for an unknown word
 * and for a block that is in the wanted state already, whatever the zone asked for.
 */
export const state_store = operation<BlockParams & { buf: string }, Outcome<void>>(
  'state_store',
  'drivers/base/memory.c:state_store',
  function* (k, { block, buf }) {
    const type = mhp_online_type_from_str(buf);
    if (!k.world.at('memory_blocks', block)) return fail('ENOENT', `no memory${block} in sysfs`);
    if (type === undefined) return fail('EINVAL', `mhp_online_type_from_str("${buf}") < 0`);
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const done =
      type === 'offline'
        ? yield* call(device_offline, { block })
        : yield* call(device_online, { block, online_type: type });
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    if (failed(done)) return done;
    if (done === 0) return undefined;
    const state = type === 'offline' ? 'offline' : 'online';
    return fail('EINVAL', `memory${block} is ${state} already`);
  },
);
