/** Memory that a driver adds, takes away, and decides about when it goes online. */
import { z } from 'zod';
import * as d from '../declaration.ts';

const range = z.strictObject({
  start: d.address.describe('First byte'),
  size: d.bytes.describe('Whole memory blocks'),
});
const nid = d.integer.describe('The node');
const none = z.strictObject({});
const BUSY = { EBUSY: 'A memory block is online, or holds pages that cannot move' } as const;

export const HOTPLUG_SERVICES = {
  memory_block_size_bytes: {
    title: 'Ask how large memory blocks are',
    description: 'Bytes that are added, removed, and go online together.',
    args: none,
    returns: d.bytes,
    fails: {},
  },
  add_memory_driver_managed: {
    title: 'Add memory of a driver',
    description: 'Whole memory blocks become RAM of a node, under a name of the driver.',
    since: '5.8',
    args: range.extend({
      nid,
      mgid: d.integer.optional().describe('The memory group its blocks join'),
      resource_name: d.text.describe('System RAM (...)'),
      merge: d.flag
        .default(false)
        .describe('MHP_MERGE_RESOURCE: it joins equal resources beside it (5.10)'),
    }),
    returns: d.nothing,
    fails: {
      EINVAL: 'The node can have no memory, or the range is not whole blocks',
      EEXIST: 'There is memory already',
      ENOMEM: 'The memmap finds no room',
      E2BIG: 'The memory lies beyond what the kernel can map',
      ENOSYS: 'Memory hotplug is not built',
    },
  },
  remove_memory: {
    title: 'Remove memory',
    description: 'Memory blocks that are all offline go.',
    args: range,
    returns: d.nothing,
    fails: { ...BUSY, EINVAL: 'There is no such memory', ENOSYS: 'Memory hotremove is not built' },
  },
  offline_and_remove_memory: {
    title: 'Take memory offline and remove it',
    description: 'Blocks that went offline are online again where one of them does not.',
    since: '5.8',
    args: range,
    returns: d.nothing,
    fails: {
      ...BUSY,
      EINVAL: 'The range is not whole blocks',
      EINTR: 'Pages do not move',
      EPERM: 'Somebody who was asked said no',
    },
  },
  memory_group_register_static: {
    title: 'Make a group for memory of fixed size',
    description: 'Blocks of one module. Gives the id of the group.',
    since: '5.15',
    args: z.strictObject({ nid, max_pages: d.pageCount.describe('How many at most') }),
    returns: d.integer,
    fails: { EINVAL: 'The node can have no memory, or there are no pages' },
  },
  memory_group_register_dynamic: {
    title: 'Make a group for memory that grows',
    description: 'Blocks of one device that come and go in units. Gives the id of the group.',
    since: '5.15',
    args: z.strictObject({ nid, unit_pages: d.pageCount.describe('Of what comes and goes') }),
    returns: d.integer,
    fails: { EINVAL: 'The node can have no memory, or the unit is not whole blocks' },
  },
  memory_group_unregister: {
    title: 'End a memory group',
    description: 'A group without blocks goes.',
    since: '5.15',
    args: z.strictObject({ mgid: d.integer.describe('Its id') }),
    returns: d.nothing,
    fails: { EINVAL: 'There is no such group', EBUSY: 'It has memory blocks' },
  },
  register_memory_notifier: {
    title: 'Be told when memory goes online or offline',
    description:
      'From now on the callback `memory_notifier({ action, start_pfn, nr_pages })` is called, with MEM_GOING_ONLINE and so on in `action`. NOTIFY_BAD or a negative errno of a MEM_GOING_* forbids it.',
    args: z.strictObject({
      priority: z.int().min(0).default(0).describe('The highest is called first'),
    }),
    returns: d.nothing,
    fails: {},
  },
  unregister_memory_notifier: {
    title: 'Be told no more',
    description: 'The callback is off the chain.',
    args: none,
    returns: d.nothing,
    fails: {},
  },
  set_online_page_callback: {
    title: 'Decide which pages go online',
    description:
      'From now on the callback `online_page({ pfn, end })` hands the pages of a block that goes online to generic_online_page(), or keeps them.',
    args: none,
    returns: d.nothing,
    fails: { EINVAL: 'Another driver decides' },
  },
  restore_online_page_callback: {
    title: 'Decide no more which pages go online',
    description: 'All pages of a block go online again.',
    args: none,
    returns: d.nothing,
    fails: { EINVAL: 'This driver does not decide' },
  },
  generic_online_page: {
    title: 'Let pages go online',
    description: 'Pages of a block go to the buddy allocator.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  pfn_to_online_page: {
    title: 'Look at a page that is online',
    description: 'Its zone, its flags and its references.',
    args: z.strictObject({ pfn: d.pfn.describe('The page') }),
    returns: z
      .strictObject({
        zone: d.text.describe('DMA, DMA32, Normal or Movable'),
        flags: d.list(d.text).describe('PG_* and page types, in lower case'),
        refcount: d.integer.describe('Its references'),
      })
      .nullable()
      .describe('null: its section is not online'),
    fails: {},
  },
  alloc_contig_range: {
    title: 'Take exactly these pages',
    description: 'What of them is in use moves away.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: { EBUSY: 'A page cannot move' },
  },
  free_contig_range: {
    title: 'Give such pages back',
    description: 'Page by page, to the buddy allocator.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  adjust_managed_page_count: {
    title: 'Count pages in or out',
    description: 'managed_pages of the zone of a page, and totalram_pages.',
    args: z.strictObject({
      pfn: d.pfn.describe('A page of the zone'),
      nr_pages: z.int().describe('How many; negative for fewer'),
    }),
    returns: d.nothing,
    fails: {},
  },
  __SetPageOffline: {
    title: 'Mark pages as logically offline',
    description: 'PageOffline: the content is not there although the section is online.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  __ClearPageOffline: {
    title: 'Mark pages as online again',
    description: 'Takes PageOffline away.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  SetPageDirty: {
    title: 'Mark pages as dirty',
    description: 'PG_dirty; of a PageOffline page: it never was online.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  ClearPageDirty: {
    title: 'Mark pages as clean',
    description: 'Takes PG_dirty away.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  ClearPageReserved: {
    title: 'Mark pages as not reserved',
    description: 'Takes PG_reserved away.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
  page_ref_dec_and_test: {
    title: 'Drop a reference and see whether it was the last',
    description: 'One reference of each page; nobody is told of the last.',
    args: d.pfnRun,
    returns: d.flag.describe('true: no page has a reference left'),
    fails: {},
  },
  page_ref_inc: {
    title: 'Count a reference',
    description: 'One more reference of each page.',
    args: d.pfnRun,
    returns: d.nothing,
    fails: {},
  },
} as const;
