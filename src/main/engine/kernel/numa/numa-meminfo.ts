import type { Kernel } from '../../core/facts.ts';
import { mem8 } from '../memblock/range-text.ts';
import { pfnPhys } from '../memblock/pages.ts';

/** struct numa_memblk: bytes, end exclusive. */
export interface NumaBlock {
  start: bigint;
  end: bigint;
  nid: number;
}

/** start and end of memblock.memory in bytes. */
function dramStart(k: Kernel): bigint {
  for (const row of k.world.rows('memblock_memory')) return row.start;
  return 0n;
}

function overlapsMemory(k: Kernel, { start, end }: NumaBlock): boolean {
  return k.world.overlapping('memblock_memory', start, end).length > 0;
}

/**
 * numa_cleanup_meminfo(): cuts blocks to RAM, drops those without any, joins blocks of one node
 * between which no other node has memory. Returns the blocks in the order the kernel leaves them,
 * or the two that overlap on different nodes.
 */
export function cleanupMeminfo(
  k: Kernel,
  given: readonly NumaBlock[],
): { blocks: NumaBlock[]; reserved: NumaBlock[] } | { conflict: [NumaBlock, NumaBlock] } {
  const { era } = k.facts;
  const low = era.get('numa_meminfo_low') ? dramStart(k) : 0n;
  const high = pfnPhys(Number(k.world.need('vars', 'max_pfn').value));
  const blocks: NumaBlock[] = [];
  const reserved: NumaBlock[] = [];
  for (const block of given) {
    if (era.get('numa_reserved_meminfo') && !overlapsMemory(k, block)) {
      reserved.push({ ...block });
      continue;
    }
    const start = block.start > low ? block.start : low;
    if (block.end > high && era.get('numa_reserved_meminfo')) {
      reserved.push({ start: high, end: block.end, nid: block.nid });
    }
    const end = block.end < high ? block.end : high;
    if (start < end) blocks.push({ start, end, nid: block.nid });
  }
  for (let i = 0; i < blocks.length; i += 1) {
    const bi = blocks[i] as NumaBlock;
    for (let j = i + 1; j < blocks.length; j += 1) {
      const bj = blocks[j] as NumaBlock;
      if (bi.end > bj.start && bi.start < bj.end) {
        if (bi.nid !== bj.nid) return { conflict: [bi, bj] };
        k.printk(
          'warn',
          `NUMA: Warning: node ${bi.nid} ${mem8(bi.start, bi.end)} overlaps with itself ${mem8(bj.start, bj.end)}`,
        );
      }
      if (bi.nid !== bj.nid) continue;
      const start = bi.start < bj.start ? bi.start : bj.start;
      const end = bi.end > bj.end ? bi.end : bj.end;
      const foreign = blocks.some((bk) => bk.nid !== bi.nid && start < bk.end && end > bk.start);
      if (foreign) continue;
      k.printk(
        'info',
        `NUMA: Node ${bi.nid} ${mem8(bi.start, bi.end)} + ${mem8(bj.start, bj.end)} -> ${mem8(start, end)}`,
      );
      bi.start = start;
      bi.end = end;
      blocks.splice(j, 1);
      j -= 1;
    }
  }
  return { blocks, reserved };
}
