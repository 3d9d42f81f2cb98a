import type { Kernel } from '../../core/facts.ts';
import { call } from '../../core/world/operation.ts';
import { physnode_map_present } from './physnode-map.ts';
import { memblocks_present } from './sparse-present.ts';
import { sparse_init } from './sparse-init.ts';

/**
 * What a boot does for the memory model before it knows zones: sections and their memmap, the map
 * of 64 MiB units with DISCONTIGMEM, nothing with FLATMEM. Run inside the caller's step.
 */
export function* init_sections(k: Kernel) {
  switch (k.facts.arch.memory_model) {
    case 'flatmem':
      return;
    case 'discontigmem':
      yield* call(physnode_map_present, {});
      return;
    default: {
      const { era } = k.facts;
      if (!era.get('memblocks_present') && !era.get('sparse_init_in_free_area_init')) {
        yield* call(memblocks_present, {});
      }
      yield* call(sparse_init, {});
    }
  }
}
