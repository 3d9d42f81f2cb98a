/** Pages, their contents, locks and address spaces, as drivers use them. */
import { GFP_KINDS } from '../../lab/operations/pages.ts';
import { z } from 'zod';
import * as d from '../declaration.ts';

const mm = d.text.describe('The address space, as get_task_mm named it');
const MM = z.strictObject({ mm });
const LOCK = z.strictObject({ name: d.text.describe('Tells it from the others of this device') });
const orderArg = d.order(20).describe('Of its blocks: 2^order pages each');

const wordRun = z
  .strictObject({
    pages: d.pageCount.describe('How many'),
    word: d.integer.describe('The first word of the first page'),
    count: d.flag.describe('The words count up from it'),
  })
  .meta({
    id: 'WordRun',
    description: 'Contents of pages: every word is `word`, or they count up',
  });

export const MEMORY_SERVICES = {
  alloc_pages: {
    title: 'Allocate pages of RAM',
    description:
      'Blocks of 2^order pages: runs of them, fewer than asked where memory runs out. Give them back with __free_pages, or to a migration.',
    args: z.strictObject({
      pages: d.pages.describe('How many'),
      order: orderArg,
      gfp: z
        .enum(GFP_KINDS)
        .default('GFP_HIGHUSER_MOVABLE')
        .describe('Flags, by the name of a set of them'),
      nid: d.integer.optional().describe('The node; that of the running CPU where left out'),
    }),
    returns: d.list(d.pfnRun),
    fails: { ENOMEM: 'Nothing is free' },
  },
  __free_pages: {
    title: 'Free pages of RAM',
    description: 'Gives blocks of alloc_pages back.',
    args: d.pfnRun.safeExtend({ order: orderArg }),
    returns: d.nothing,
    fails: { EINVAL: 'They are not such blocks', EFAULT: 'They have no struct pages' },
  },
  lock_page: {
    title: 'Lock pages',
    description: 'Sleeps while somebody has the lock of one of the pages.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  unlock_page: {
    title: 'Unlock pages',
    description: 'Who waited longest has the lock next.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  copy_highpage: {
    title: 'Copy pages',
    description: 'The contents of pages, to others.',
    args: z.strictObject({
      to: d.pfn.describe('First page written'),
      from: d.pfn.describe('First page read'),
      pages: d.pageCount.describe('How many'),
    }),
    returns: d.nothing,
    fails: {},
  },
  clear_highpage: {
    title: 'Clear pages',
    description: 'Every word becomes 0.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  memcpy_from_page: {
    title: 'Read pages',
    description: 'The contents of pages, in runs.',
    args: d.pfnRun,
    returns: d.list(wordRun),
    fails: {},
  },
  memcpy_to_page: {
    title: 'Write pages',
    description: 'Every word is `word`; with `nth` they count up from it.',
    args: d.pfnRun.safeExtend({
      word: d.integer.describe('The word written'),
      nth: d.integer.optional().describe('The first page is the nth of a buffer that counts up'),
    }),
    returns: d.nothing,
    fails: {},
  },
  mutex_lock: {
    title: 'Take a mutex',
    description: 'Sleeps while another task has this mutex of the device.',
    args: LOCK,
    returns: d.nothing,
    fails: {},
  },
  mutex_unlock: {
    title: 'Release a mutex',
    description: 'Who waited longest has it next.',
    args: LOCK,
    returns: d.nothing,
    fails: { EPERM: 'This task does not hold it' },
  },
  mmap_read_lock: {
    title: 'Keep an address space as it is',
    description: 'Takes mmap_lock for reading (mmap_sem until 5.7).',
    args: MM,
    returns: d.nothing,
    fails: {},
  },
  mmap_read_unlock: {
    title: 'Let an address space change',
    description: 'Releases mmap_lock.',
    args: MM,
    returns: d.nothing,
    fails: { EPERM: 'This task does not hold it' },
  },
  get_task_mm: {
    title: 'Find the address space of a task',
    description: 'Of a task of the lab, by default the one that runs.',
    args: z.strictObject({ task: d.text.default('').describe('Its name') }),
    returns: d.text.nullable().describe('null: a task without memory of its own'),
    fails: {},
  },
  mmget_not_zero: {
    title: 'Keep an address space alive',
    description: 'A reference on an address space that still has users.',
    args: MM,
    returns: d.flag.describe('false: its users are gone'),
    fails: {},
  },
  mmput: {
    title: 'Put an address space',
    description: 'Gives up a reference of mmget_not_zero.',
    args: MM,
    returns: d.nothing,
    fails: { EINVAL: 'There is no reference to put' },
  },
  page_pgmap: {
    title: 'Ask whose device page it is',
    description: 'Type and owner of the pagemap of a page.',
    args: z.strictObject({ pfn: d.pfn.describe('The page') }),
    returns: z
      .strictObject({ type: d.text.describe('As in memremap_pages'), owner: d.text })
      .nullable()
      .describe('null: RAM'),
    fails: {},
  },
  vma_lookup: {
    title: 'Find a mapping',
    description: 'The VMA at an address.',
    args: z.strictObject({ mm, address: d.address.describe('Any byte of it') }),
    returns: z
      .strictObject({
        start: d.address.describe('First byte'),
        end: d.address.describe('Past the last byte'),
        flags: d.list(d.text).describe('Without VM_: read, write, shared ...'),
      })
      .nullable()
      .describe('null: nothing is mapped there'),
    fails: {},
  },
} as const;
