/** What is done to files. */
import { z } from 'zod';
import { pages, size } from '../quantity.ts';
import { CONTENT, WORDS } from './address-space.ts';
import { text } from '../words.ts';
import type { OperationDeclaration } from './declaration.ts';

/** How much of a new file has blocks: written ones, unwritten ones (fallocate), none (a sparse file). */
export const ALLOCATIONS = ['written', 'unwritten', 'none'] as const;

/** File systems a lab can make files of without mounting them. */
const UNMOUNTED = ['tmpfs', 'generic'] as const;

const file = text.describe('Path of the file');

const RANGE = {
  file,
  offset: size.default(0n).describe('Where it begins, on a page boundary'),
  size: size.default(0n).describe('Whole pages; all of the file where neither is written'),
  pages: pages.default(0).describe('The same in pages'),
};

const RANGE_FAILS = {
  ENOENT: 'There is no such file',
  EINVAL: '`offset` or `size` is no whole page, or the file has no such function',
};

export const FILES = {
  'create-file': {
    title: 'Create a file',
    description:
      'Below a mounted filesystem a file of it with `size` bytes of blocks; elsewhere an empty one of tmpfs or of an ordinary file system.',
    by: 'any',
    args: z.strictObject({
      file,
      fs: z.enum(UNMOUNTED).default('tmpfs').describe('Where nothing is mounted: of which kind'),
      size: size.default(0n).describe('Its size'),
      allocate: z
        .enum(ALLOCATIONS)
        .default('written')
        .describe('Blocks: written, unwritten (fallocate), or none (a sparse file)'),
    }),
    returns: { file },
    fails: {
      EEXIST: 'It is there already',
      ENOSPC: 'The filesystem has no free blocks',
      ENFILE: 'More files than the model holds',
    },
    example: 'create-file: { file: /mnt/a, size: 4MiB }',
  },
  'file-write': {
    title: 'Write a file',
    description: 'write(2) of whole pages, through the page cache or directly.',
    by: 'any',
    args: z.strictObject({ ...RANGE, ...CONTENT }),
    returns: { pages: pages.describe('Pages written') },
    fails: { ...RANGE_FAILS, ENOSPC: 'No free blocks', EIO: 'The filesystem is gone' },
    example: 'file-write: { file: /mnt/a, size: 4MiB, word: 7 }',
  },
  'file-read': {
    title: 'Read a file',
    description: 'read(2) of whole pages; the words found come back.',
    by: 'any',
    args: z.strictObject(RANGE),
    returns: { pages: pages.describe('Pages read'), ...WORDS },
    fails: { ...RANGE_FAILS, EIO: 'The filesystem is gone, or memory behind the file is bad' },
    example: '{ do: file-read, file: /mnt/a, size: 4MiB, expect: { word: 7 } }',
  },
  truncate: {
    title: 'Truncate a file',
    description: 'truncate(2): pages beyond the end are unmapped and their blocks freed.',
    by: 'any',
    args: z.strictObject({ file, size: size.describe('Its size from now on') }),
    returns: {},
    fails: { ENOENT: 'There is no such file', EINVAL: 'It is no regular file' },
    example: 'truncate: { file: /mnt/a, size: 2MiB }',
  },
  'punch-hole': {
    title: 'Punch a hole into a file',
    description: 'fallocate(2) with FALLOC_FL_PUNCH_HOLE.',
    by: 'any',
    args: z.strictObject({
      file,
      offset: size.describe('Where it begins'),
      size: size.describe('How much'),
    }),
    returns: {},
    fails: {
      ENOENT: 'There is no such file',
      EINVAL: 'The hole is empty, or the file lies on no mounted filesystem',
      EOPNOTSUPP: 'Its filesystem cannot',
    },
    example: 'punch-hole: { file: /mnt/a, offset: 0, size: 2MiB }',
  },
  'clone-file': {
    title: 'Clone a file',
    description: 'FICLONE into a new file (cp --reflink=always): both share their blocks.',
    by: 'any',
    since: '4.5',
    args: z.strictObject({ file, to: text.describe('Path of the clone') }),
    returns: {},
    fails: {
      ENOENT: 'There is no such file',
      EOPNOTSUPP: 'Its filesystem cannot share blocks',
      EINVAL: 'Files that are mapped directly cannot share in this kernel',
      EXDEV: 'The clone would be on another filesystem',
    },
    example: 'clone-file: { file: /mnt/a, to: /mnt/b }',
  },
  fsync: {
    title: 'Sync a file',
    description:
      'fsync(2) of a file that is mapped directly: what was stored leaves the caches of the CPUs, and who maps it faults before he stores again.',
    by: 'any',
    since: '5.10',
    args: z.strictObject({ file }),
    returns: { pages: pages.describe('Pages that were newer in the caches') },
    fails: {
      ENOENT: 'There is no such file',
      EOPNOTSUPP: 'Its pages are in the page cache: writing those back is not modelled',
    },
    example: 'fsync: { file: /mnt/a }',
  },
  umount: {
    title: 'Unmount',
    description: 'umount(2).',
    by: 'administrator',
    args: z.strictObject({ at: text.describe('Where it is mounted') }),
    returns: {},
    fails: { EINVAL: 'Nothing is mounted there', EBUSY: 'A file of it is in use' },
    example: 'umount: { at: /mnt }',
  },
} satisfies Record<string, OperationDeclaration>;
