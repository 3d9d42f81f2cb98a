import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { setVar } from '../../core/world/variables.ts';
import { mem8 } from '../memblock/range-text.ts';
import type { NumaBlock } from './numa-meminfo.ts';

const SZ_256M = 1n << 28n;

/** A CXL window with the node its memory will be on; bytes, end exclusive. */
export interface WindowNode extends NumaBlock {
  /** SRAT describes none of it: the node is made up for the window. */
  readonly own: boolean;
}

/** NUMA_NO_MEMBLK: no block of SRAT lies in the range. */
const inRange = (blocks: readonly NumaBlock[], { start, end }: NumaBlock): NumaBlock[] =>
  blocks.filter((block) => block.start < end && block.end > start);

/**
 * Which node each CXL window is on, in the order of the CEDT: that of the SRAT ranges in it, or the
 * next proximity domain SRAT does not use. Before acpi_parse_cfmws() looked at all of a window, only
 * its first byte counted.
 */
export function windowNodes(k: Kernel): WindowNode[] {
  const { cfmws, srat, nodes } = k.facts.machine;
  const filled = k.facts.era.get('cfmws_filled_from_srat');
  const known: NumaBlock[] = srat.map(({ start, end, node }) => ({
    ...{ start, end: end + 1n, nid: node },
  }));
  let next = Math.max(-1, ...nodes.map(({ id }) => id), ...srat.map(({ node }) => node)) + 1;
  return cfmws.map(({ start, end }) => {
    const window = { start, end: end + 1n, nid: next };
    const first = { ...window, end: start + 1n };
    const [found] = inRange(known, filled ? window : first);
    if (found) return { ...window, nid: found.nid, own: false };
    next += 1;
    return { ...window, own: true };
  });
}

/** numa_fill_memblks(): the blocks in the window stretch until they cover all of it. */
function fill(blocks: readonly NumaBlock[], window: NumaBlock): NumaBlock[] {
  const inside = inRange(blocks, window).sort((a, b) => (a.start < b.start ? -1 : 1));
  const stretched = new Map<NumaBlock, NumaBlock>();
  let reached = window.start;
  for (const [at, block] of inside.entries()) {
    const start = block.start < reached ? block.start : reached;
    const last = at === inside.length - 1;
    const end = last && window.end > block.end ? window.end : block.end;
    stretched.set(block, { ...block, start, end });
    if (end > reached) reached = end;
  }
  return blocks.map((block) => stretched.get(block) ?? block);
}

/**
 * acpi_parse_cfmws(): a window gets a node before anything is plugged into it, and advises how large
 * memory blocks may be.
 * @returns the blocks of numa_meminfo with the window among them
 */
export const acpi_parse_cfmws = leaf<
  WindowNode & { readonly blocks: readonly NumaBlock[] },
  NumaBlock[]
>(
  'acpi_parse_cfmws',
  'drivers/acpi/numa/srat.c:acpi_parse_cfmws',
  (k, { start, end, nid, own, blocks }) => {
    const { era } = k.facts;
    if (era.get('memory_block_advised')) advise(k, start | end);
    const window = { start, end, nid };
    k.note(`${mem8(start, end)} is on node ${nid}`);
    if (own) return [...blocks, window];
    return era.get('cfmws_filled_from_srat') ? fill(blocks, window) : [...blocks];
  },
  { show: ({ start, end, nid }) => ({ start, end: end - 1n, nid }) },
);

/** memory_block_advise_max_size(): the smallest alignment of any window. */
function advise(k: Kernel, edges: bigint): void {
  const align = edges & -edges;
  if (align < SZ_256M) {
    k.printk('err', 'CFMWS: [BIOS BUG] base/size alignment violates spec');
    return;
  }
  const before = advisedBlockSize(k);
  setVar(k, 'memory_block_advised_size', before > 0n && before < align ? before : align);
}

/** memory_block_advised_max_size(): bytes; 0 where no window advised one. */
export function advisedBlockSize(k: Kernel): bigint {
  const value = k.world.get('vars', 'memory_block_advised_size')?.value;
  return typeof value === 'bigint' ? value : 0n;
}
