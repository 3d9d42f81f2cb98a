/** Mirrors of address spaces, and the device memory and files that go with them. */
import { z } from 'zod';
import * as d from '../declaration.ts';

/** How an entry of a device's page table may be used. */
export const TABLE_TAGS = ['', 'write', 'atomic'] as const;

const notifier = d.text.describe('As mmu_interval_notifier_insert named it');
const mm = d.text.describe('The address space, as get_task_mm named it');
const NOTIFIER = z.strictObject({ notifier });

const tableRange = z
  .strictObject({
    notifier,
    address: d.address.describe('First byte'),
    pages: d.pages.describe('How many'),
  })
  .meta({ id: 'TableRange', description: 'Pages of an address space a notifier covers' });

const index = d.pageCount.describe('First page of the run, from the beginning of the range');

const tableRun = z
  .strictObject({
    index,
    pages: d.pageCount.describe('How many'),
    pfn: d.pfn,
    zero: d.flag.describe('The zero page'),
    tag: z.enum(TABLE_TAGS).describe("'': for reading"),
  })
  .meta({ id: 'TableRun', description: "Equal entries of a device's page table" });

const hmmRun = z
  .strictObject({
    index,
    count: d.pageCount.describe('How many pages'),
    state: z.enum(['none', 'error', 'valid']),
    pfn: d.pfn.nullable().describe('null: none, or the zero page'),
    write: d.flag.describe('HMM_PFN_WRITE'),
    zero: d.flag.describe('The zero page'),
    order: d.integer.describe('Of the entry that maps it'),
  })
  .meta({ id: 'HmmRun', description: 'Equal entries of hmm_pfns' });

const hmmDevmem = z
  .strictObject({
    pgmap: d.text.describe('The pagemap'),
    start: d.address.describe('First byte'),
    end: d.address.describe('Last byte'),
  })
  .meta({ id: 'HmmDevmem', description: 'What hmm_devmem_add gives' });

const unknown = { EINVAL: 'There is no such notifier' } as const;
const noTable = { EINVAL: 'No notifier with a page table covers the range' } as const;
const prot = z.enum(['read', 'write']);
const devmem = {
  ...{ EOPNOTSUPP: 'This kernel does not have it', ERANGE: 'No free range is large enough' },
  ENXIO: 'The architecture has no device pages',
} as const;

export const MIRROR_SERVICES = {
  mmu_interval_notifier_insert: {
    title: 'Mirror an address space',
    description:
      "From now on this device's `invalidate` is called before entries of the range change. With it comes a page table of the device's own that xa_store and its kin fill, and that the window shows beside the CPU's.",
    args: z.strictObject({
      mm,
      start: d.address.default(0n).describe('Where the range begins'),
      size: d.bytes.default(0n).describe('How much; 0: to the end'),
      page_table: d.flag.default(true).describe('With a page table of its own'),
    }),
    returns: z.strictObject({ notifier: d.text.describe('Its name') }),
    fails: {
      EINVAL: 'There is no such address space',
      EOVERFLOW: 'The range reaches past the end',
      ENOMEM: 'There are too many address spaces',
    },
  },
  mmu_interval_notifier_remove: {
    title: 'End a mirror',
    description: 'Waits for invalidations that run; the page table goes too.',
    args: NOTIFIER,
    returns: d.nothing,
    fails: unknown,
  },
  mmu_interval_set_seq: {
    title: 'Note an invalidation',
    description: 'What `invalidate` does with its `cur_seq`.',
    args: NOTIFIER.extend({ cur_seq: d.integer.describe('As `invalidate` got it') }),
    returns: d.nothing,
    fails: unknown,
  },
  mmu_interval_read_begin: {
    title: 'Begin to read a mirrored range',
    description: "Sleeps while an invalidation of the notifier's range runs. Gives its sequence.",
    args: NOTIFIER,
    returns: d.integer,
    fails: unknown,
  },
  mmu_interval_read_retry: {
    title: 'Ask whether what was read still holds',
    description: 'Whether the range was invalidated since mmu_interval_read_begin.',
    args: NOTIFIER.extend({ seq: d.integer.describe('As mmu_interval_read_begin gave it') }),
    returns: d.flag,
    fails: unknown,
  },
  hmm_range_fault: {
    title: "Read the CPU's page table",
    description:
      "What the CPU's page table has, in runs; pages can be faulted in first. The caller holds mmap_lock.",
    args: tableRange.extend({
      notifier_seq: d.integer.describe('As mmu_interval_read_begin gave it'),
      default_flags: d
        .list(z.enum(['fault', 'write']))
        .default([])
        .describe('HMM_PFN_REQ_*'),
      dev_private_owner: d.text.default('').describe('Whose private pages are given as they are'),
    }),
    returns: d.list(hmmRun),
    fails: {
      EBUSY: 'The range was invalidated since mmu_interval_read_begin',
      EFAULT: 'A page cannot be faulted in',
      EPERM: 'A page may not be written',
      EINVAL: 'There is no such notifier',
    },
  },
  make_device_exclusive: {
    title: 'Keep the CPU from pages',
    description:
      'The CPU faults on them until the device gives them up. They come back locked and referenced: unlock_page and put_page them.',
    since: '5.14',
    args: z.strictObject({
      mm,
      address: d.address.describe('First byte'),
      pages: d.pageCount.describe('How many'),
      owner: d.text.default('').describe('Who is spared its own invalidation'),
    }),
    returns: d.list(z.strictObject({ index, pages: d.pageCount, pfn: d.pfn })),
    fails: {
      EOPNOTSUPP: 'This kernel does not have it, or a page is not anonymous',
      EFAULT: 'A page is not mapped for writing',
      EBUSY: 'Somebody else changed the entry',
    },
  },
  hmm_devmem_add: {
    title: 'Give memory the CPU cannot address struct pages',
    description: 'Finds a place for it and maps it.',
    since: '4.14',
    until: '5.3',
    args: z.strictObject({ size: d.bytes.describe('How much') }),
    returns: hmmDevmem,
    fails: devmem,
  },
  hmm_devmem_add_resource: {
    title: 'Give memory the CPU can address struct pages',
    description: 'Maps a resource described as DEVICE_PUBLIC_MEMORY.',
    since: '4.14',
    until: '5.3',
    args: d.range,
    returns: hmmDevmem,
    fails: { ...devmem, EINVAL: 'The resource is described otherwise' },
  },
  ksys_mmap_pgoff: {
    title: "Let a process map the device's file",
    description: 'The VMA, private, empty; the driver fills it.',
    args: z.strictObject({
      mm,
      address: d.address.describe('Where'),
      pages: d.pages.describe('How many'),
      prot: d.list(prot).default([]).describe('PROT_*'),
    }),
    returns: d.nothing,
    fails: {
      EINVAL: 'There is no such address space, or the address is inside a page',
      ENOMEM: 'The address is beyond user space',
      EEXIST: 'Something is mapped there',
    },
  },
  vm_insert_page: {
    title: 'Map pages of the driver',
    description: 'Ordinary pages into such a VMA; each gets a reference, the driver puts its own.',
    args: d.pfnRun.safeExtend({ mm, address: d.address.describe('Where the first page goes') }),
    returns: d.nothing,
    fails: {
      EFAULT: 'They lie outside the VMA',
      EINVAL: 'They are free or anonymous pages',
      EBUSY: 'Something is mapped there',
    },
  },
  xa_store: {
    title: "Fill the device's page table",
    description: "Entries of the device's own page table; without `pfn` they map the zero page.",
    args: tableRange.extend({
      pfn: d.pfn.optional().describe('It grows with the page'),
      tag: z.enum(TABLE_TAGS).default('').describe("'': for reading"),
    }),
    returns: d.nothing,
    fails: noTable,
  },
  xa_erase: {
    title: "Clear the device's page table",
    description: 'The entries of the range are gone.',
    args: tableRange,
    returns: d.nothing,
    fails: noTable,
  },
  xa_load: {
    title: "Read the device's page table",
    description: 'The entries of the range, in runs.',
    args: tableRange,
    returns: d.list(tableRun),
    fails: noTable,
  },
} as const;
