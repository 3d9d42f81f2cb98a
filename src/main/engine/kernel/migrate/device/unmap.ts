import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import type { RowOf } from '../../../../../shared/world/tables.ts';
import type { Kernel } from '../../../core/facts.ts';
import { typeName } from '../../pgmap/pagemap.ts';
import { flagList, withFlag } from '../../page/flags.ts';
import { folio_put } from '../../page/page-ref.ts';
import { folio_unlock } from '../../page/page-lock.ts';
import { folio_isolate_lru } from '../isolate.ts';
import { try_to_migrate } from '../try-to-migrate.ts';
import { call, failed, operation, type Operation } from '../../../core/world/operation.ts';
import { faultReference, setSrc, srcOf } from './migration.ts';
import { remove_migration_ptes } from '../remove-migration-ptes.ts';
import { joined, migrating } from './runs.ts';
import { checkPageRefused } from './stays.ts';

interface Run {
  readonly pfn: number;
  readonly end: number;
}

/** PFNs of a run that has pages. */
export function pagesOf({ pfn, count }: MigrateRun): Run {
  const first = pfn ?? 0;
  return { pfn: first, end: first + count };
}

/** Pages of a run that are in the same state, so that one answer holds for them. */
export function alike(k: Kernel, run: MigrateRun): { row: RowOf<'pages'>; run: MigrateRun }[] {
  if (run.pfn === null) return [];
  const first = run.pfn;
  return k.world.overlapping('pages', first, first + run.count).map((row) => {
    const pfn = Math.max(row.start, first);
    const end = Math.min(row.end, first + run.count);
    return { row, run: { ...run, index: run.index + pfn - first, count: end - pfn, pfn } };
  });
}

/** folio_putback_lru(): back on its list. */
function putBackLru(k: Kernel, { pfn, end }: Run): void {
  if (k.world.at('pages', pfn)?.pgmap !== null) return;
  k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withFlag(flags, 'lru') }));
}

/**
 * migrate_vma_check_page(): no references but those of the migration. Device private pages passed
 * without counting until 5.17; a ZONE_DEVICE page may have one more.
 */
function checkPage(k: Kernel, row: RowOf<'pages'>, fault: number): boolean {
  const pgmap = row.pgmap === null ? undefined : k.world.get('pgmaps', row.pgmap);
  const isPrivate = pgmap !== undefined && typeName(pgmap) === 'PRIVATE';
  if (isPrivate && !k.facts.era.get('migrate_check_private')) return true;
  let extra = 1 + fault + (pgmap ? 1 : 0);
  const file = k.world.at('page_mappings', row.start)?.mapping.startsWith('file:') ?? false;
  if (file) extra += 1 + (flagList(row.flags).includes('private') ? 1 : 0);
  return row.refcount - extra <= row.mapcount + 1;
}

/**
 * migrate_device_unmap(): pages come off the LRU and out of every page table that still has them;
 * those with references of others go back to where they were.
 * @returns entries that are still to migrate
 */
export const migrate_device_unmap = operation<{ id: string }, number>(
  (k) => (k.facts.era.get('migrate_device_range') ? 'migrate_device_unmap' : 'migrate_vma_unmap'),
  'mm/migrate_device.c:migrate_device_unmap',
  function* (k, { id }) {
    const migration = k.world.need('migrate_vmas', id);
    const kept: MigrateRun[] = [];
    const restore: MigrateRun[] = [];
    for (const whole of srcOf(k, id)) {
      if (whole.pfn === null) kept.push(whole);
      for (const { run, row } of alike(k, whole)) {
        const pages = pagesOf(run);
        const lru = row.pgmap === null;
        if (lru) {
          if (failed(yield* call(folio_isolate_lru, pages))) {
            restore.push(run);
            continue;
          }
          // The reference of the collection: the isolation has its own.
          yield* call(folio_put, pages);
        }
        if (row.mapcount >= 0) yield* call(try_to_migrate, pages);
        for (const now of alike(k, run)) {
          const held = faultReference(k, migration, now.run.pfn as number);
          if (now.row.mapcount < 0 && checkPage(k, now.row, held)) kept.push(now.run);
          else {
            if (lru) putBackLru(k, pagesOf(now.run));
            yield* stays(now);
            restore.push(now.run);
          }
        }
      }
    }
    setSrc(k, id, joined(kept), migrating(kept));
    for (const run of restore) {
      const pages = pagesOf(run);
      const { pfn } = pages;
      yield* call(remove_migration_ptes, { src: pfn, dst: pfn, pages: run.count });
      const keepsLock = faultReference(k, migration, pfn) > 0 && lockedByFault(k);
      if (!keepsLock) yield* call(folio_unlock, pages);
      yield* call(folio_put, pages);
    }
    return migrating(kept);
  },
);

/** Why a page goes back to where it was. */
function* stays({ row, run }: { row: RowOf<'pages'>; run: MigrateRun }): Operation<void> {
  const { refcount, mapcount } = row;
  const mapped = mapcount >= 0;
  const check = `folio_ref_count(folio) ${refcount} - extra > folio_mapcount(folio) ${mapcount + 1}`;
  const why = mapped ? `folio_mapped(folio), ${check}` : check;
  yield* call(checkPageRefused, { ...pagesOf(run), check: why });
}

/** Does the fault hold the lock of its page, so that the migration leaves it locked? */
export function lockedByFault(k: Kernel): boolean {
  return k.facts.era.get('device_fault_page').startsWith('locked');
}
