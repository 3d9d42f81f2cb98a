import { enabled } from '../../core/arch/config.ts';
import type { Kernel } from '../../core/facts.ts';
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
import { __add_memory } from './add-memory.ts';
import { memoryHotplugBuilt } from './built.ts';
import { DEVICE_HOTPLUG_LOCK } from './memory-block.ts';
import { pagesPerBlock } from './mhp-params.ts';

/** Has this kernel /sys/devices/system/memory/probe? ARCH_MEMORY_PROBE: x86_64, powerpc. */
function hasProbe(k: Kernel): boolean {
  const { arch, config } = k.facts;
  const symbol = config['ARCH_MEMORY_PROBE'];
  if (!memoryHotplugBuilt(k)) return false;
  if (symbol === undefined) return arch.name === 'ppc64'; // def_bool y there, a question on x86
  return enabled(config, 'ARCH_MEMORY_PROBE');
}

/**
 * memory_add_physaddr_to_nid(): the node whose boot memory has the address; else the node of the
 * first block of numa_meminfo, whatever the firmware's tables say of memory to come.
 */
const memory_add_physaddr_to_nid = leaf<{ start: bigint }, number>(
  'memory_add_physaddr_to_nid',
  'arch/x86/mm/numa.c:memory_add_physaddr_to_nid',
  (k, { start }) => {
    const there = k.world.at('numa_meminfo', start);
    if (there) return there.nid;
    for (const block of k.world.rows('numa_meminfo')) return block.nid;
    return 0;
  },
);

/**
 * probe_store(): a write of a physical address adds one memory block there. -EINVAL where it is not
 * the start of a block; then what __add_memory() says.
 */
export const probe_store = operation<{ phys_addr: bigint }, Outcome<void>>(
  'probe_store',
  'drivers/base/memory.c:probe_store',
  function* (k, { phys_addr }) {
    if (!hasProbe(k)) {
      return fail(
        'ENOENT',
        'no file /sys/devices/system/memory/probe: ARCH_MEMORY_PROBE is not set',
      );
    }
    const size = BigInt(pagesPerBlock(k)) << BigInt(k.facts.arch.page_shift);
    if (phys_addr % size !== 0n) {
      return fail('EINVAL', 'phys_addr & ((pages_per_block << PAGE_SHIFT) - 1)');
    }
    yield* lock(DEVICE_HOTPLUG_LOCK);
    const nid = yield* call(memory_add_physaddr_to_nid, { start: phys_addr });
    const resource_name = 'System RAM';
    const added = yield* call(__add_memory, { nid, start: phys_addr, size, resource_name });
    yield* unlock(DEVICE_HOTPLUG_LOCK);
    return failed(added) ? added : undefined;
  },
);
