import type { Kernel } from '../../core/facts.ts';
import {
  call,
  failed,
  operation,
  type FunctionOptions,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { settleShared } from './block-owners.ts';
import { allocate_blocks, zeroBlocks } from './blocks.ts';
import { filePosition, fileSpan } from './file-position.ts';
import type { Inode, SuperBlock } from './super-block.ts';

/** struct iomap: what the filesystem says of a range of a file; pages. */
export interface Iomap {
  readonly type: 'hole' | 'unwritten' | 'mapped';
  /** Page of the file it begins at, and pages from there on that it is true of. */
  readonly index: number;
  readonly pages: number;
  /** Block of the first page; null for a hole. */
  readonly block: number | null;
  /** IOMAP_F_SHARED: other files have the block too. */
  readonly shared: boolean;
  /** IOMAP_F_NEW: allocated just now. */
  readonly isNew: boolean;
  /** srcmap: the block the data of a shared one comes from; null without. */
  readonly from: number | null;
}

/** What a file has at a page, without asking for blocks. */
export function iomapAt(k: Kernel, inode: Inode, index: number, pages: number): Iomap {
  const at = filePosition(inode, index);
  const row = k.world.at('file_extents', at);
  const flags = { shared: false, isNew: false, from: null };
  if (!row) {
    const [next] = k.world.overlapping(
      'file_extents',
      at,
      Math.min(at + pages, fileSpan(inode).end),
    );
    const length = Math.min(pages, next ? next.start - at : pages);
    return { type: 'hole', index, pages: length, block: null, ...flags };
  }
  return {
    ...flags,
    type: row.type as 'mapped' | 'unwritten',
    index,
    pages: Math.min(pages, row.end - at),
    block: row.block + (at - row.start),
    shared: row.shared,
  };
}

interface IomapBegin {
  readonly inode: Inode;
  readonly sb: SuperBlock;
  readonly index: number;
  /** Pages asked for: of all calls of the run. */
  readonly pages: number;
  /** IOMAP_WRITE: holes get blocks, unwritten ones become written, shared ones are copied. */
  readonly write: boolean;
  /** Pages of one call. */
  readonly each?: number;
}

function ext4Name(k: Kernel): string {
  return k.facts.era.get('dax_iomap') ? 'ext4_iomap_begin' : 'ext4_get_block_dax';
}

function xfsName(k: Kernel): string {
  return k.facts.era.get('dax_iomap')
    ? k.facts.era.get('xfs_iomap_begin')
    : 'xfs_get_blocks_direct';
}

function* begin(k: Kernel, params: IomapBegin): Operation<Outcome<Iomap>> {
  const { inode, sb, index, pages, write } = params;
  const found = iomapAt(k, inode, index, pages);
  if (!write || (found.type === 'mapped' && !found.shared)) return found;
  const { type, block } = found;
  if (type === 'unwritten' && block !== null) {
    const at = filePosition(inode, index);
    k.world.update('file_extents', at, at + found.pages, { type: 'mapped' });
    zeroBlocks(k, sb, block, block + found.pages);
    return { ...found, type: 'mapped', isNew: true };
  }
  const request = { inode, index, count: found.pages, type: 'mapped' as const };
  const run = yield* call(allocate_blocks, request);
  if (failed(run)) return run;
  if (block !== null) settleShared(k, sb, block, block + found.pages);
  return {
    type: 'mapped',
    index,
    pages: run.end - run.start,
    block: run.start,
    shared: found.shared,
    isNew: true,
    from: found.shared ? block : null,
  };
}

const SHOWN: FunctionOptions<IomapBegin> = {
  show: ({ inode, index, pages, write, each }) => ({
    file: inode.id,
    index,
    pages: each ?? pages,
    write,
  }),
  covers: ({ index, pages, each }) =>
    each === undefined || each >= pages
      ? undefined
      : { count: pages / each, range: { start: index, end: index + pages, unit: 'index' } },
};

const ext4_iomap_begin = operation(ext4Name, 'fs/ext4/inode.c:ext4_iomap_begin', begin, SHOWN);
const xfs_iomap_begin = operation(
  xfsName,
  'fs/xfs/xfs_iomap.c:xfs_direct_write_iomap_begin',
  begin,
  SHOWN,
);

/**
 * iomap_ops->iomap_begin() of the filesystem, or its get_block before iomap. For a write it
 * allocates blocks, zeroed, where there are none; -ENOSPC. The answer may be shorter than what was
 * asked for.
 */
export function iomapBegin({ s_type }: SuperBlock): KernelFunction<IomapBegin, Outcome<Iomap>> {
  return s_type === 'ext4' ? ext4_iomap_begin : xfs_iomap_begin;
}
