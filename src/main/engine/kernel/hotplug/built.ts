import { enabled } from '../../core/arch/config.ts';
import type { Kernel } from '../../core/facts.ts';
import { fail, type Failure } from '../../core/world/operation.ts';

type Facts = Pick<Kernel, 'facts'>;

/** Why mm/memory_hotplug.c is not in this kernel; undefined where it is. */
function whyNot({ facts }: Facts): string | undefined {
  const { memory_model, name } = facts.arch;
  if (memory_model === 'flatmem' || memory_model === 'discontigmem') {
    return `MEMORY_HOTPLUG depends on SPARSEMEM, this is ${memory_model}`;
  }
  if (memory_model === 'sparsemem' && facts.era.get('hotplug_needs_vmemmap')) {
    return 'MEMORY_HOTPLUG depends on SPARSEMEM_VMEMMAP in this kernel';
  }
  if (facts.era.get('arch_memory_hotplug') === 'no') {
    return `this kernel has no ARCH_ENABLE_MEMORY_HOTPLUG for ${name}`;
  }
  return enabled(facts.config, 'MEMORY_HOTPLUG') ? undefined : 'MEMORY_HOTPLUG is not set';
}

/** Has this kernel memory blocks and memory hotplug? */
export function memoryHotplugBuilt(k: Facts): boolean {
  return whyNot(k) === undefined;
}

/**
 * Is mm/memory_hotplug.c in this kernel? MEMORY_HOTPLUG depends on SPARSEMEM (mm/Kconfig), in 7.2
 * on SPARSEMEM_VMEMMAP, and on the architecture. The failure names the rule, with -ENOSYS: there is
 * no add_memory() to call.
 */
export function memoryHotplugNotBuilt(k: Facts): Failure | undefined {
  const why = whyNot(k);
  return why === undefined ? undefined : fail('ENOSYS', `add_memory() is not built: ${why}`);
}

/** Can memory go offline and be removed (MEMORY_HOTREMOVE)? */
export function memoryHotremoveBuilt(k: Facts): boolean {
  const { era, config } = k.facts;
  return (
    memoryHotplugBuilt(k) &&
    era.get('arch_memory_hotplug') === 'add and remove' &&
    enabled(config, 'MEMORY_HOTREMOVE')
  );
}
