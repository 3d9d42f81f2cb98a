import type { Kernel } from '../../core/facts.ts';
import { fileSpan, indexOf } from './file-position.ts';
import { filesOf, type Inode, type SuperBlock } from './super-block.ts';

/** Pages [index, end) of a file, on blocks from `block` on. */
export interface OwnedPages {
  readonly inode: Inode;
  readonly index: number;
  readonly end: number;
  readonly block: number;
}

/** Who has blocks [block, end) of a filesystem: its reverse mapping. */
export function blockOwners(k: Kernel, sb: SuperBlock, block: number, end: number): OwnedPages[] {
  const found: OwnedPages[] = [];
  for (const inode of filesOf(k, sb)) {
    const span = fileSpan(inode);
    for (const row of k.world.overlapping('file_extents', span.start, span.end)) {
      const from = Math.max(block, row.block);
      const to = Math.min(end, row.block + (row.end - row.start));
      if (from >= to) continue;
      const index = indexOf(row.start) + (from - row.block);
      found.push({ inode, index, end: index + (to - from), block: from });
    }
  }
  return found;
}

/** [block, end) cut where the number of its owners changes. */
export function ownedRuns(k: Kernel, sb: SuperBlock, block: number, end: number) {
  const owners = blockOwners(k, sb, block, end);
  const last = ({ block: at, index, end: to }: OwnedPages) => at + (to - index);
  const cuts = [...new Set([block, end, ...owners.flatMap((one) => [one.block, last(one)])])];
  cuts.sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, n) => {
    const stop = cuts[n + 1] as number;
    const of = owners.filter((one) => one.block <= start && last(one) >= stop);
    return { start, end: stop, owners: of };
  });
}

/** Blocks that only one file has left are not shared any more (a reference count of 1). */
export function settleShared(k: Kernel, sb: SuperBlock, block: number, end: number): void {
  for (const { start, end: stop, owners } of ownedRuns(k, sb, block, end)) {
    const [only] = owners;
    if (!only || owners.length > 1) continue;
    const at = fileSpan(only.inode).start + only.index + (start - only.block);
    k.world.update('file_extents', at, at + (stop - start), { shared: false });
  }
}
