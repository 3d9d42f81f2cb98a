import { memPfnRanges } from '../memblock/memblock.ts';
import { roundDown, roundUp } from '../memblock/pages.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { PHYSNODE_PAGES } from './node-mem-map.ts';

/**
 * x86_32: marks the 64 MiB units of a memory range with its node. 4.3 stepped from the
 * range's own start, and missed a last unit that the range only begins.
 */
const memory_present = leaf<{ nid: number; start: number; end: number }, void>(
  'memory_present',
  'arch/x86/mm/numa_32.c:memory_present',
  (k, { nid, start, end }) => {
    k.printk(
      'info',
      `Node: ${nid}, start_pfn: ${start.toString(16)}, end_pfn: ${end.toString(16)}`,
    );
    const rounds = k.facts.era.get('physnode_map_rounds');
    const from = rounds ? roundDown(start, PHYSNODE_PAGES) : start;
    const to = rounds ? roundUp(end, PHYSNODE_PAGES) : end;
    const units = Math.ceil((to - from) / PHYSNODE_PAGES);
    const first = Math.floor(from / PHYSNODE_PAGES);
    k.world.set('physnode_map', first, first + units, { nid });
  },
);

/** Every memory range of memblock: which unit is on which node. */
export const physnode_map_present = operation<None, void>(
  'sparse_memory_present_with_active_regions',
  'mm/page_alloc.c:sparse_memory_present_with_active_regions',
  function* (k) {
    for (const { start, end, nid } of memPfnRanges(k)) {
      yield* call(memory_present, { nid, start, end });
    }
  },
);
