import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import type { Args, Value } from '../../../../../shared/world/value.ts';
import { driverService, type DriverService } from '../../device/services.ts';
import { migrate_vma } from './callbacks.ts';
import { migrate_device_finalize, migrate_vma_finalize } from './finalize.ts';
import { SELECT, type Migration } from './migration.ts';
import { migrate_device_pages, migrate_vma_pages } from './pages.ts';
import { migrate_device_pfns, migrate_device_range, type PfnRun } from './range.ts';
import { migrating } from './runs.ts';
import { migrate_vma_setup, type SetupParams } from './setup.ts';

const text = (args: Args, name: string): string => (args[name] ?? '') as string;

function vmaArgs(args: Args): SetupParams | string {
  const flags = (args['flags'] ?? []) as readonly Value[];
  const unknown = flags.find((flag) => !(SELECT as readonly Value[]).includes(flag));
  if (unknown !== undefined) return `flags takes of ${SELECT.join(', ')}`;
  return {
    mm: text(args, 'mm'),
    start: args['start'] as bigint,
    size: args['size'] as bigint,
    flags: flags.join('|'),
    pgmap_owner: text(args, 'pgmap_owner'),
    fault_pfn: (args['fault_pfn'] ?? null) as number | null,
    fault_pages: (args['fault_pages'] ?? 1) as number,
  };
}

/** What a driver sees of a migration: its name, and the src array. */
function seen(migration: Migration): Value {
  const { id, start, end, cpages, src } = migration;
  return { id, npages: end - start, cpages, src };
}

const srcSeen = (src: readonly MigrateRun[]): Value => ({
  src: src.map((run) => ({ ...run })),
  cpages: migrating(src),
});

function pfnRuns(value: Value | undefined): PfnRun[] | string {
  const runs: PfnRun[] = [];
  for (const entry of (value ?? []) as readonly Value[]) {
    const { pfn, end } = (entry ?? {}) as Record<string, Value>;
    if (typeof pfn !== 'number' || typeof end !== 'number' || !(pfn < end)) {
      return 'runs takes records { pfn, end } of pages, end exclusive';
    }
    runs.push({ pfn, end });
  }
  return runs;
}

const dstArgs = (args: Args) => ({ id: text(args, 'id'), dst: args['dst'] ?? [] });
const idArgs = (args: Args) => ({ id: text(args, 'id') });

/** Migration of pages to device memory and back, as drivers call it. */
export const migrateServices: readonly DriverService[] = [
  driverService(
    'migrate_vma',
    { mm: 'text', start: 'address', size: 'address', to_device: 'flag' },
    migrate_vma,
    (args, { id }) => ({
      device: id,
      mm: text(args, 'mm'),
      start: args['start'] as bigint,
      size: args['size'] as bigint,
      to_device: args['to_device'] === true,
    }),
  ),
  driverService(
    'migrate_vma_setup',
    {
      ...{ mm: 'text', start: 'address', size: 'address', flags: 'list?' },
      ...{ pgmap_owner: 'text?', fault_pfn: 'count?', fault_pages: 'count?' },
    },
    migrate_vma_setup,
    vmaArgs,
    seen as never,
  ),
  driverService(
    'migrate_vma_pages',
    { id: 'text', dst: 'list' },
    migrate_vma_pages,
    dstArgs,
    srcSeen as never,
  ),
  driverService('migrate_vma_finalize', { id: 'text' }, migrate_vma_finalize, idArgs),
  driverService(
    'migrate_device_range',
    { start: 'count', npages: 'count' },
    migrate_device_range,
    (args) => {
      const pfn = args['start'] as number;
      const npages = args['npages'] as number;
      return npages > 0 ? { pfn, end: pfn + npages } : 'npages takes at least one page';
    },
    seen as never,
  ),
  driverService(
    'migrate_device_pfns',
    { runs: 'list' },
    migrate_device_pfns,
    (args) => {
      const runs = pfnRuns(args['runs']);
      return typeof runs === 'string' ? runs : { runs };
    },
    seen as never,
  ),
  driverService(
    'migrate_device_pages',
    { id: 'text', dst: 'list' },
    migrate_device_pages,
    dstArgs,
    srcSeen as never,
  ),
  driverService('migrate_device_finalize', { id: 'text' }, migrate_device_finalize, idArgs),
];
