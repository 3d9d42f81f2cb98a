import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../../core/facts.ts';
import { withFlag } from '../../page/flags.ts';
import { folio_put } from '../../page/page-ref.ts';
import { folio_unlock } from '../../page/page-lock.ts';
import {
  call,
  fail,
  operation,
  type Operation,
  type Outcome,
} from '../../../core/world/operation.ts';
import { dstOf, faultReference, srcOf, type Migration } from './migration.ts';
import { remove_migration_ptes } from '../remove-migration-ptes.ts';
import { pairs, type Pair } from './runs.ts';
import { alike, lockedByFault, pagesOf } from './unmap.ts';

function* giveBack(run: MigrateRun): Operation<void> {
  yield* call(folio_unlock, pagesOf(run));
  yield* call(folio_put, pagesOf(run));
}

/** folio_add_lru() of pages that are not a device's. */
function addLru(k: Kernel, run: MigrateRun): void {
  for (const { row, run: part } of alike(k, run)) {
    if (row.pgmap !== null) continue;
    const { pfn, end } = pagesOf(part);
    k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withFlag(flags, 'lru') }));
  }
}

function* finalizePair(k: Kernel, migration: Migration, { src, dst }: Pair): Operation<void> {
  if (!src || src.pfn === null) {
    if (dst) yield* giveBack(dst);
    return;
  }
  const moved = src.migrate && dst !== undefined;
  if (!moved && dst) yield* giveBack(dst);
  const to = moved ? dst : src;
  addLru(k, to);
  const pages = src.count;
  yield* call(remove_migration_ptes, { src: src.pfn, dst: to.pfn as number, pages });
  for (const { run } of alike(k, src)) {
    const held = faultReference(k, migration, run.pfn as number) > 0 && lockedByFault(k);
    if (!held) yield* call(folio_unlock, pagesOf(run));
  }
  yield* call(folio_put, pagesOf(src));
  if (moved) yield* giveBack(dst);
}

interface FinalizeParams {
  readonly id: string;
}

/** __migrate_device_finalize(); then the driver's struct migrate_vma is history. */
function* finalize(k: Kernel, { id }: FinalizeParams): Operation<Outcome<void>> {
  const migration = k.world.get('migrate_vmas', id);
  if (!migration) return fail('EINVAL', `model: there is no migration ${id}`);
  for (const pair of pairs(srcOf(k, id), dstOf(k, id))) yield* finalizePair(k, migration, pair);
  k.world.remove('migrate_vmas', id);
  return undefined;
}

const SOURCE = 'mm/migrate_device.c:__migrate_device_finalize';
const OPTIONS = { show: ({ id }: FinalizeParams) => ({ migration: id }) };

/**
 * migrate_vma_finalize(): migration entries map the new pages, or the old ones where nothing came
 * of it; locks and the migration's references go.
 */
export const migrate_vma_finalize = operation('migrate_vma_finalize', SOURCE, finalize, OPTIONS);

/** migrate_device_finalize(): the same for pages that were found by their PFNs. */
export const migrate_device_finalize = operation(
  'migrate_device_finalize',
  SOURCE,
  finalize,
  OPTIONS,
);
