/** What the kernel calls of a driver, and so of a hardware model: each callback once. */
import { z } from 'zod';
import * as d from './declaration.ts';
import { migrateDsts, migrateRuns } from './services/migration.ts';

/**
 * One callback; its key is the newest kernel's name, under which a manifest lists it whatever the
 * kernel of the run calls it. The engine's calls, the check of manifests, the public types and the
 * reference follow.
 */
export interface CallbackDeclaration {
  /** A few words. */
  readonly title: string;
  /** One or two sentences: when it is called, and what it has to do. */
  readonly description: string;
  /** Its name in older kernels. */
  readonly was?: string;
  /** First kernel that calls it and first that does no more, where these are modelled. */
  readonly since?: string;
  readonly until?: string;
  readonly args: z.ZodObject;
  /** What it returns where it does not fail; nothing that anybody looks at, where it is void. */
  readonly returns: z.ZodType;
}

/** vm_fault_t of a driver that could not help (include/linux/mm_types.h:enum vm_fault_reason). */
export const VM_FAULTS = [
  'VM_FAULT_SIGBUS',
  'VM_FAULT_OOM',
  'VM_FAULT_RETRY',
  'VM_FAULT_HWPOISON',
] as const;

const pgmap = d.text.describe('The pagemap, as memremap_pages named it');
const REFERENCE = z.strictObject({
  pgmap,
  ref: d.text.describe('The reference the driver brought'),
});
const order = d.integer.describe('The folio that `pfn` is in has 2^order pages');
const MIGRATION = z.strictObject({
  mm: d.text.describe('The address space'),
  start: d.address.describe('Where the range begins'),
  toDevice: d.flag.describe('As migrate_vma was asked'),
  src: migrateRuns.describe('The pages collected'),
});

export const CALLBACKS = {
  probe: {
    title: 'The device was found',
    description:
      'Called once after the boot. The driver binds to the device, unless it returns an errno.',
    args: z.strictObject({}),
    returns: d.nothing,
  },
  folio_free: {
    title: 'Pages that nobody holds any more',
    description: 'They are the driver’s again. Called for a run of folios at a time.',
    was: 'page_free',
    args: z.strictObject({
      pgmap,
      pfn: d.pfn.describe('First page'),
      end: d.pfn.describe('Past the last page'),
      order: d.integer.describe('The folios have 2^order pages'),
    }),
    returns: d.nothing,
  },
  migrate_to_ram: {
    title: 'The CPU faulted on private pages',
    description:
      'The pages have to be in RAM when it returns. Called for a run of equal faults at a time.',
    was: 'page_fault',
    args: z.strictObject({
      mm: d.text.describe('The address space'),
      address: d.address.describe('Of the first fault'),
      pages: d.pages.describe('How many'),
      pfn: d.pfn.describe('The first page'),
      order,
      write: d.flag.describe('The accesses write'),
    }),
    returns: z
      .union([z.literal(0), z.enum(VM_FAULTS)])
      .describe('vm_fault_t; 0: the access is tried again'),
  },
  folio_split: {
    title: 'A large folio of private pages was split',
    description: 'Its pages are small ones now.',
    args: z.strictObject({
      pfn: d.pfn.describe('First page'),
      end: d.pfn.describe('Past the last page'),
    }),
    returns: d.nothing,
  },
  memory_failure: {
    title: 'A page is damaged',
    description:
      'The driver tells who uses it. With -EOPNOTSUPP it leaves that to the core, which kills who maps it.',
    since: '6.0',
    args: z.strictObject({
      pgmap,
      pfn: d.pfn.describe('The page'),
      nr_pages: d.pages.describe('How many'),
    }),
    returns: d.nothing,
  },
  kill: {
    title: 'Kill the driver’s own reference',
    description: 'Of a pagemap whose driver brought a reference: no new user from now on.',
    since: '5.0',
    until: '5.17',
    args: REFERENCE,
    returns: d.nothing,
  },
  cleanup: {
    title: 'Wait for the driver’s own reference',
    description: 'Of a pagemap whose driver brought a reference: until its last user is gone.',
    since: '5.2',
    until: '5.17',
    args: REFERENCE,
    returns: d.nothing,
  },
  alloc_and_copy: {
    title: 'Pages of a migration were collected',
    description: 'The driver allocates destinations and copies. Called by migrate_vma.',
    since: '4.14',
    until: '5.4',
    args: MIGRATION,
    returns: migrateDsts.describe('The dst array'),
  },
  finalize_and_map: {
    title: 'Pages of a migration changed places',
    description: 'The driver updates its own page table. Called by migrate_vma.',
    since: '4.14',
    until: '5.4',
    args: MIGRATION.extend({ dst: migrateDsts.describe('As alloc_and_copy returned it') }),
    returns: d.nothing,
  },
  engine: {
    title: 'An engine of the device works',
    description:
      'Of work that device_engine_start() gave it. It plays the hardware: others run beside it between two of its requests.',
    args: z.strictObject({
      engine: d.text.describe('Which engine'),
      work: d.integer.describe('Which work'),
    }),
    returns: d.nothing,
  },
  irq_handler: {
    title: 'An interrupt came',
    description: 'Of an interrupt that the driver requested.',
    args: z.strictObject({ irq: d.integer.describe('Its number') }),
    returns: d.nothing,
  },
  memory_notifier: {
    title: 'Memory goes online or offline',
    description:
      'Of a notifier that register_memory_notifier() put on the chain, for memory of anybody. NOTIFY_BAD or a negative errno of a MEM_GOING_* forbids it.',
    args: z.strictObject({
      action: z
        .enum([
          'MEM_GOING_ONLINE',
          'MEM_ONLINE',
          'MEM_CANCEL_ONLINE',
          'MEM_GOING_OFFLINE',
          'MEM_OFFLINE',
          'MEM_CANCEL_OFFLINE',
        ])
        .describe('What happens'),
      start_pfn: d.pfn.describe('First page'),
      nr_pages: d.pages.describe('How many'),
    }),
    returns: z.union([z.literal(0), z.enum(['NOTIFY_BAD'])]).describe('0: go on'),
  },
  online_page: {
    title: 'Pages of a memory block go online',
    description:
      'Of the driver that called set_online_page_callback(), for memory of anybody: it hands pages to generic_online_page(), or keeps them. Called for a run of pages at a time.',
    args: z.strictObject({
      pfn: d.pfn.describe('First page'),
      end: d.pfn.describe('Past the last page'),
    }),
    returns: d.nothing,
  },
  invalidate: {
    title: 'A mirrored range is about to change',
    description:
      'Of a notifier, and so in no `ops`: entries of the CPU’s page table change or go as soon as it returns.',
    args: z.strictObject({
      notifier: d.text.describe('As mmu_interval_notifier_insert named it'),
      start: d.address.describe('First byte'),
      size: d.bytes.describe('How much'),
      event: d.text.describe('MMU_NOTIFY_* without the prefix'),
      owner: d.text.describe('Who migrates, where it is a migration'),
      cur_seq: d.integer.describe('For mmu_interval_set_seq'),
    }),
    returns: d.nothing,
  },
} as const satisfies Readonly<Record<string, CallbackDeclaration>>;

export type CallbackName = keyof typeof CALLBACKS;
export type CallbackArgs<N extends CallbackName> = Readonly<
  z.output<(typeof CALLBACKS)[N]['args']>
>;

export const CALLBACK_NAMES = Object.keys(CALLBACKS) as CallbackName[];
