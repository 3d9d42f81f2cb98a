import { dax_delete_mapping_entry } from '../dax/delete-entries.ts';
import { invalidateLock } from '../dax/invalidate-lock.ts';
import { break_layouts, TO_THE_END } from '../dax/layout.ts';
import type { Kernel } from '../../core/facts.ts';
import { filePages } from '../mm/inode.ts';
import { truncate_inode_pages_range } from '../mm/truncate.ts';
import { unmap_mapping_range } from '../mm/zap.ts';
import {
  call,
  fail,
  failed,
  lock,
  operation,
  unlock,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { free_blocks } from './blocks.ts';
import { pagesFor } from './file-position.ts';
import { isDax, superBlockOf, type Inode, type SuperBlock } from './super-block.ts';

interface Span {
  readonly inode: Inode;
  /** Page indices. */
  readonly start: number;
  readonly end: number;
}

const shownSpan = ({ inode, start, end }: Span) => ({
  file: inode.id,
  start,
  ...(end < TO_THE_END ? { end } : {}),
});

/** What i_pages has of a range goes: DAX entries, or pages of the cache. */
export function* dropPages(k: Kernel, { inode, start, end }: Span): Operation<void> {
  if (isDax(inode)) yield* call(dax_delete_mapping_entry, { inode, start, end });
  else {
    const last = Math.min(end, filePages(k, inode));
    yield* call(truncate_inode_pages_range, { inode, start, end: last });
  }
}

/** truncate_pagecache(): the file's pages leave the page tables, private copies too, then i_pages. */
const truncate_pagecache = operation<Span, void>(
  'truncate_pagecache',
  'mm/truncate.c:truncate_pagecache',
  function* (k, { inode, start, end }) {
    yield* call(unmap_mapping_range, { file: inode.id, start, end, even_cows: true });
    yield* dropPages(k, { inode, start, end });
  },
  { show: shownSpan },
);

/** truncate_pagecache_range(): the same for a hole; private copies stay. */
const truncate_pagecache_range = operation<Span, void>(
  'truncate_pagecache_range',
  'mm/truncate.c:truncate_pagecache_range',
  function* (k, { inode, start, end }) {
    yield* call(unmap_mapping_range, { file: inode.id, start, end, even_cows: false });
    yield* dropPages(k, { inode, start, end });
  },
  { show: shownSpan },
);

/** The locks under which blocks go: the inode's, and the one that keeps page faults out. */
function* locked<R>(k: Kernel, inode: Inode, body: () => Operation<R>): Operation<R> {
  const held = invalidateLock(k, inode.id);
  yield* lock(`i_rwsem ${inode.id}`, 'rwsem');
  if (held) yield* lock(held, 'rwsem');
  const result = yield* body();
  if (held) yield* unlock(held);
  yield* unlock(`i_rwsem ${inode.id}`);
  return result;
}

interface SizeChange {
  readonly inode: Inode;
  readonly sb: SuperBlock;
  /** Bytes. */
  readonly i_size: bigint;
}

function* setSize(k: Kernel, { inode, sb, i_size }: SizeChange): Operation<Outcome<void>> {
  return yield* locked(k, inode, function* (): Operation<Outcome<void>> {
    const shrinks = i_size < inode.i_size;
    if (shrinks && isDax(inode)) {
      const broken = yield* break_layouts(k, sb, inode);
      if (failed(broken)) return broken;
    }
    k.world.patch('inodes', inode.id, { i_size });
    if (!shrinks) return undefined;
    const start = pagesFor(k, i_size);
    yield* call(truncate_pagecache, { inode, start, end: TO_THE_END });
    yield* call(free_blocks, { inode, sb, index: start, end: TO_THE_END });
    return undefined;
  });
}

const SHOWN = {
  show: ({ inode, i_size }: SizeChange) => ({ file: inode.id, i_size }),
};

const ext4_setattr = operation('ext4_setattr', 'fs/ext4/inode.c:ext4_setattr', setSize, SHOWN);
const xfs_vn_setattr = operation(
  'xfs_vn_setattr',
  'fs/xfs/xfs_iops.c:xfs_vn_setattr',
  setSize,
  SHOWN,
);

/** do_truncate(): ftruncate(2) to a size in bytes, shorter or longer. */
export const do_truncate = operation<{ inode: Inode; i_size: bigint }, Outcome<void>>(
  'do_truncate',
  'fs/open.c:do_truncate',
  function* (k, { inode, i_size }) {
    const sb = superBlockOf(k, inode.id);
    if (!sb) return fail('EINVAL', 'the file lies on no mounted filesystem');
    return yield* call(sb.s_type === 'ext4' ? ext4_setattr : xfs_vn_setattr, { inode, sb, i_size });
  },
  { show: ({ inode, i_size }) => ({ file: inode.id, i_size }) },
);

/** Bytes of a file that become a hole. */
export interface HolePunch {
  readonly inode: Inode;
  readonly start: bigint;
  readonly size: bigint;
}

/** Bytes at the ends of a hole that only fill part of a page become zeros. */
function zeroEdges(k: Kernel, { inode, start, size }: HolePunch): void {
  const page = 1n << BigInt(k.facts.arch.page_shift);
  if (start % page === 0n && (start + size) % page === 0n) return;
  k.note(
    `dax_zero_range(${inode.id}): the model keeps words a page, parts of one stay as they are`,
  );
}

function* punch(k: Kernel, params: HolePunch & { sb: SuperBlock }): Operation<Outcome<void>> {
  const { inode, sb, start, size } = params;
  const shift = BigInt(k.facts.arch.page_shift);
  const first = pagesFor(k, start);
  const end = Number((start + size) >> shift);
  return yield* locked(k, inode, function* (): Operation<Outcome<void>> {
    const broken = isDax(inode) ? yield* break_layouts(k, sb, inode) : undefined;
    if (failed(broken)) return broken;
    zeroEdges(k, params);
    if (first >= end) return undefined;
    yield* call(truncate_pagecache_range, { inode, start: first, end });
    yield* call(free_blocks, { inode, sb, index: first, end });
    return undefined;
  });
}

const PUNCH = {
  show: ({ inode, start, size }: HolePunch) => ({ file: inode.id, start, size }),
};

const ext4_punch_hole = operation(
  'ext4_punch_hole',
  'fs/ext4/inode.c:ext4_punch_hole',
  punch,
  PUNCH,
);
const xfs_free_file_space = operation(
  'xfs_free_file_space',
  'fs/xfs/xfs_bmap_util.c:xfs_free_file_space',
  punch,
  PUNCH,
);

/** fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE). -EINVAL for no bytes. */
export const vfs_fallocate = operation<HolePunch, Outcome<void>>(
  'vfs_fallocate',
  'fs/open.c:vfs_fallocate',
  function* (k, params) {
    const sb = superBlockOf(k, params.inode.id);
    if (!sb) return fail('EOPNOTSUPP', '!file->f_op->fallocate');
    if (params.size <= 0n) return fail('EINVAL', 'offset < 0 || len <= 0');
    const fn: KernelFunction<HolePunch & { sb: SuperBlock }, Outcome<void>> = sb.s_type === 'ext4'
      ? ext4_punch_hole
      : xfs_free_file_space;
    return yield* call(fn, { ...params, sb });
  },
  PUNCH,
);
