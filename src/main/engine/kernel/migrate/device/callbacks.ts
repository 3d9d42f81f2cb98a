import { readMigrateDst } from '../../../../../shared/plugins/services/migration.ts';
import { driverCallback } from '../../device/callback.ts';
import { addressOf } from '../../mm/position.ts';
import { call, fail, failed, operation, type Outcome } from '../../../core/world/operation.ts';
import { migrate_vma_finalize } from './finalize.ts';
import { srcOf } from './migration.ts';
import { migrate_vma_pages } from './pages.ts';
import { migrating } from './runs.ts';
import { collectAndUnmap, type SetupParams } from './setup.ts';

/** migrate_vma() of a driver; `to_device` stands for its `private` argument. */
export interface CallbackParams extends Pick<SetupParams, 'mm' | 'start' | 'size'> {
  readonly device: string;
  readonly to_device: boolean;
}

/**
 * migrate_vma(), 4.14 to 5.3: one call for the whole migration. The driver's `alloc_and_copy` finds
 * and fills the new pages between unmapping and migration, its `finalize_and_map` sees what came of
 * it. Every system or device private page of the range is a source.
 * @returns pages that were migrated
 */
export const migrate_vma = operation<CallbackParams, Outcome<number>>(
  'migrate_vma',
  'mm/migrate.c:migrate_vma',
  function* (k, { device, mm, start, size, to_device }) {
    if (k.facts.era.get('migrate_vma_api') !== 'callbacks') {
      return fail('EOPNOTSUPP', 'model: this kernel has no migrate_vma() with callbacks');
    }
    const range = { mm, start, size, flags: '', pgmap_owner: '', fault_pfn: null, fault_pages: 0 };
    const migration = yield* collectAndUnmap(k, range);
    if (failed(migration)) return migration;
    const { id } = migration;
    const address = addressOf(k, migration.start);
    const common = { mm, start: address, toDevice: to_device };
    const dst = yield* driverCallback(k, device, 'alloc_and_copy', {
      ...common,
      src: migration.src,
    });
    const read = readMigrateDst(Array.isArray(dst) ? dst : []);
    if (typeof read === 'string') return fail('EINVAL', `model: ${read}`);
    const given = read.value;
    const src = yield* call(migrate_vma_pages, { id, dst: given });
    if (failed(src)) return src;
    const result = src;
    yield* driverCallback(k, device, 'finalize_and_map', { ...common, src: result, dst: given });
    const moved = migrating(srcOf(k, id));
    yield* call(migrate_vma_finalize, { id });
    return moved;
  },
  { show: ({ mm, start, size }) => ({ mm, start, size }) },
);
