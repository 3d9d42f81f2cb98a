import type { KernelFunction, Outcome } from '../world/operation.ts';

/** Pages [pfn, end) of one kind. */
export interface MovedRun {
  readonly pfn: number;
  readonly end: number;
}

type MigrateCoherent = KernelFunction<MovedRun, Outcome<void>>;

const known: { migrate: MigrateCoherent | undefined } = { migrate: undefined };

/**
 * migrate_device_coherent_folio(), _page() before: coherent device pages to system memory; the
 * caller holds one reference on each, which is gone then. Made known by engine/migrate/device.
 */
export function registerCoherentMigration(migrate: MigrateCoherent): void {
  known.migrate = migrate;
}

export function coherentMigration(): MigrateCoherent | undefined {
  return known.migrate;
}
