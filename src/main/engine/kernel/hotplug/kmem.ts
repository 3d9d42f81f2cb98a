import type { Kernel } from '../../core/facts.ts';
import type { MemoryRange } from './memory-region.ts';
import { release_mem_region } from '../resource/request.ts';
import { __request_region } from '../resource/request.ts';
import {
  groupOfBlock,
  memory_group_register_static,
  memory_group_unregister,
} from './memory-group.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import {
  ADISTANCE_DAX,
  clear_node_memory_type,
  init_node_memory_type,
  mt_calc_adistance,
} from '../mm/memory-tiers.ts';
import { add_memory_driver_managed } from './add-memory.ts';
import { remove_memory } from './remove-memory.ts';

/** A DAX range that becomes RAM: its target node, bytes, and the device's name. */
export interface KmemParams extends MemoryRange {
  readonly nid: number;
  readonly name: string;
  /** The device allows that its memory holds its own memmap (6.8). */
  readonly memmap_on_memory?: boolean;
}

/** dax_kmem_range(): only whole memory blocks of the range can be RAM; null: none fits. */
const dax_kmem_range = leaf<KmemParams, Outcome<void>>(
  'dax_kmem_range',
  'drivers/dax/kmem.c:dax_kmem_range',
  (k, params) => {
    const { size } = aligned(k, params);
    return size > 0n ? undefined : fail('ENOSPC', 'range->start >= range->end');
  },
);

/** The whole blocks of a range. */
function aligned(k: Kernel, { start, size }: MemoryRange): MemoryRange {
  const block = BigInt(k.world.get('vars', 'memory_block_size')?.value ?? 1n);
  const first = ((start + block - 1n) / block) * block;
  const end = ((start + size) / block) * block;
  return { start: first, size: end > first ? end - first : 0n };
}

/**
 * One static memory group for all ranges of a device, since 5.15. Until 6.5 the driver gave its
 * limit in bytes where pages are meant.
 */
function* groupFor(k: Kernel, nid: number, size: bigint): Operation<Outcome<number | null>> {
  const { era, arch } = k.facts;
  if (!era.get('online_policy')) return null;
  const unit = era.get('kmem_group_in_bytes') ? 1n : 1n << BigInt(arch.page_shift);
  return yield* call(memory_group_register_static, { nid, max_pages: Number(size / unit) });
}

/**
 * dev_dax_kmem_probe(): a DAX device as RAM of its target node. Its range is cut to whole memory
 * blocks; -ENOSPC (-EINVAL for the device) where none is left, -EBUSY where the range is taken.
 */
export const dev_dax_kmem_probe = operation<KmemParams, Outcome<void>>(
  'dev_dax_kmem_probe',
  'drivers/dax/kmem.c:dev_dax_kmem_probe',
  function* (k, params) {
    if (!k.facts.era.get('driver_managed_memory')) {
      return fail('ENOSYS', 'add_memory_driver_managed() came with 5.8');
    }
    if (params.nid < 0) {
      const why = `rejecting DAX region with invalid node: ${params.nid}`;
      k.printk('warn', `kmem ${params.name}: ${why}`);
      return fail('EINVAL', 'numa_node < 0');
    }
    const fits = yield* call(dax_kmem_range, params);
    if (failed(fits)) {
      k.printk(
        'warn',
        `kmem ${params.name}: rejecting DAX region without any memory after alignment`,
      );
      return fail('EINVAL', fits.check);
    }
    const { start, size } = aligned(k, params);
    const lost = params.size - size;
    if (lost > 0n && k.facts.era.get('kmem_truncation_logged')) {
      const mib = lost >> 20n;
      k.printk('warn', `kmem ${params.name}: DAX region truncated by ${mib} MiB due to alignment`);
    }
    const tiers = k.facts.era.get('memory_tiers');
    if (tiers) {
      const known = k.facts.era.get('adistance_of_hmat')
        ? yield* call(mt_calc_adistance, { node: params.nid })
        : null;
      const adistance = known ?? ADISTANCE_DAX;
      yield* call(init_node_memory_type, { node: params.nid, adistance });
    }
    const mgid = yield* groupFor(k, params.nid, size);
    if (failed(mgid)) {
      if (tiers) yield* call(clear_node_memory_type, { node: params.nid });
      return mgid;
    }
    const end = start + size - 1n;
    const flags = 'MEM|SYSTEM_RAM';
    const region = __request_region(k, { start, end, name: params.name, flags, desc: 'NONE' });
    if (failed(region)) {
      k.printk('warn', `kmem ${params.name}: mapping0: could not reserve region`);
      if (mgid !== null) yield* call(memory_group_unregister, { mgid });
      if (tiers) yield* call(clear_node_memory_type, { node: params.nid });
      return region;
    }
    const resource_name = 'System RAM (kmem)';
    const { nid } = params;
    const memmap_on_memory =
      params.memmap_on_memory === true && k.facts.era.get('kmem_memmap_on_memory');
    const what = { nid, start, size, resource_name, mgid, memmap_on_memory };
    const added = yield* call(add_memory_driver_managed, what);
    if (failed(added)) {
      k.printk('warn', `kmem ${params.name}: mapping0: memory add failed`);
      k.world.remove('resources', region);
      if (mgid !== null) yield* call(memory_group_unregister, { mgid });
      if (tiers) yield* call(clear_node_memory_type, { node: params.nid });
    }
    return added;
  },
);

/** dev_dax_kmem_remove(): the RAM goes if it is offline; else it stays until the next boot. */
export const dev_dax_kmem_remove = operation<KmemParams, Outcome<void>>(
  'dev_dax_kmem_remove',
  'drivers/dax/kmem.c:dev_dax_kmem_remove',
  function* (k, params) {
    const { start, size } = aligned(k, params);
    const block = Number(start / BigInt(k.world.get('vars', 'memory_block_size')?.value ?? 1n));
    const mgid = groupOfBlock(k, block);
    const removed = yield* call(remove_memory, { start, size });
    if (failed(removed)) {
      const hex = (value: bigint): string => `0x${value.toString(16)}`;
      const range = `${hex(start)}-${hex(start + size - 1n)}`;
      const why = 'cannot be hotremoved until the next reboot';
      k.printk('err', `kmem ${params.name}: mapping0: ${range} ${why}`);
      return removed;
    }
    if (mgid !== null) yield* call(memory_group_unregister, { mgid });
    if (k.facts.era.get('memory_tiers')) {
      yield* call(clear_node_memory_type, { node: params.nid });
    }
    // The region is not busy while RAM lies in it; its own end of life releases it by name.
    for (const row of k.world.rows('resources')) {
      if (row.start === start && row.end === start + size - 1n && row.name === params.name) {
        k.world.remove('resources', row.id);
        return undefined;
      }
    }
    yield* call(release_mem_region, { start, size });
    return undefined;
  },
);
