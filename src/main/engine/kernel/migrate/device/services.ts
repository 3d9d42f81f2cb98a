import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import { MIGRATION_SERVICES } from '../../../../../shared/plugins/services/migration.ts';
import { asGiven, driverServices, serve } from '../../device/services.ts';
import { migrate_vma } from './callbacks.ts';
import { migrate_device_finalize, migrate_vma_finalize } from './finalize.ts';
import type { Migration } from './migration.ts';
import { migrate_device_pages, migrate_vma_pages } from './pages.ts';
import { migrate_device_pfns, migrate_device_range } from './range.ts';
import { migrating } from './runs.ts';
import { migrate_vma_setup } from './setup.ts';

/** What a driver sees of a migration: its name, and the src array. */
const seen = ({ id, start, end, cpages, src }: Migration) => ({
  ...{ id, npages: end - start, cpages, src },
});

const migrated = (src: readonly MigrateRun[]) => ({ src, cpages: migrating(src) });

/** Migration of pages to device memory and back, as drivers call it. */
export const migrateServices = driverServices(MIGRATION_SERVICES, {
  migrate_vma: serve(migrate_vma, (args, { id }) => ({ ...args, device: id })),
  migrate_vma_setup: serve(
    migrate_vma_setup,
    ({ flags, fault_pfn, ...args }) => {
      return { ...args, flags: flags.join('|'), fault_pfn: fault_pfn ?? null };
    },
    seen,
  ),
  migrate_vma_pages: serve(migrate_vma_pages, asGiven, migrated),
  migrate_vma_finalize: serve(migrate_vma_finalize),
  migrate_device_range: serve(
    migrate_device_range,
    ({ start, npages }) => ({ pfn: start, end: start + npages }),
    seen,
  ),
  migrate_device_pfns: serve(migrate_device_pfns, asGiven, seen),
  migrate_device_pages: serve(migrate_device_pages, asGiven, migrated),
  migrate_device_finalize: serve(migrate_device_finalize),
});
