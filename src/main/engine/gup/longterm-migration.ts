import type { KernelFunction, Outcome } from '../world/operation.ts';

/** Pages [pfn, end) of one kind. */
export interface MovedRun {
  readonly pfn: number;
  readonly end: number;
}

/**
 * How pages leave memory in which they may not stay while they are pinned for long. Filled in by
 * who moves them: ordinary pages by engine/migrate, coherent device pages by engine/hmm.
 */
export interface LongtermMigration {
  /** folio_isolate_lru(), isolate_lru_page(): true where the whole run is off its LRU list now. */
  readonly isolate?: KernelFunction<MovedRun, boolean>;
  /** migrate_pages(MR_LONGTERM_PIN) of isolated pages, to memory that may be pinned. */
  readonly migrate_pages?: KernelFunction<{ runs: readonly MovedRun[] }, Outcome<void>>;
  /** putback_movable_pages(): what did not move goes back to its list. */
  readonly putback?: KernelFunction<{ runs: readonly MovedRun[] }, void>;
  /** migrate_device_coherent_folio(), _page() before: to system memory; the caller holds one reference. */
  readonly migrate_device_coherent?: KernelFunction<MovedRun, Outcome<void>>;
}

let migration: LongtermMigration = {};

/** Adds to what is known; later entries replace earlier ones. */
export function registerLongtermMigration(more: LongtermMigration): void {
  migration = { ...migration, ...more };
}

export function longtermMigration(): LongtermMigration {
  return migration;
}
