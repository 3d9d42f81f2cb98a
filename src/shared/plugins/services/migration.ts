/** Migration of pages to device memory and back. */
import { z } from 'zod';
import { valueReader } from '../arguments.ts';
import * as d from '../declaration.ts';

/** MIGRATE_VMA_SELECT_*: what may be a source. */
export const SELECT = ['system', 'device_private', 'device_coherent', 'compound'] as const;

const index = d.pageCount.describe('First page of the run, from the beginning of the range');
const count = d.pageCount.describe('How many pages');

const migrateRun = z
  .strictObject({
    index,
    count,
    pfn: d.pfn.nullable().describe('It grows with the page; null where there is no page'),
    migrate: d.flag.describe(
      'MIGRATE_PFN_MIGRATE: to be migrated, or (after the pages changed places) migrated',
    ),
    write: d.flag.describe('MIGRATE_PFN_WRITE'),
    compound: d.flag.describe('MIGRATE_PFN_COMPOUND: whole folios of the PMD size'),
  })
  .meta({
    id: 'MigrateRun',
    description:
      'Equal entries of a src or dst array of migrate_vma. Entries that no run covers are 0',
  });

/** A src array. */
export const migrateRuns = d.list(migrateRun);

const migrateDst = z
  .strictObject({
    index: z.int().min(0).describe('First page of the run, from the beginning of the range'),
    count: d.pages.describe('How many pages'),
    pfn: d.pfn.describe('It grows with the page'),
    write: d.flag.optional().describe('MIGRATE_PFN_WRITE'),
    compound: d.flag.optional().describe('MIGRATE_PFN_COMPOUND'),
    migrate: d.flag.optional().describe('Not looked at'),
  })
  .meta({
    id: 'MigrateDst',
    description: 'A destination: RAM or device memory, locked, with the contents copied',
  });
export type MigrateDst = Readonly<z.output<typeof migrateDst>>;

/** A dst array. */
export const migrateDsts = d.list(migrateDst);

/** Checks one that a callback returned. */
export const readMigrateDst = valueReader('dst', migrateDsts);

const migration = z
  .strictObject({
    id: d.text.describe('Its name until it is finalized'),
    npages: d.pageCount.describe('Pages of the range'),
    cpages: d.pageCount.describe('Pages collected'),
    src: migrateRuns,
  })
  .meta({ id: 'Migration', description: 'struct migrate_vma' });

const id = z.strictObject({ id: d.text.describe('The migration') });
const mm = d.text.describe('The address space, as get_task_mm named it');
const start = d.address.describe('Where the range begins');
const size = d.bytes.describe('How much');
const unknown = { EINVAL: 'There is no such migration' } as const;

const PAGES = {
  args: id.extend({ dst: migrateDsts.describe('In any order, no page twice') }),
  returns: z.strictObject({
    src: migrateRuns.describe('Sources that could not be migrated have lost `migrate`'),
    cpages: d.pageCount.describe('Pages migrated'),
  }),
  fails: { EINVAL: 'There is no such migration, or dst does not fit it' },
} as const;

const select = z
  .enum(SELECT)
  .meta({ id: 'MigrateSelect', description: 'MIGRATE_VMA_SELECT_*: what may be a source' });

const NOT_YET = { EOPNOTSUPP: 'This kernel does not have it' } as const;

export const MIGRATION_SERVICES = {
  migrate_vma: {
    title: 'Migrate a range with callbacks',
    description:
      "The whole migration, before there was a setup: the device's `alloc_and_copy`, which returns a dst array, and `finalize_and_map` are called on the way. Gives the pages moved.",
    since: '4.14',
    until: '5.4',
    args: z.strictObject({
      ...{ mm, start, size },
      to_device: d.flag.describe('To device memory, not back to RAM'),
    }),
    returns: d.pageCount,
    fails: { EOPNOTSUPP: 'This kernel has no migrate_vma with callbacks', EINVAL: 'No such range' },
  },
  migrate_vma_setup: {
    title: 'Begin a migration of a range',
    description:
      'Collects, locks and unmaps the pages of a range of one VMA; the caller holds mmap_lock.',
    since: '5.4',
    args: z.strictObject({
      ...{ mm, start, size },
      flags: d.list(select).default([]).describe('MIGRATE_VMA_SELECT_*'),
      pgmap_owner: d.text.default('').describe('Whose device pages may be sources'),
      fault_pfn: d.pfn.optional().describe('The page whose fault the driver handles'),
      fault_pages: d.integer.default(1).describe('How many such pages from it on'),
    }),
    returns: migration,
    fails: { EINVAL: 'The range is not in one VMA, or its pages cannot be migrated' },
  },
  migrate_vma_pages: {
    title: 'Let the pages change places',
    description: 'The struct pages change places, as far as nobody else holds them.',
    ...PAGES,
  },
  migrate_vma_finalize: {
    title: 'End a migration',
    description: 'Puts the mappings back, on the new pages or the old, and unlocks them.',
    args: id,
    returns: d.nothing,
    fails: unknown,
  },
  migrate_device_range: {
    title: 'Begin a migration of device pages',
    description: 'Device pages by PFN, whoever maps them, such as all before the driver goes.',
    since: '6.1',
    args: z.strictObject({
      start: d.pfn.describe('First page'),
      npages: d.pages.describe('How many'),
    }),
    returns: migration,
    fails: NOT_YET,
  },
  migrate_device_pfns: {
    title: 'Begin a migration of scattered device pages',
    description: 'The same for several runs.',
    since: '6.1',
    args: z.strictObject({ runs: d.list(d.pfnRun).describe('In any order') }),
    returns: migration,
    fails: NOT_YET,
  },
  migrate_device_pages: {
    title: 'Let device pages change places',
    description: 'As migrate_vma_pages, for migrate_device_range.',
    ...PAGES,
  },
  migrate_device_finalize: {
    title: 'End a migration of device pages',
    description: 'As migrate_vma_finalize, for migrate_device_range.',
    args: id,
    returns: d.nothing,
    fails: unknown,
  },
} as const;
