import { enabled } from '../arch/config.ts';
import type { Kernel } from '../facts.ts';
import { fail, type Failure } from '../world/operation.ts';

/**
 * Is mm/memory_hotplug.c in this kernel? MEMORY_HOTPLUG depends on SPARSEMEM (mm/Kconfig), in 7.2
 * on SPARSEMEM_VMEMMAP. The failure names the rule, with -ENOSYS: there is no add_memory() to call.
 */
export function memoryHotplugNotBuilt({ facts }: Pick<Kernel, 'facts'>): Failure | undefined {
  const { memory_model } = facts.arch;
  const built = 'add_memory() is not built';
  if (memory_model === 'flatmem' || memory_model === 'discontigmem') {
    return fail('ENOSYS', `${built}: MEMORY_HOTPLUG depends on SPARSEMEM, this is ${memory_model}`);
  }
  if (memory_model === 'sparsemem' && facts.era.get('hotplug_needs_vmemmap')) {
    return fail('ENOSYS', `${built}: MEMORY_HOTPLUG depends on SPARSEMEM_VMEMMAP in this kernel`);
  }
  return enabled(facts.config, 'MEMORY_HOTPLUG')
    ? undefined
    : fail('ENOSYS', `${built}: MEMORY_HOTPLUG is not set`);
}
