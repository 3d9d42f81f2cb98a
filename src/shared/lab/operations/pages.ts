/** What is done to pages by number. */
import { z } from 'zod';
import { count, pages, pfn } from '../quantity.ts';
import { text } from '../words.ts';
import { flag, rule, type OperationDeclaration } from './declaration.ts';

/** What holds the pages: the kernel itself, a process, or a process whose pages someone pins. */
export const PAGE_USES = ['kernel', 'process', 'pinned'] as const;

/** Allocation flags that a lab may name, and what may be added to them with `|`. */
export const GFP_KINDS = [
  'GFP_KERNEL',
  'GFP_USER',
  'GFP_HIGHUSER',
  'GFP_HIGHUSER_MOVABLE',
  'GFP_DMA32',
  'GFP_DMA',
] as const;
export const GFP_MODIFIERS = ['__GFP_RECLAIMABLE', '__GFP_THISNODE'] as const;

const gfp = new RegExp(`^(${GFP_KINDS.join('|')})( *\\| *(${GFP_MODIFIERS.join('|')}))*$`);

const REFERENCES = z.strictObject({
  pfn: pfn.describe('The first page'),
  pages: pages.default(1).describe('How many pages'),
  refs: count.default(1).describe('References on each of them'),
});

type AllocPages = {
  order?: number | undefined;
  gfp?: string | undefined;
  node?: number | undefined;
  pages?: number | undefined;
  pfn?: number | undefined;
  use?: string | undefined;
};

export const PAGES = {
  'alloc-pages': {
    title: 'Allocate pages',
    description:
      'alloc_pages(): one block of 2^order pages, or as many as make `pages`. With `pfn`, which no kernel interface has, these very pages get a user.',
    by: 'kernel',
    args: z
      .strictObject({
        order: count.optional().describe('Each block has 2^order pages; 0 where it is left out'),
        pages: pages.optional().describe('How many in all, a multiple of 2^order'),
        gfp: text
          .regex(gfp, `one of ${GFP_KINDS.join(', ')}, with |${GFP_MODIFIERS.join(' or |')}`)
          .optional()
          .describe('Flags; GFP_KERNEL where it is left out'),
        node: count.optional().describe('The node asked first; the nearest with memory otherwise'),
        pfn: pfn.optional().describe('The first page, where the lab chooses the place'),
        use: z
          .enum(PAGE_USES)
          .optional()
          .describe('With `pfn`: what holds them; `kernel` where it is left out'),
      })
      .refine(
        ...rule<AllocPages>(
          (args) =>
            args.pfn === undefined
              ? args.use === undefined
              : (args.order ?? args.gfp ?? args.node) === undefined,
          '`use` goes with `pfn`; `order`, `gfp` and `node` go without it',
          'pfn',
        ),
      )
      .refine(
        ...rule<AllocPages>(
          ({ order = 0, pages: wanted = 2 ** order }) => wanted > 0 && wanted % 2 ** order === 0,
          'a multiple of 2^order, and not 0',
          'pages',
        ),
      ),
    returns: {
      pfn: pfn.describe('First page of the first block'),
      pages: pages.describe('Pages in all'),
      ranges: z
        .array(z.strictObject({ pfn, end: pfn }))
        .describe('Where all of them are, in the order they were taken, ends exclusive'),
      node: count.describe('Node of the first'),
      zone: text.describe('Zone of the first'),
    },
    fails: {
      ENOMEM: 'No block that large above the min watermark',
      EBUSY: 'With `pfn`: a page is not free',
      EINVAL: 'There is no such node; or pages for the kernel in ZONE_MOVABLE',
    },
    example: '{ do: alloc-pages, order: 3, gfp: GFP_DMA, expect: { pages: 8 } }',
  },
  'free-pages': {
    title: 'Free pages',
    description: '__free_pages() of a block of 2^order pages, or of `pages` from `pfn` on.',
    by: 'kernel',
    args: z.strictObject({
      pfn: pfn.describe('The first page'),
      order: count.optional().describe('They were allocated in blocks of 2^order'),
      pages: pages.optional().describe('How many; 2^order where it is left out'),
    }),
    returns: {},
    fails: { EINVAL: 'A page is not allocated, or belongs to a device' },
    example: 'free-pages: { pfn: 0x1000, order: 3 }',
  },
  'get-page': {
    title: 'Take references',
    description: 'get_page(): whoever the actor is holds these pages from now on.',
    by: 'kernel',
    args: REFERENCES,
    returns: {},
    fails: { EINVAL: 'These pages have no struct page' },
    example: 'get-page: { pfn: 0x1000, pages: 4 }',
  },
  'put-page': {
    title: 'Give references back',
    description: 'put_page(): the last one frees the page.',
    by: 'kernel',
    args: REFERENCES,
    returns: {},
    fails: { EINVAL: 'These pages have no struct page' },
    example: 'put-page: { pfn: 0x1000, pages: 4 }',
  },
  'power-failure': {
    title: 'The power fails',
    description:
      'Of persistent memory stays what its media hold. The lab goes on with the same kernel in place of the next boot (model).',
    by: 'administrator',
    args: z.strictObject({}),
    returns: { lost: pages.describe('Pages whose newest contents are lost') },
    fails: {},
    example: 'power-failure: {}',
  },
  'memory-failure': {
    title: 'Memory goes bad',
    description: 'memory_failure() of one page, or soft_offline_page() of one that begins to fail.',
    by: 'kernel',
    args: z.strictObject({
      pfn: pfn.describe('The page'),
      soft: flag.describe('It begins to fail: its contents can still be moved'),
    }),
    returns: {},
    fails: {
      ENXIO: 'There is no such page',
      EIO: 'Soft: it is not online memory',
      EBUSY: 'It is in use, and nothing recovers it',
    },
    example: 'memory-failure: { pfn: 0x1000 }',
  },
  compact: {
    title: 'Compact a node',
    description: 'A write to /sys/devices/system/node/nodeN/compact.',
    by: 'administrator',
    args: z.strictObject({ node: count.default(0).describe('The node') }),
    returns: { moved: pages.describe('Pages that moved') },
    fails: { ENODEV: 'There is no such node' },
    example: 'compact: { node: 0 }',
  },
  'walk-max-pfn': {
    title: 'Walk all pages up to max_pfn',
    description:
      'What code that trusts max_pfn would see at this point, as /proc/kpageflags has been; changes nothing.',
    by: 'any',
    args: z.strictObject({}),
    returns: {
      max_pfn: pfn.describe('Where the walk ends'),
      valid: pages.describe('Pages below for which pfn_valid() is true'),
      online: pages.describe('Of these, pages pfn_to_online_page() finds'),
      device: pages.describe('Of these, struct pages of ZONE_DEVICE'),
      device_hidden: pages.describe('Struct pages of ZONE_DEVICE above, which it never sees'),
      required_dma_bits: count.describe('Address bits DMA seems to need'),
    },
    fails: {},
    example: '{ do: walk-max-pfn, expect: { device_hidden: 0 } }',
  },
} satisfies Record<string, OperationDeclaration>;
