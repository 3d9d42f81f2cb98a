import type { ALLOCATIONS } from '../../../../shared/lab/operations/files.ts';
import type { Kernel } from '../../core/facts.ts';
import { newInode, type Inode } from '../mm/inode.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { allocate_blocks } from './blocks.ts';
import { filePosition, pagesFor } from './file-position.ts';
import { mountedWithDax, superBlockOf, type SuperBlock } from './super-block.ts';

/** How much of a new file has blocks: written ones, unwritten ones (fallocate), none (a sparse file). */
export type FileAllocation = (typeof ALLOCATIONS)[number];

export interface NewFile {
  readonly path: string;
  /** Bytes. */
  readonly size: bigint;
  readonly allocate: FileAllocation;
}

/** Gives [index, end) of a file blocks, as many extents as it takes. */
function* allocateRange(
  k: Kernel,
  sb: SuperBlock,
  inode: Inode,
  index: number,
  end: number,
  type: 'mapped' | 'unwritten',
): Operation<Outcome<void>> {
  let at = index;
  while (at < end) {
    const there = k.world.at('file_extents', filePosition(inode, at));
    if (there) {
      at += there.end - filePosition(inode, at);
      continue;
    }
    const run = yield* call(allocate_blocks, { inode, index: at, count: end - at, type });
    if (failed(run)) return run;
    at += run.end - run.start;
  }
  return undefined;
}

/** open(O_CREAT | O_EXCL) and what fills the file. -EEXIST, -ENOENT off any filesystem, -ENOSPC. */
export const vfs_create = operation<NewFile, Outcome<Inode>>(
  'vfs_create',
  'fs/namei.c:vfs_create',
  function* (k, { path, size, allocate }) {
    const sb = superBlockOf(k, path);
    if (!sb) return fail('ENOENT', `no filesystem is mounted above ${path}`);
    if (k.world.get('inodes', path)) return fail('EEXIST', 'O_EXCL');
    const inode = newInode(k, {
      id: path,
      fs: sb.s_type,
      device: sb.bdev,
      i_size: size,
      i_flags: mountedWithDax(sb) ? 'dax' : '',
    });
    if (!inode) return fail('ENFILE', 'the model holds 511 inodes');
    if (allocate === 'none') return inode;
    const type = allocate === 'written' ? 'mapped' : 'unwritten';
    const filled = yield* allocateRange(k, sb, inode, 0, pagesFor(k, size), type);
    return failed(filled) ? filled : inode;
  },
  { show: ({ path, size, allocate }) => ({ path, size, allocate }) },
);
