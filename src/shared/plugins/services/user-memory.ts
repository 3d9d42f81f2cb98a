/** Memory of processes that drivers hold. */
import { z } from 'zod';
import * as d from '../declaration.ts';

const LAST_PAGE = 2n ** 44n;

const asked = z.strictObject({
  address: d.address.describe('The first page lies here'),
  pages: d.pages.max(2 ** 44).describe('How many'),
  write: d.flag.default(false).describe('The device will write to them'),
  pci_p2pdma: d.flag.default(false).describe('The device can take peer memory (FOLL_PCI_P2PDMA)'),
});

const USER = d.rule<{ address: bigint; pages: number }>(
  ({ address, pages }) => (address >> 12n) + BigInt(pages) <= LAST_PAGE,
  'address is no user address',
);

const userPages = z
  .strictObject({
    pin: d.text.describe('Its name, to give back to unpin_user_pages'),
    pages: d.pageCount.describe('How many are held; fewer than asked where the walk stopped'),
    ranges: d
      .list(z.strictObject({ start: d.pfn, end: d.pfn }))
      .describe('PFNs in the order of the addresses, ends exclusive'),
  })
  .meta({ id: 'UserPages', description: 'Pages that are held' });

const fails = {
  EFAULT: 'A page is not mapped, or not for this access; or the task has no memory',
  EOPNOTSUPP: 'FOLL_LONGTERM on filesystem DAX',
  EINVAL: 'This kernel cannot hold such pages',
  ENOMEM: 'Memory ran out on the way',
  EREMOTEIO: 'Peer memory, which was not asked for',
  EHWPOISON: 'A page is damaged',
  EAGAIN: 'Nothing could be held without sleeping',
} as const;

export const USER_MEMORY_SERVICES = {
  pin_user_pages: {
    title: 'Hold memory of a process for DMA',
    description:
      'Memory of the task that runs this code (or of `task`), by the call of the era: as get_user_pages before 5.6.',
    args: asked
      .extend({
        longterm: d.flag
          .default(false)
          .describe('Until unpinned: FOLL_LONGTERM, which fsdax refuses'),
        fast: d.flag.default(false).describe('Without mmap_lock first'),
        task: d.text.default('').describe('Whose memory, by the name of a task'),
      })
      .refine(...USER),
    returns: userPages,
    fails,
  },
  get_user_pages_fast: {
    title: 'Hold memory of a process for a short time',
    description: 'The same with plain references (FOLL_GET).',
    args: asked
      .refine(...USER)
      .meta({ id: 'UserPagesArgs', description: 'Memory a driver asks for' }),
    returns: userPages,
    fails,
  },
  unpin_user_pages: {
    title: 'Give memory of a process back',
    description: 'Puts what pin_user_pages or get_user_pages_fast holds.',
    args: z.strictObject({
      pin: d.text.describe('As they named it'),
      make_dirty: d.flag.default(false).describe('The device wrote to them'),
    }),
    returns: d.nothing,
    fails: { EINVAL: 'There is no such pin', EFAULT: 'Their memmap is gone' },
  },
} as const;
