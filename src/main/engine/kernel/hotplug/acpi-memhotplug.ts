import type { Kernel } from '../../core/facts.ts';
import type { MemoryRange } from './memory-region.ts';
import {
  call,
  fail,
  failed,
  lock,
  operation,
  unlock,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { __add_memory } from './add-memory.ts';
import { memoryHotplugBuilt } from './built.ts';
import {
  groupOfBlock,
  memory_group_register_static,
  memory_group_unregister,
} from './memory-group.ts';
import { device_offline, device_online, DEVICE_HOTPLUG_LOCK } from './memory-block.ts';
import { mhp_get_default_online_type, pagesPerBlock } from './mhp-params.ts';
import { remove_memory } from './remove-memory.ts';

/** A memory module in its slot: its node and bytes. */
export interface DimmParams extends MemoryRange {
  readonly nid: number;
}

/** A static memory group for the module, since 5.15; null before. */
function* groupFor(k: Kernel, { nid, size }: DimmParams): Operation<Outcome<number | null>> {
  if (!k.facts.era.get('online_policy') || !memoryHotplugBuilt(k)) return null;
  const page = 1n << BigInt(k.facts.arch.page_shift);
  const max_pages = Number((size + page - 1n) / page);
  return yield* call(memory_group_register_static, { nid, max_pages });
}

/** acpi_memory_enable_device(): firmware says a module was plugged; the kernel adds its memory. */
export const acpi_memory_enable_device = operation<DimmParams, Outcome<void>>(
  'acpi_memory_enable_device',
  'drivers/acpi/acpi_memhotplug.c:acpi_memory_enable_device',
  function* (k, params) {
    const mgid = yield* groupFor(k, params);
    if (failed(mgid)) return mgid;
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const how = { memmap_on_memory: true, resource_name: 'System RAM', mgid };
    const added = yield* call(__add_memory, { ...params, ...how });
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    if (!failed(added) || added.errno === 'EEXIST') return undefined;
    if (mgid !== null) yield* call(memory_group_unregister, { mgid });
    k.printk('err', 'acpi PNP0C80:00: add_memory failed');
    k.printk('err', 'acpi PNP0C80:00: acpi_memory_enable_device() error');
    return added;
  },
);

/** The blocks of a range that are there. */
function blocksOf(k: Kernel, { start, size }: MemoryRange): number[] {
  const bytes = BigInt(pagesPerBlock(k)) << BigInt(k.facts.arch.page_shift);
  const first = Number(start / bytes);
  const end = Number((start + size) / bytes);
  return k.world.overlapping('memory_blocks', first, end).flatMap((row) => {
    const from = Math.max(row.start, first);
    return Array.from({ length: Math.min(row.end, end) - from }, (_, at) => from + at);
  });
}

/**
 * acpi_scan_try_to_offline(): every block of the module, in two passes; where one will not go, the
 * blocks that went come back as the default policy has it, not as they were.
 */
const acpi_scan_try_to_offline = operation<MemoryRange, Outcome<void>>(
  'acpi_scan_try_to_offline',
  'drivers/acpi/scan.c:acpi_scan_try_to_offline',
  function* (k, range) {
    const blocks = blocksOf(k, range);
    const put_online = new Set<number>();
    let error: { block: number; failure: Failure } | undefined;
    for (const second_pass of [false, true]) {
      error = undefined;
      for (const block of blocks) {
        if (put_online.has(block)) continue;
        const done = yield* call(device_offline, { block });
        if (done === 0) put_online.add(block);
        if (!failed(done)) continue;
        error = { block, failure: done };
        if (second_pass) break;
      }
      if (!error) return undefined;
    }
    if (!error) return undefined;
    k.printk('warn', `memory memory${error.block}: Offline failed.`);
    const policy = mhp_get_default_online_type(k);
    const online_type = policy === 'offline' ? 'online' : policy;
    for (const block of put_online) yield* call(device_online, { block, online_type });
    return fail('EBUSY', `memory${error.block}: ${error.failure.check}`);
  },
);

/** acpi_scan_hot_remove(): the slot's eject button. -EBUSY where a block cannot go offline. */
export const acpi_scan_hot_remove = operation<DimmParams, Outcome<void>>(
  'acpi_scan_hot_remove',
  'drivers/acpi/scan.c:acpi_scan_hot_remove',
  function* (k, { start, size }) {
    const mgid = groupOfBlock(k, blocksOf(k, { start, size })[0] ?? -1);
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const offline = yield* call(acpi_scan_try_to_offline, { start, size });
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    if (failed(offline)) return offline;
    const removed = yield* call(remove_memory, { start, size });
    if (!failed(removed) && mgid !== null) yield* call(memory_group_unregister, { mgid });
    return removed;
  },
);
