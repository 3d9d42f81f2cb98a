import type { Kernel } from '../../core/facts.ts';
import { altmapVariable } from '../pgmap/altmap.ts';
import { release_mem_region_adjustable, type MemoryRange } from './memory-region.ts';
import {
  call,
  fail,
  failed,
  leaf,
  lock,
  operation,
  unlock,
  type Outcome,
} from '../../core/world/operation.ts';
import { check_hotplug_memory_range } from './add-memory.ts';
import { memoryHotremoveBuilt } from './built.ts';
import { mem_hotplug_begin, mem_hotplug_done } from './lock.ts';
import { blockAltmap } from './memmap-on-memory.ts';
import { DEVICE_HOTPLUG_LOCK } from './memory-block.ts';
import { pagesPerBlock } from './mhp-params.ts';
import { arch_remove_memory } from './remove-pages.ts';
import { try_offline_node } from './try-online-node.ts';
import { remove_pfn_range_from_zone } from './zone-span.ts';

interface Blocks {
  /** Memory block numbers, end exclusive. */
  readonly start: number;
  readonly end: number;
}

function blocksOf(k: Kernel, { start, size }: MemoryRange): Blocks {
  const bytes = BigInt(pagesPerBlock(k)) << BigInt(k.facts.arch.page_shift);
  return { start: Number(start / bytes), end: Number((start + size) / bytes) };
}

/** Is there a block at every number of the range? Callers of the kernel never ask for others. */
function covered(found: readonly Blocks[], { start, end }: Blocks): boolean {
  let at = start;
  for (const row of found) {
    if (row.start > at) return false;
    at = row.end;
  }
  return at >= end;
}

/** check_memblock_offlined_cb() over the range: a block that is not offline forbids the removal. */
const walk_memory_blocks = leaf<Blocks, Outcome<void>>(
  'walk_memory_blocks',
  'drivers/base/memory.c:walk_memory_blocks',
  (k, { start, end }) => {
    const busy = k.world
      .overlapping('memory_blocks', start, end)
      .find(({ state }) => state !== 'offline');
    if (!busy) return undefined;
    const block = Math.max(busy.start, start);
    const bytes = BigInt(pagesPerBlock(k)) << BigInt(k.facts.arch.page_shift);
    const hex = (address: bigint): string => `0x${address.toString(16).padStart(16, '0')}`;
    const first = BigInt(block) * bytes;
    const range = `[${hex(first)}-${hex(first + bytes - 1n)}]`;
    k.printk('warn', `removing memory fails, because memory ${range} is onlined`);
    return fail('EBUSY', `memory${block} is ${busy.state}`);
  },
);

/** remove_memory_block_devices(): their directories in sysfs go. */
const remove_memory_block_devices = leaf<Blocks, void>(
  'remove_memory_block_devices',
  'drivers/base/memory.c:remove_memory_block_devices',
  (k, { start, end }) => {
    k.world.clear('memory_blocks', start, end);
    k.world.clear('memory_block_groups', start, end);
  },
  { covers: ({ start, end }) => ({ count: end - start, range: { start, end, unit: 'block' } }) },
);

/** Block by block, where each holds its own memmap. */
const remove_memory_blocks_and_altmaps = operation<Blocks, void>(
  'remove_memory_blocks_and_altmaps',
  'mm/memory_hotplug.c:remove_memory_blocks_and_altmaps',
  function* (k, { start, end }) {
    const nr_pages = pagesPerBlock(k);
    for (let block = start; block < end; block += 1) {
      const altmap = altmapVariable(block);
      yield* call(remove_memory_block_devices, { start: block, end: block + 1 });
      yield* call(arch_remove_memory(k), { pfn: block * nr_pages, nr_pages, altmap });
      if ((blockAltmap(k, block)?.alloc ?? 0) > 0) {
        k.printk('warn', 'Altmap not fully unmapped');
      }
      k.world.remove('vars', altmap);
    }
  },
);

/**
 * __remove_zone() of kernels before 5.4: only now a zone shrinks, and only the zone that the first
 * page of the range names. Memory of other zones in the range leaves their spans as they are; a
 * first block that was never online has struct pages nobody initialised, which say zone 0 of node 0.
 */
const __remove_zone = operation<Blocks, void>(
  '__remove_zone',
  'mm/memory_hotplug.c:__remove_zone',
  function* (k, { start, end }) {
    const per = pagesPerBlock(k);
    const page = k.world.at('pages', start * per);
    if (page?.state !== 'init') return;
    const { nid, zone } = page;
    const row = k.world.need('zones', nid * 8 + zone);
    const start_pfn = Math.max(start * per, row.zone_start_pfn);
    const end_pfn = Math.min(end * per, row.zone_start_pfn + row.spanned_pages);
    if (start_pfn >= end_pfn) return;
    const nr_pages = end_pfn - start_pfn;
    yield* call(remove_pfn_range_from_zone, { nid, zone, start_pfn, nr_pages });
  },
);

/**
 * try_remove_memory(): -EBUSY while a block is not offline. What stays: max_pfn and its
 * relatives, highest_memmap_pfn, the section roots, and the node's span if a zone still has one.
 */
export const try_remove_memory = operation<MemoryRange, Outcome<void>>(
  'try_remove_memory',
  'mm/memory_hotplug.c:try_remove_memory',
  function* (k, range) {
    const checked = yield* call(check_hotplug_memory_range, range);
    if (failed(checked)) return fail('EFAULT', `BUG_ON: ${checked.check}`);
    const blocks = blocksOf(k, range);
    const found = k.world.overlapping('memory_blocks', blocks.start, blocks.end);
    const nid = found[0]?.nid;
    if (nid === undefined || !covered(found, blocks)) {
      return fail('EINVAL', 'not every block of the range has memory');
    }
    const offline = yield* call(walk_memory_blocks, blocks);
    if (failed(offline)) return offline;
    yield* call(mem_hotplug_begin, {});
    let own = 0;
    for (let block = blocks.start; block < blocks.end; block += 1) {
      if (blockAltmap(k, block)) own += 1;
    }
    if (own > 0 && own < blocks.end - blocks.start) {
      yield* call(mem_hotplug_done, {});
      return fail('EINVAL', 'memory_blocks_have_altmaps: some blocks have one, some have none');
    }
    if (!k.facts.era.get('zone_shrinks_at_offline')) yield* call(__remove_zone, blocks);
    if (own > 0) yield* call(remove_memory_blocks_and_altmaps, blocks);
    else {
      const pages = pagesPerBlock(k);
      const nr_pages = (blocks.end - blocks.start) * pages;
      yield* call(remove_memory_block_devices, blocks);
      yield* call(arch_remove_memory(k), { pfn: blocks.start * pages, nr_pages, altmap: null });
    }
    yield* call(release_mem_region_adjustable, range);
    yield* call(try_offline_node, { nid });
    yield* call(mem_hotplug_done, {});
    return undefined;
  },
);

/** remove_memory(): memory whose blocks are all offline goes. `size` in bytes. */
export const remove_memory = operation<MemoryRange, Outcome<void>>(
  'remove_memory',
  'mm/memory_hotplug.c:remove_memory',
  function* (k, { start, size }) {
    if (!memoryHotremoveBuilt(k)) {
      return fail('ENOSYS', 'remove_memory() is not built: MEMORY_HOTREMOVE is not set');
    }
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const error = yield* call(try_remove_memory, { start, size });
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    return error;
  },
);
