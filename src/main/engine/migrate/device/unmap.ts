import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../facts.ts';
import { typeName } from '../../pgmap/pagemap.ts';
import { mappingsOf } from '../../mm/rmap-index.ts';
import { isDevicePrivate, isMigration, present } from '../../mm/pte.ts';
import { isAnonPage, removeRmap } from '../../mm/rmap.ts';
import { flagList, withFlag, withoutFlag } from '../../page/flags.ts';
import { folio_put } from '../../page/page-ref.ts';
import { coversPages } from '../../page/page-runs.ts';
import { folio_unlock } from '../../page/page-lock.ts';
import { call, leaf, operation } from '../../world/operation.ts';
import { migrationEntry } from './collect.ts';
import { faultReference, setSrc, srcOf } from './migration.ts';
import { remove_migration_ptes } from './remove-migration-ptes.ts';
import { joined, migrating, type MigrateRun } from './runs.ts';
import { isMirror } from './split.ts';

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

/**
 * folio_isolate_lru(): off its LRU list; false where it is on none. The reference it takes is the
 * one that the collection gives back: counts stay.
 */
const folio_isolate_lru = leaf<Run, boolean>(
  (k) => k.facts.era.get('isolate_lru'),
  'mm/vmscan.c:folio_isolate_lru',
  (k, { pfn, end }) => {
    if (!flagList(k.world.at('pages', pfn)?.flags ?? '').includes('lru')) return false;
    k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withoutFlag(flags, 'lru') }));
    return true;
  },
  { covers: coversPages },
);

/** folio_putback_lru(): back on its list. */
export function putBackLru(k: Kernel, { pfn, end }: Run): void {
  if (k.world.at('pages', pfn)?.pgmap !== null) return;
  k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withFlag(flags, 'lru') }));
}

/**
 * try_to_migrate(): every other mapping of the pages becomes a migration entry too, and its
 * reference goes. Entries exclusive to a process whose page may be pinned stay as they are.
 */
const try_to_migrate = leaf<Run, void>(
  (k) => k.facts.era.get('try_to_migrate'),
  'mm/rmap.c:try_to_migrate',
  (k, { pfn, end }) => {
    for (const mapping of mappingsOf(k, pfn, end)) {
      const { entry, start, end: to } = mapping;
      if (isMirror(entry) || isMigration(entry)) continue;
      if (!present(entry) && !isDevicePrivate(entry)) continue;
      const write =
        entry.kind === 'device_private_write' || entry.flags.split('|').includes('write');
      k.world.set('ptes', start, to, {
        mm: entry.mm,
        level: entry.level,
        pfn: mapping.pfn,
        ...migrationEntry(k, entry, write),
      });
      removeRmap(k, mapping.pfn, mapping.pfn + to - start);
      k.world.update('pages', mapping.pfn, mapping.pfn + to - start, (row) => ({
        refcount: row.refcount - 1,
      }));
    }
  },
  { covers: coversPages },
);

/**
 * migrate_vma_check_page(): no references but those of the migration. Device private pages passed
 * without counting until 5.17; a ZONE_DEVICE page may have one more.
 */
export function checkPage(k: Kernel, row: RowOf<'pages'>, fault: number): boolean {
  const pgmap = row.pgmap === null ? undefined : k.world.get('pgmaps', row.pgmap);
  const isPrivate = pgmap !== undefined && typeName(pgmap) === 'PRIVATE';
  if (isPrivate && !k.facts.era.get('migrate_check_private')) return true;
  let extra = 1 + fault + (pgmap ? 1 : 0);
  const file = row.pgmap === null && !isAnonPage(k, row.start);
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
        if (lru && !(yield* call(folio_isolate_lru, pages))) {
          k.note('!folio_isolate_lru()');
          restore.push(run);
          continue;
        }
        if (row.mapcount >= 0) yield* call(try_to_migrate, pages);
        for (const now of alike(k, run)) {
          const held = faultReference(k, migration, now.run.pfn as number);
          if (now.row.mapcount < 0 && checkPage(k, now.row, held)) kept.push(now.run);
          else {
            if (lru) putBackLru(k, pagesOf(now.run));
            k.note('folio_mapped() or !migrate_vma_check_page()');
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

/** Does the fault hold the lock of its page, so that the migration leaves it locked? */
export function lockedByFault(k: Kernel): boolean {
  return k.facts.era.get('device_fault_page') === 'locked';
}
