import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { windowNodes } from './cxl-windows.ts';
import type { NumaBlock } from './numa-meminfo.ts';

/** NUMA_NO_NODE. */
export const NO_NODE = -1;

/** numa_reserved_meminfo: what SRAT and CXL windows name and holds no RAM; bytes, end exclusive. */
function reservedMeminfo(k: Kernel): NumaBlock[] {
  if (k.world.get('vars', 'numa_from_srat')?.value !== true) return [];
  let top = 0n;
  for (const { end } of k.world.rows('memblock_memory')) top = end;
  const named = k.facts.machine.srat.map(({ start, end, node }) => ({
    ...{ start, end: end + 1n, nid: node },
  }));
  return [...named, ...windowNodes(k)].flatMap((block) => {
    if (k.world.overlapping('memblock_memory', block.start, block.end).length === 0) return [block];
    return block.end > top ? [{ ...block, start: block.start > top ? block.start : top }] : [];
  });
}

const nidOf = (blocks: readonly NumaBlock[], start: bigint): number =>
  blocks.find((block) => block.start <= start && block.end > start)?.nid ?? NO_NODE;

/** phys_to_target_node(): the node that memory at an address is on, or would be; NO_NODE: unknown. */
export const phys_to_target_node = leaf<{ start: bigint }, number>(
  'phys_to_target_node',
  'mm/numa_memblks.c:phys_to_target_node',
  (k, { start }) => {
    const nid = k.world.at('numa_meminfo', start)?.nid ?? NO_NODE;
    const reserved = nidOf(reservedMeminfo(k), start);
    if (nid === NO_NODE) return reserved;
    const later = k.facts.era.get('target_node_reserved_first') && reserved !== NO_NODE;
    return later ? reserved : nid;
  },
);

/** memory_add_physaddr_to_nid(): the node of the first block where none is named. */
export const memory_add_physaddr_to_nid = leaf<{ start: bigint }, number>(
  'memory_add_physaddr_to_nid',
  'mm/numa_memblks.c:memory_add_physaddr_to_nid',
  (k, { start }) => {
    const found = k.world.at('numa_meminfo', start);
    if (found) return found.nid;
    for (const { nid } of k.world.rows('numa_meminfo')) return nid;
    return 0;
  },
);
