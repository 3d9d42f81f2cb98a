import type { Kernel } from '../../core/facts.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';
import { flushCaches } from '../mm/media.ts';
import { ownedRuns, settleShared } from './block-owners.ts';
import { filePosition, fileSpan, indexOf } from './file-position.ts';
import { superBlockOf, type Inode, type SuperBlock } from './super-block.ts';

/** Blocks [start, end) of a filesystem; a block is a page. */
export interface BlockRun {
  readonly start: number;
  readonly end: number;
}

/** Blocks [start, end) become zeros, around the caches of the CPUs. */
export function zeroBlocks(k: Kernel, sb: SuperBlock, start: number, end: number): void {
  const [pfn, last] = [sb.start_pfn + start, sb.start_pfn + end];
  k.world.clear('page_contents', pfn, last);
  flushCaches(k, pfn, last);
}

/** Pages of a PMD: what the allocators align large requests to, so that DAX can map them by PMD. */
export function pmdPages(k: Kernel): number {
  return 2 ** (k.facts.arch.pmd_shift - k.facts.arch.page_shift);
}

function freeRuns(k: Kernel, sb: SuperBlock): BlockRun[] {
  const { start, end } = fileSpan(sb);
  return k.world.overlapping('free_blocks', start, end).map((row) => ({
    start: indexOf(row.start),
    end: indexOf(row.start) + (row.end - row.start),
  }));
}

/** First block at or after `from` that stands to 2^n as `index` does. */
function aligned(from: number, index: number, size: number): number {
  return from + ((((index - from) % size) + size) % size);
}

/** First fit: aligned like the file where a PMD's worth is asked for, else wherever there is room. */
function choose(
  k: Kernel,
  sb: SuperBlock,
  index: number,
  count: number,
  goal: number | undefined,
): BlockRun | undefined {
  const free = freeRuns(k, sb);
  const beside = free.find(({ start, end }) => goal !== undefined && start <= goal && goal < end);
  if (beside && goal !== undefined) {
    return { start: goal, end: Math.min(beside.end, goal + count) };
  }
  const size = pmdPages(k);
  if (count >= size) {
    for (const { start, end } of free) {
      const at = aligned(start, index, size);
      if (at + count <= end) return { start: at, end: at + count };
    }
  }
  const fits = free.find(({ start, end }) => end - start >= count);
  if (fits) return { start: fits.start, end: fits.start + count };
  return free.reduce<BlockRun | undefined>(
    (best, run) => (!best || run.end - run.start > best.end - best.start ? run : best),
    undefined,
  );
}

interface Allocation {
  readonly inode: Inode;
  /** First page of the file that gets blocks, and how many. */
  readonly index: number;
  readonly count: number;
  readonly type: 'mapped' | 'unwritten';
  readonly shared?: boolean;
}

const showAllocation = ({ inode, index, count, type }: Allocation) => ({
  file: inode.id,
  index,
  count,
  type,
});

/**
 * The filesystem's allocator (model: first fit, next to what the file has). Gives the blocks to the
 * file; at least one, maybe fewer than asked for. -ENOSPC.
 */
export const allocate_blocks = leaf<Allocation, Outcome<BlockRun>>(
  'allocate_blocks',
  'fs/ext4/mballoc.c:ext4_mb_new_blocks, fs/xfs/libxfs/xfs_bmap.c:xfs_bmapi_write',
  (k, { inode: { id, nr }, index, count, type, shared = false }) => {
    const sb = superBlockOf(k, id);
    if (!sb) return fail('EIO', 'the filesystem is gone');
    const at = filePosition({ nr }, index);
    // ext4_map_blocks() looks again under i_data_sem: another fault or write may have been first.
    const there = k.world.at('file_extents', at);
    if (there && !there.shared) {
      const start = there.block + at - there.start;
      return { start, end: start + Math.min(there.end - at, count) };
    }
    const before = index > 0 ? k.world.at('file_extents', at - 1) : undefined;
    const goal = before && before.block + (at - before.start);
    const run = choose(k, sb, index, count, goal);
    if (!run) return fail('ENOSPC', 'no free blocks');
    k.world.clear('free_blocks', filePosition(sb, run.start), filePosition(sb, run.end));
    const length = run.end - run.start;
    k.world.set('file_extents', at, at + length, { type, block: run.start, shared });
    // Blocks of DAX files are zeroed before anybody can map them.
    if (type === 'mapped') {
      zeroBlocks(k, sb, run.start, run.end);
    }
    return run;
  },
  { basis: 'model', show: showAllocation },
);

/** Gives blocks of a file back to its filesystem: [index, end) of the file. */
export const free_blocks = leaf<
  { inode: Inode; sb: SuperBlock; index: number; end: number },
  number
>(
  'free_blocks',
  'fs/ext4/mballoc.c:ext4_free_blocks, fs/xfs/libxfs/xfs_alloc.c:xfs_free_extent',
  (k, { inode, sb, index, end }) => {
    const from = filePosition(inode, index);
    const to = Math.min(filePosition(inode, end), fileSpan(inode).end);
    let freed = 0;
    const pieces: BlockRun[] = [];
    for (const row of k.world.overlapping('file_extents', from, to)) {
      const start = Math.max(row.start, from);
      const stop = Math.min(row.end, to);
      const block = row.block + (start - row.start);
      pieces.push({ start: block, end: block + stop - start });
    }
    k.world.clear('file_extents', from, to);
    for (const piece of pieces) {
      for (const run of ownedRuns(k, sb, piece.start, piece.end)) {
        if (run.owners.length > 0) continue;
        freed += run.end - run.start;
        const at = filePosition(sb, run.start);
        k.world.set('free_blocks', at, at + run.end - run.start, { sb: sb.id });
      }
      settleShared(k, sb, piece.start, piece.end);
    }
    return freed;
  },
  {
    basis: 'model',
    show: ({ inode, index, end }) => ({ file: inode.id, index, end }),
  },
);
