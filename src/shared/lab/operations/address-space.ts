/** What a process does to its own address space. */
import { z } from 'zod';
import { address, count, pages, pfn, size } from '../quantity.ts';
import { text } from '../words.ts';
import { flag, rule, type OperationDeclaration } from './declaration.ts';

/** Advice of madvise(2) the model knows, as MADV_* without the prefix. */
export const ADVICE = [
  'dontneed',
  'free',
  'cold',
  'hugepage',
  'nohugepage',
  'dontfork',
  'dofork',
] as const;

/** A range of addresses. */
const RANGE = z
  .strictObject({
    va: address.describe('First byte, on a page boundary'),
    size: size.optional().describe('How far; one page where neither `size` nor `pages` is written'),
    pages: pages.optional().describe('The same in pages'),
  })
  .refine(
    ...rule<{ size?: bigint | undefined; pages?: number | undefined }>(
      (range) => range.size === undefined || range.pages === undefined,
      'give `size` or `pages`, not both',
      'pages',
    ),
  );

const prot = text
  .regex(/^([rwx]{1,3}|none)$/, 'letters of r, w, x, or none')
  .describe('Access as /proc/PID/maps abbreviates it: rw, r, rx, none');

const catches = flag.describe('The process catches the signal and lives on');
const RANGE_FAILS = { EINVAL: 'The range is empty, or begins inside a page' };
const ACCESS_FAILS = { ...RANGE_FAILS, EINTR: 'It faults for ever at one address' };
const MAPPED = {
  va: address.describe('First byte of the mapping'),
  pages: pages.describe('Pages mapped'),
};
const ACCESSED = {
  pages: pages.describe('Pages reached'),
  faults: count.describe('Page faults taken'),
  fault: text.describe('The signal that ended it; empty for none'),
  at: address.optional().describe('Where the signal was raised'),
};

/** What a read finds. */
export const WORDS = {
  word: count.describe('The first word found'),
  count: z.boolean().describe('The words count up from it'),
  uniform: z.boolean().describe('All pages hold one run of words'),
  words: z
    .array(z.strictObject({ word: count, count: z.boolean(), pages }))
    .describe('Every run of words, with its pages'),
};

/** What a write writes. */
export const CONTENT = {
  word: count.default(0).describe('The word written'),
  count: flag.describe('The words count up from `word`'),
};

export const ADDRESS_SPACE = {
  mmap: {
    title: 'Map memory or a file',
    description:
      'mmap(2): anonymous memory, or pages of a file (which comes into being where a mounted filesystem lacks it). Nothing is populated.',
    by: 'process',
    args: z.strictObject({
      at: address.optional().describe('Where; the kernel looks for a gap where it is left out'),
      size: size.describe('How much; rounded up to whole pages'),
      prot: prot.default('rw'),
      shared: flag.describe('MAP_SHARED instead of MAP_PRIVATE'),
      file: text.default('').describe('Path of the file; anonymous memory where it is left out'),
      offset: size.default(0n).describe('Where in the file, on a page boundary'),
      sync: flag.describe('MAP_SYNC, for files that are mapped directly (4.15)'),
      hugetlb: flag.describe('MAP_HUGETLB: asks the pool of huge pages, which is empty'),
    }),
    returns: MAPPED,
    fails: {
      EINVAL: 'The size is 0, or `at` or `offset` is inside a page',
      ENOENT: 'There is no such file',
      ENODEV: 'The file cannot be mapped',
      ENOMEM: 'No gap is large enough, or the address is beyond user space',
      EOPNOTSUPP: '`sync` on a file that is not mapped directly',
    },
    example: '{ actor: app, do: mmap, size: 4MiB, at: 0x7f0000000000 }',
  },
  munmap: {
    title: 'Unmap',
    description: 'munmap(2): the mapping goes, and the references of its page table entries.',
    by: 'process',
    args: RANGE,
    returns: {},
    fails: RANGE_FAILS,
    example: '{ actor: app, do: munmap, va: 0x7f0000000000, size: 4MiB }',
  },
  write: {
    title: 'Write to memory',
    description: 'Stores to every page of a range, which fault where they must.',
    by: 'process',
    args: RANGE.safeExtend({ ...CONTENT, catch: catches }),
    returns: ACCESSED,
    fails: ACCESS_FAILS,
    example: '{ actor: app, do: write, va: 0x7f0000000000, size: 4MiB, word: 7 }',
  },
  read: {
    title: 'Read memory',
    description:
      'Loads from every page of a range, which fault where they must; the words come back.',
    by: 'process',
    args: RANGE.safeExtend({ catch: catches }),
    returns: { ...ACCESSED, ...WORDS },
    fails: ACCESS_FAILS,
    example: '{ actor: app, do: read, va: 0x7f0000000000, size: 4MiB, expect: { word: 7 } }',
  },
  mprotect: {
    title: 'Change access',
    description: 'mprotect(2): VMAs are split or merged, entries lose or gain access.',
    by: 'process',
    args: RANGE.safeExtend({ prot }),
    returns: {},
    fails: {
      ...RANGE_FAILS,
      EACCES: 'The mapping may not have that access',
      ENOMEM: 'A part of the range is not mapped',
    },
    example: '{ actor: app, do: mprotect, va: 0x7f0000000000, size: 4MiB, prot: r }',
  },
  clwb: {
    title: 'Write caches back',
    description:
      'CLWB of every line of a range, and SFENCE: what a program does that stores to persistent memory itself (MAP_SYNC, device-dax).',
    by: 'process',
    args: RANGE,
    returns: { pages: pages.describe('Pages that were newer in the caches') },
    fails: RANGE_FAILS,
    example: '{ actor: app, do: clwb, va: 0x7f0000000000, size: 4MiB }',
  },
  madvise: {
    title: 'Advise the kernel',
    description: 'madvise(2) with one advice; which there are depends on the kernel.',
    by: 'process',
    args: RANGE.safeExtend({
      advice: z.enum(ADVICE).describe('MADV_*; `free` came with 4.5, `cold` with 5.4'),
    }),
    returns: {},
    fails: {
      EINVAL: 'This kernel does not know the advice, or not for such a VMA',
      ENOMEM: 'A part of the range is not mapped',
    },
    example: '{ actor: app, do: madvise, va: 0x7f0000000000, size: 4MiB, advice: dontneed }',
  },
  mremap: {
    title: 'Move or resize a mapping',
    description: 'mremap(2): page table entries move where the mapping has to.',
    by: 'process',
    args: RANGE.safeExtend({
      new_size: size.describe('Its size from now on'),
      to: address.optional().describe('Where to (MREMAP_FIXED), on a page boundary'),
    }),
    returns: MAPPED,
    fails: {
      EINVAL: 'The new size is 0, `to` is inside a page, or the ranges overlap',
      EFAULT: 'The old range is not one mapping',
      ENOMEM: 'No gap is large enough',
    },
    example: '{ actor: app, do: mremap, va: 0x7f0000000000, size: 4MiB, new_size: 8MiB }',
  },
  'move-pages': {
    title: 'Move pages to another node',
    description: 'move_pages(2): every page of the range is isolated and migrated.',
    by: 'process',
    args: RANGE.safeExtend({ node: count.describe('The node they shall be on') }),
    returns: {
      moved: pages.describe('Pages that are there now'),
      status: z
        .array(z.looseObject({}))
        .describe('For each run of pages: how many, and the errno that kept them'),
      error: text.describe('The first errno among them; empty for none'),
    },
    fails: { ...RANGE_FAILS, ENODEV: 'The node has no memory' },
    example: '{ actor: app, do: move-pages, va: 0x7f0000000000, pages: 16, node: 1 }',
  },
  pin: {
    title: 'Hold pages of a process',
    description:
      'What a driver calls to hold pages: pin_user_pages() or get_user_pages(), fast or not, as the kernel has them.',
    by: 'process',
    args: z.strictObject({
      va: address.describe('First byte'),
      pages: pages
        .refine((wanted) => wanted > 0, 'at least 1 page')
        .default(1)
        .describe('How many pages'),
      write: flag.describe('FOLL_WRITE: the device writes to them'),
      longterm: flag.describe('FOLL_LONGTERM: held until further notice'),
      fast: flag.describe('The walk without mmap_lock'),
      get: flag.describe('Plain references (FOLL_GET) where the kernel could pin'),
      p2p: flag.describe('FOLL_PCI_P2PDMA: peer memory is welcome (6.2)'),
      force: flag.describe('FOLL_FORCE'),
      task: text.default('').describe('Whose memory; its own where it is left out'),
      as: text.default('').describe('Name of the pin, for `unpin` and for expectations'),
    }),
    returns: {
      name: text.describe('Name of the pin'),
      pages: pages.describe('Pages held; fewer than asked where the walk stopped'),
      pfn: pfn.describe('The first page'),
      ranges: z
        .array(z.strictObject({ start: pfn, end: pfn }))
        .describe('All of them in the order of their addresses, ends exclusive'),
    },
    fails: {
      EINVAL: 'No such process, a pin of that name, or flags this kernel refuses together',
      EFAULT: 'Not mapped, or not for such an access',
      EOPNOTSUPP: 'Long term on a file that is mapped directly',
      ENOMEM: 'Pages could not be moved out of the way of a long term pin',
      EREMOTEIO: 'Peer memory without `p2p`',
    },
    example: '{ actor: app, do: pin, va: 0x7f0000000000, pages: 512, longterm: true, as: ring }',
  },
  unpin: {
    title: 'Give held pages back',
    description: 'unpin_user_pages() or put_page() of everything a pin holds.',
    by: 'process',
    args: z.strictObject({
      name: text.describe('Name of the pin'),
      dirty: flag.describe('The device wrote to them'),
    }),
    returns: {},
    fails: { EINVAL: 'There is no such pin', EBUSY: 'Somebody is still taking or giving it back' },
    example: '{ actor: app, do: unpin, name: ring, dirty: true }',
  },
  'direct-io': {
    title: 'Read or write a disk with O_DIRECT',
    description: 'The pages of the buffer are held while a disk reads or writes them.',
    by: 'process',
    args: z.strictObject({
      va: address.describe('First byte of the buffer'),
      size: size.refine((bytes) => bytes > 0n, 'at least 1 byte').describe('Its size'),
      dir: z
        .enum(['read', 'write'])
        .default('read')
        .describe('`read`: the disk writes to the memory'),
    }),
    returns: { pages: pages.describe('Pages transferred') },
    fails: { EINVAL: 'No such process', EFAULT: 'The buffer is not mapped' },
    example: '{ actor: app, do: direct-io, va: 0x7f0000000000, size: 4MiB, dir: write }',
  },
} satisfies Record<string, OperationDeclaration>;
