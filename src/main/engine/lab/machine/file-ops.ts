import { charDevice, openCharDevice } from '../../kernel/dax/dev-dax.ts';
import type { Kernel } from '../../core/facts.ts';
import { ALLOCATIONS, vfs_create } from '../../kernel/fs/create.ts';
import { vfs_clone_file_range } from '../../kernel/fs/reflink.ts';
import { superBlockOf } from '../../kernel/fs/super-block.ts';
import { vfs_fallocate } from '../../kernel/fs/truncate.ts';
import { path_umount } from '../../kernel/fs/umount.ts';
import { creatableFileSystems, fileOperations } from '../../kernel/mm/file-operations.ts';
import { filePages, inodeOf, newInode, type Inode } from '../../kernel/mm/inode.ts';
import {
  call,
  fail,
  failed,
  type Failure,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { countField, flagField, sizeField, textField, wordField } from './op-arguments.ts';
import { labOperation } from './lab-operation.ts';
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

/**
 * `create-file: { file, fs, size, allocate }`: a file of a mounted filesystem, where the path lies
 * below one; else an empty one of tmpfs or of an ordinary file system.
 */
const createFile = labOperation(
  'create-file',
  {
    file: textField(),
    fs: textField('tmpfs'),
    size: sizeField(0n),
    allocate: wordField(ALLOCATIONS, 'written'),
  },
  function* (k, { file, fs, size, allocate }): Operation<Outcome<object>> {
    if (superBlockOf(k, file)) {
      const made = yield* call(vfs_create, { path: file, size, allocate });
      return failed(made) ? made : { file };
    }
    const known = creatableFileSystems(k);
    if (!known.includes(fs)) {
      return fail('EINVAL', `lab: \`fs\`: expected one of ${known.join(', ')}`);
    }
    if (inodeOf(k, file)) return fail('EEXIST', `open(O_CREAT | O_EXCL): ${file} is there`);
    const inode = newInode(k, { id: file, fs, device: '', i_size: size, i_flags: '' });
    return inode ? { file } : fail('ENFILE', 'the model holds 511 inodes');
  },
);

interface FileArguments {
  readonly file: string;
  readonly offset: bigint;
  readonly size: bigint;
  readonly pages: number;
}

const FILE_RANGE = {
  file: textField(),
  offset: sizeField(0n),
  size: sizeField(0n),
  pages: countField(0),
};

/** The file and pages meant: all of it where neither `size` nor `pages` is said. */
function fileRange(
  k: Kernel,
  { file, offset, size, pages }: FileArguments,
): Failure | { inode: Inode; start: number; end: number } {
  const inode = inodeOf(k, file);
  if (!inode) return fail('ENOENT', `open(): no file ${file}`);
  const page = 1n << BigInt(k.facts.arch.page_shift);
  if (offset % page !== 0n || size % page !== 0n) {
    return fail('EINVAL', 'lab: `offset` and `size` are whole pages here');
  }
  const start = Number(offset / page);
  const count = pages !== 0 ? pages : Number(size / page);
  return { inode, start, end: count === 0 ? filePages(k, inode) : start + count };
}

/** `file-write: { file, offset, size, word, count }`: write(2) of whole pages. */
const fileWrite = labOperation(
  'file-write',
  { ...FILE_RANGE, word: countField(0), count: flagField(false) },
  function* (k, { word, count, ...args }) {
    const range = fileRange(k, args);
    if (failed(range)) return range;
    const write = fileOperations(k, range.inode)?.write;
    if (!write) return fail('EINVAL', '!(file->f_mode & FMODE_CAN_WRITE)');
    const content = { word, nth: count ? 0 : null };
    const pages = yield* call(write, { ...range, content });
    return failed(pages) ? pages : { pages };
  },
);

/** `file-read: { file, offset, size }`: read(2); the words found come back. */
const fileRead = labOperation('file-read', FILE_RANGE, function* (k, args) {
  const range = fileRange(k, args);
  if (failed(range)) return range;
  const read = fileOperations(k, range.inode)?.read;
  if (!read) return fail('EINVAL', '!(file->f_mode & FMODE_CAN_READ)');
  const runs = yield* call(read, range);
  if (failed(runs)) return runs;
  return { pages: runs.reduce((sum, { pfn, end }) => sum + end - pfn, 0), ...wordsOf(k, runs) };
});

/** `truncate: { file, size }`: truncate(2). */
const truncate = labOperation(
  'truncate',
  { file: textField(), size: sizeField() },
  function* (k, { file, size }) {
    const inode = inodeOf(k, file);
    if (!inode) return fail('ENOENT', `open(): no file ${file}`);
    const change = fileOperations(k, inode)?.truncate;
    if (!change) return fail('EINVAL', '!S_ISREG(inode->i_mode)');
    return yield* call(change, { inode, i_size: size });
  },
);

/** `punch-hole: { file, offset, size }`: fallocate(2) with FALLOC_FL_PUNCH_HOLE. */
const punchHole = labOperation(
  'punch-hole',
  { file: textField(), offset: sizeField(), size: sizeField() },
  function* (k, { file, offset, size }): Operation<Outcome<void>> {
    const inode = inodeOf(k, file);
    if (!inode) return fail('ENOENT', `open(): no file ${file}`);
    return yield* call(vfs_fallocate, { inode, start: offset, size });
  },
);

/** `clone-file: { file, to }`: FICLONE into a new file (cp --reflink=always). */
const cloneFile = labOperation(
  'clone-file',
  { file: textField(), to: textField() },
  function* (k, { file, to }): Operation<Outcome<void>> {
    const from = inodeOf(k, file);
    if (!from) return fail('ENOENT', `open(): no file ${file}`);
    return yield* call(vfs_clone_file_range, { from, path: to });
  },
);

/** `umount: { at }`: umount(2). */
const umount = labOperation('umount', { at: textField() }, function* (_k, { at }) {
  return yield* call(path_umount, { at });
});

/** Operations on files, by name. */
export const FILE_OPS: Readonly<Record<string, KernelFunction<never, unknown>>> = {
  'create-file': createFile,
  'file-write': fileWrite,
  'file-read': fileRead,
  truncate,
  'punch-hole': punchHole,
  'clone-file': cloneFile,
  umount,
};
