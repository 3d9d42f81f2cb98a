import type { FILES } from '../../../../shared/lab/operations/files.ts';
import { charDevice, openCharDevice } from '../../kernel/dax/dev-dax.ts';
import { dax_writeback_mapping_range } from '../../kernel/dax/writeback.ts';
import type { Kernel } from '../../core/facts.ts';
import { vfs_create } from '../../kernel/fs/create.ts';
import { vfs_clone_file_range } from '../../kernel/fs/reflink.ts';
import { isDax, superBlockOf } from '../../kernel/fs/super-block.ts';
import { vfs_fallocate } from '../../kernel/fs/truncate.ts';
import { path_umount } from '../../kernel/fs/umount.ts';
import { fileOperations } from '../../kernel/mm/file-operations.ts';
import { filePages, inodeOf, newInode, type Inode } from '../../kernel/mm/inode.ts';
import {
  call,
  fail,
  failed,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import type { Bodies } from './bodies.ts';
import { wordsOf } from './words.ts';

/**
 * The file behind a path that a process opens to map it. On a mounted filesystem it comes into being
 * with `size` bytes of blocks where there is none yet (model); device-dax stands under /dev.
 */
export function* openFile(k: Kernel, path: string, size: bigint): Operation<Outcome<Inode>> {
  const known = inodeOf(k, path);
  if (known) return known;
  if (charDevice(k, path)) return openCharDevice(k, path);
  if (!superBlockOf(k, path)) return fail('ENOENT', `open(): no file ${path}`);
  return yield* call(vfs_create, { path, size, allocate: 'written' });
}

function fileAt(k: Kernel, file: string): Outcome<Inode> {
  return inodeOf(k, file) ?? fail('ENOENT', `open(): no file ${file}`);
}

interface FileArguments {
  readonly file: string;
  readonly offset: bigint;
  readonly size: bigint;
  readonly pages: number;
}

/** The file and pages meant: all of it where neither `size` nor `pages` is said. */
function fileRange(
  k: Kernel,
  { file, offset, size, pages }: FileArguments,
): Failure | { inode: Inode; start: number; end: number } {
  const inode = fileAt(k, file);
  if (failed(inode)) return inode;
  const page = 1n << BigInt(k.facts.arch.page_shift);
  if (offset % page !== 0n || size % page !== 0n) {
    return fail('EINVAL', 'lab: `offset` and `size` are whole pages here');
  }
  const start = Number(offset / page);
  const count = pages !== 0 ? pages : Number(size / page);
  return { inode, start, end: count === 0 ? filePages(k, inode) : start + count };
}

/** What a program does to files. */
export const FILE_OPS: Bodies<keyof typeof FILES> = {
  *'create-file'(k, { file, fs, size, allocate }) {
    if (superBlockOf(k, file)) {
      const made = yield* call(vfs_create, { path: file, size, allocate });
      return failed(made) ? made : { file };
    }
    if (inodeOf(k, file)) return fail('EEXIST', `open(O_CREAT | O_EXCL): ${file} is there`);
    const inode = newInode(k, { id: file, fs, device: '', i_size: size, i_flags: '' });
    return inode ? { file } : fail('ENFILE', 'the model holds 511 inodes');
  },

  *'file-write'(k, { word, count, ...args }) {
    const range = fileRange(k, args);
    if (failed(range)) return range;
    const write = fileOperations(k, range.inode)?.write;
    if (!write) return fail('EINVAL', '!(file->f_mode & FMODE_CAN_WRITE)');
    const content = { word, nth: count ? 0 : null };
    const pages = yield* call(write, { ...range, content });
    return failed(pages) ? pages : { pages };
  },

  *fsync(k, { file }) {
    const inode = fileAt(k, file);
    if (failed(inode)) return inode;
    if (!isDax(inode)) return fail('EOPNOTSUPP', 'model: only files that are mapped directly');
    const end = filePages(k, inode);
    return { pages: yield* call(dax_writeback_mapping_range, { inode, end }) };
  },

  *'file-read'(k, args) {
    const range = fileRange(k, args);
    if (failed(range)) return range;
    const read = fileOperations(k, range.inode)?.read;
    if (!read) return fail('EINVAL', '!(file->f_mode & FMODE_CAN_READ)');
    const runs = yield* call(read, range);
    if (failed(runs)) return runs;
    return { pages: runs.reduce((sum, { pfn, end }) => sum + end - pfn, 0), ...wordsOf(k, runs) };
  },

  *truncate(k, { file, size }) {
    const inode = fileAt(k, file);
    if (failed(inode)) return inode;
    const change = fileOperations(k, inode)?.truncate;
    if (!change) return fail('EINVAL', '!S_ISREG(inode->i_mode)');
    return yield* call(change, { inode, i_size: size });
  },

  *'punch-hole'(k, { file, offset, size }) {
    const inode = fileAt(k, file);
    if (failed(inode)) return inode;
    return yield* call(vfs_fallocate, { inode, start: offset, size });
  },

  *'clone-file'(k, { file, to }) {
    const from = fileAt(k, file);
    if (failed(from)) return from;
    return yield* call(vfs_clone_file_range, { from, path: to });
  },

  *umount(_k, { at }) {
    return yield* call(path_umount, { at });
  },
};
