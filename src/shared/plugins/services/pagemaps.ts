/** struct pages for device memory, and the references that keep them. */
import { z } from 'zod';
import * as d from '../declaration.ts';

const pagemapArgs = z
  .strictObject({
    type: d.text.describe(
      "As in enum memory_type: 'FS_DAX', 'GENERIC', 'PRIVATE', 'COHERENT' ..., or its number: '4'",
    ),
    ranges: d.list(d.range).describe('What is mapped; one range before 5.10'),
    altmap: z
      .strictObject({
        base_pfn: d.pfn.describe('Where the device begins'),
        end_pfn: d.pfn.optional().describe('Where it ends'),
        reserve: z.int().min(0).describe('Pages at its beginning that the driver keeps'),
        free: z.int().min(0).describe('Pages behind them for the memmap'),
      })
      .optional()
      .describe('The memmap is taken from the device: [base_pfn + reserve, + free)'),
    ops: d.list(d.text).default([]).describe('Callbacks of dev_pagemap_ops the driver has'),
    owner: d.text.default('').describe('Whose pages they are, for migrations and hmm_range_fault'),
    ref: d.text
      .optional()
      .describe("The driver's own reference (4.5 to 5.16), by the name percpu_ref_init() gave it"),
    vmemmap_shift: d.order(30).describe('Order of its compound pages (5.17)'),
    nid: d.integer.optional().describe("Node of the pages; the device's where it is left out"),
  })
  .meta({ id: 'PagemapArgs', description: 'struct dev_pagemap as a driver fills it in' });

const mappedPages = z
  .strictObject({
    pgmap: d.text.describe('The pagemap, to give back to memunmap_pages'),
    address: d.address.describe('Kernel virtual address of the first range'),
    altmap_alloc: d.pageCount.describe('Pages of the altmap that the memmap took'),
    altmap_align: d.pageCount.describe('Pages of it lost to alignment'),
  })
  .meta({ id: 'MappedPages', description: 'Device memory that has struct pages now' });

const MAP = {
  args: pagemapArgs,
  returns: mappedPages,
  fails: {
    EINVAL: 'Something in struct dev_pagemap is missing or unknown to this kernel',
    ENXIO: 'The range is RAM in part, or the architecture has no device pages',
    ENOMEM: 'Pages of the range have struct pages already, or the memmap finds no room',
    EBUSY: 'The range has a pagemap already',
    EEXIST: 'A section of it is there already',
    ERANGE: 'The range lies beyond what the kernel can map',
    E2BIG: 'The range lies beyond what the kernel can map',
  },
} as const;

const UNMAP = {
  args: z.strictObject({ pgmap: d.text.describe('As memremap_pages named it') }),
  returns: d.nothing,
  fails: { EINVAL: 'There is no such pagemap, or it is on its way out' },
} as const;

const ref = z.strictObject({ ref: d.text.describe("The driver's name for it") });

const kmemArgs = z
  .strictObject({
    start: d.address.describe('First byte of its data'),
    size: d.bytes.describe('How much'),
    name: d.text.describe('Of the device: dax0.0'),
    node: d.integer.optional().describe("Where the RAM goes; the device's node where left out"),
    memmap_on_memory: d.flag
      .default(false)
      .describe('The RAM may hold its own memmap, where the administrator allows it (6.8)'),
  })
  .meta({ id: 'KmemArgs', description: 'Bytes of a DAX device and its name' });

const pageRun = z.strictObject({
  pfn: d.pfn.describe('First page'),
  end: d.pfn.optional().describe('Past the last page; the next one where it is left out'),
});

export const PAGEMAP_SERVICES = {
  percpu_ref_init: {
    title: "Make a driver's own reference",
    description: 'A percpu reference of the driver: one reference, alive.',
    args: ref,
    returns: d.nothing,
    fails: { EEXIST: 'There is one of that name' },
  },
  percpu_ref_kill: {
    title: "Kill a driver's own reference",
    description: 'Gives up the first reference; no new ones are handed out from now on.',
    args: ref,
    returns: d.nothing,
    fails: { EINVAL: 'It was killed before' },
  },
  wait_for_completion: {
    title: 'Wait for the last user of a reference, or for a completion',
    description: 'Sleeps until a killed reference has no user left, or somebody completed it.',
    args: z.strictObject({
      ref: d.text.optional().describe("The driver's name for a reference"),
      completion: d.text.optional().describe('A completion of init_completion() instead'),
    }),
    returns: d.nothing,
    fails: { EINVAL: 'There is no such completion' },
  },
  percpu_ref_exit: {
    title: "Free a driver's own reference",
    description: 'The reference is gone, whoever holds it.',
    args: ref,
    returns: d.nothing,
    fails: {},
  },
  dev_dax_kmem_probe: {
    title: 'Hand device memory to the kernel',
    description: "A DAX device's data becomes RAM of a node, in whole memory blocks.",
    since: '5.8',
    args: kmemArgs,
    returns: d.nothing,
    fails: {
      ENOSPC: 'There is no whole memory block in it',
      ENOSYS: 'This kernel is too old',
      EINVAL: 'The node is unknown, or the memory lies beyond what the kernel can map',
      EBUSY: 'Another resource has the range',
      EEXIST: 'There is memory already',
      ENOMEM: 'The memmap finds no room',
      E2BIG: 'The memory lies beyond what the kernel can map',
    },
  },
  dev_dax_kmem_remove: {
    title: 'Take device memory back',
    description: 'The memory blocks are removed, as far as they are offline.',
    since: '5.8',
    args: kmemArgs,
    returns: d.nothing,
    fails: { EBUSY: 'A memory block is online', EINVAL: 'There is no such memory' },
  },
  get_page: {
    title: 'Reference pages',
    description: 'One reference for each page of [pfn, end).',
    args: pageRun,
    returns: d.nothing,
    fails: {},
  },
  put_page: {
    title: 'Put references of pages',
    description: 'Gives one reference up for each page of [pfn, end); who had the last frees them.',
    args: pageRun,
    returns: d.nothing,
    fails: { EFAULT: 'A page has no struct page, or no reference' },
  },
  zone_device_page_init: {
    title: 'Ready device pages',
    description: 'Device pages before they are handed out: one reference, locked.',
    since: '6.1',
    args: pageRun.extend({ order: d.order(18).describe('Of the folios they become') }),
    returns: d.nothing,
    fails: {},
  },
  memremap_pages: {
    title: 'Give device memory struct pages',
    description: 'Adds the memory of a pagemap to ZONE_DEVICE; the caller unmaps it.',
    ...MAP,
  },
  devm_memremap_pages: {
    title: 'Give device memory struct pages, until the driver goes',
    description: 'The same for a device, which unmaps it when its driver goes.',
    ...MAP,
  },
  memunmap_pages: {
    title: 'Take struct pages from device memory',
    description: 'Kills the pagemap, waits for the last user of its pages, and removes them.',
    ...UNMAP,
  },
  devm_memunmap_pages: {
    title: 'Take struct pages from device memory before the driver goes',
    description: 'The same for what devm_memremap_pages mapped.',
    ...UNMAP,
  },
  get_dev_pagemap: {
    title: 'Find the pagemap of a page',
    description: 'The pagemap a page belongs to, with a reference on it.',
    args: z.strictObject({
      pfn: d.pfn.describe('The page'),
      cached: d.text
        .nullish()
        .describe('A pagemap this code holds already, in kernels that take one (until 6.17)'),
    }),
    returns: d.text.nullable().describe('null: it is no device page'),
    fails: {},
  },
  put_dev_pagemap: {
    title: 'Put a pagemap',
    description: 'Gives up a reference of get_dev_pagemap.',
    args: UNMAP.args,
    returns: d.nothing,
    fails: { EINVAL: 'It has no such reference' },
  },
} as const;
