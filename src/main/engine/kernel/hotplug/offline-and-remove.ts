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
import { DEVICE_HOTPLUG_LOCK, device_offline, device_online } from './memory-block.ts';
import type { MemoryRange } from './memory-region.ts';
import { pagesPerBlock } from './mhp-params.ts';
import { try_remove_memory } from './remove-memory.ts';

/** How a block was online, from its zone: what it is again where removal fails. */
function onlineTypeOf(k: Kernel, block: number): 'online_movable' | 'online_kernel' {
  return k.world.at('memory_blocks', block)?.zone === 'Movable'
    ? 'online_movable'
    : 'online_kernel';
}

/**
 * offline_and_remove_memory(): the blocks of a range go offline and away together. Where one will
 * not, those that went are online again, in the zone they were in.
 */
export const offline_and_remove_memory = operation<MemoryRange, Outcome<void>>(
  'offline_and_remove_memory',
  'mm/memory_hotplug.c:offline_and_remove_memory',
  function* (k, { start, size }) {
    const bytes = BigInt(pagesPerBlock(k)) << BigInt(k.facts.arch.page_shift);
    if (size === 0n || start % bytes !== 0n || size % bytes !== 0n) {
      return fail('EINVAL', '!IS_ALIGNED(start | size, memory_block_size_bytes()) || !size');
    }
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const went: { block: number; online_type: 'online_movable' | 'online_kernel' }[] = [];
    let error: Outcome<void> = undefined;
    for (let block = Number(start / bytes); block < Number((start + size) / bytes); block += 1) {
      const online_type = onlineTypeOf(k, block);
      const rc: Outcome<number> = yield* call(device_offline, { block });
      if (failed(rc)) {
        error = rc;
        break;
      }
      if (rc === 0) went.push({ block, online_type });
    }
    if (!failed(error)) error = yield* call(try_remove_memory, { start, size });
    if (failed(error)) for (const one of went) yield* call(device_online, one);
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    return error;
  },
);
