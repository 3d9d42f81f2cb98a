import { caller, operation, type KernelFunction, type None } from '../../core/world/operation.ts';
import { free_area_init } from './free-area-init.ts';
import { initSectionsZones } from './sections-zones.ts';

/** Until 6.18 x86 passes the ends of its zones: 16 MiB, 4 GiB, max_low_pfn. */
const zone_sizes_init = caller(
  'zone_sizes_init',
  'arch/x86/mm/init.c:zone_sizes_init',
  free_area_init,
);

/** x86, 64 and 32 bits. */
const pagingInit = (file: string): KernelFunction<None, void> =>
  operation<None, void>('paging_init', `${file}:paging_init`, function* (k) {
    yield* initSectionsZones(k, zone_sizes_init);
  });

export const paging_init = pagingInit('arch/x86/mm/init_64.c');
export const paging_init_32 = pagingInit('arch/x86/mm/init_32.c');

/** 7.2: the generic code asks for the zone limits and sets up sections itself. */
export const mm_core_init_early = caller(
  'mm_core_init_early',
  'mm/mm_init.c:mm_core_init_early',
  free_area_init,
);
