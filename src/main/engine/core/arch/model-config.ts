import { enabled, type KernelConfig } from './config.ts';

/** The memory models as labs name them. */
export type ModelName = 'flatmem' | 'discontigmem' | 'sparsemem' | 'sparsemem-vmemmap';

/** Which model a configuration selects (mm/Kconfig: choice "Memory model"). */
export function modelOfConfig(config: KernelConfig): ModelName {
  if (enabled(config, 'SPARSEMEM_VMEMMAP')) return 'sparsemem-vmemmap';
  if (enabled(config, 'DISCONTIGMEM')) return 'discontigmem';
  return enabled(config, 'FLATMEM') ? 'flatmem' : 'sparsemem';
}

/** Symbols a choice of model settles, and what mm/Kconfig makes follow from them. */
export function modelConfig(model: ModelName): KernelConfig {
  const on = (value: boolean): string => (value ? 'y' : 'n');
  const sparse = model === 'sparsemem' || model === 'sparsemem-vmemmap';
  const vmemmap = model === 'sparsemem-vmemmap';
  return {
    FLATMEM: on(model === 'flatmem'),
    DISCONTIGMEM: on(model === 'discontigmem'),
    SPARSEMEM: on(sparse),
    SPARSEMEM_VMEMMAP: on(vmemmap),
    ...(vmemmap ? {} : { ZONE_DEVICE: 'n', FS_DAX: 'n', SPARSEMEM_VMEMMAP_PREINIT: 'n' }),
    // MEMORY_HOTPLUG and DEFERRED_STRUCT_PAGE_INIT depend on SPARSEMEM.
    ...(sparse ? {} : { MEMORY_HOTPLUG: 'n', MEMORY_HOTREMOVE: 'n' }),
    ...(sparse ? {} : { DEFERRED_STRUCT_PAGE_INIT: 'n', SPARSEMEM_EXTREME: 'n' }),
    // One mem_map cannot tell nodes apart: ARCH_FLATMEM_ENABLE depends on !NUMA.
    ...(model === 'flatmem' ? { NUMA: 'n', NUMA_BALANCING: 'n' } : {}),
  };
}
