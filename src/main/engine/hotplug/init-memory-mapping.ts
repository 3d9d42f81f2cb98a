import type { Kernel } from '../facts.ts';
import { leaf } from '../world/operation.ts';
import { raiseVariable } from './variables.ts';

/** PFNs, end exclusive. */
export interface PfnRange {
  readonly start_pfn: number;
  readonly end_pfn: number;
}

/** First PFN above 4 GiB. */
function pfn4GiB(k: Kernel): number {
  return 2 ** (32 - k.facts.arch.page_shift);
}

/**
 * init_memory_mapping() of hotplug: what is mapped already stays as it is. Raises
 * max_pfn_mapped (add_pfn_range_mapped), and nothing lowers it again.
 */
export const init_memory_mapping = leaf<PfnRange, void>(
  'init_memory_mapping',
  'arch/x86/mm/init.c:init_memory_mapping',
  (k, { start_pfn, end_pfn }) => {
    let pfn = start_pfn;
    for (const row of k.world.overlapping('direct_map', start_pfn, end_pfn)) {
      k.world.set('direct_map', pfn, row.start, { by: 'hotplug' });
      pfn = Math.max(pfn, row.end);
    }
    k.world.set('direct_map', pfn, end_pfn, { by: 'hotplug' });
    raiseVariable(k, 'max_pfn_mapped', end_pfn);
    if (start_pfn < pfn4GiB(k)) {
      raiseVariable(k, 'max_low_pfn_mapped', Math.min(end_pfn, pfn4GiB(k)));
    }
  },
);

/** kernel_physical_mapping_remove(): the direct map of the range goes. */
export const kernel_physical_mapping_remove = leaf<PfnRange, void>(
  'kernel_physical_mapping_remove',
  'arch/x86/mm/init_64.c:kernel_physical_mapping_remove',
  (k, { start_pfn, end_pfn }) => {
    k.world.clear('direct_map', start_pfn, end_pfn);
  },
);
