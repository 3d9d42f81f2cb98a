import type { MigrateDst } from '../../../../../shared/plugins/services/migration.ts';
import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../../core/facts.ts';
import { notifyEnd, notifyStart } from '../../mm/mmu-notifier.ts';
import { isAnonPage } from '../../mm/rmap.ts';
import { typeName } from '../../pgmap/pagemap.ts';
import { folio_migrate_flags } from '../folio-migrate-flags.ts';
import { folio_migrate_mapping } from '../folio-migrate-mapping.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Operation,
  type Outcome,
} from '../../../core/world/operation.ts';
import { migrate_vma_insert_page } from './insert-page.ts';
import { faultReference, setSrc, srcOf, type Migration } from './migration.ts';
import { clipped, joined, pairs, readDst, type Pair } from './runs.ts';
import { splitForSinglePages } from './split-unmapped.ts';
import { pagesRefused } from './stays.ts';
import { alike } from './unmap.ts';

function typeAt(k: Kernel, pfn: number): string | undefined {
  const page = k.world.at('pages', pfn);
  const pgmap = page?.pgmap == null ? undefined : k.world.get('pgmaps', page.pgmap);
  return pgmap && typeName(pgmap);
}

/** May pages of a mapping go there? Device memory takes anonymous pages only (PUBLIC took all). */
function accepts(k: Kernel, src: number, dst: number): string | undefined {
  const type = typeAt(k, dst);
  if (type === 'PRIVATE' || type === 'COHERENT') {
    return isAnonPage(k, src) ? undefined : 'mapping && !folio_test_anon(folio)';
  }
  if (type === undefined) return undefined;
  if (type === 'PUBLIC') return undefined;
  return 'folio_is_zone_device(newfolio)';
}

/** What of one piece of the arrays was migrated; the rest loses MIGRATE. */
function* migratePair(k: Kernel, migration: Migration, pair: Pair): Operation<MigrateRun[]> {
  const { src, dst } = pair;
  if (!src) return [];
  const stays = { ...src, migrate: false };
  if (!dst || !src.migrate) return [stays];
  if (dst.compound !== src.compound) return [stays];
  const target = dst.pfn as number;
  if (src.pfn === null) {
    const start = migration.start + pair.index;
    const insert = { start, pfn: target, pages: pair.count, compound: dst.compound };
    const done = yield* call(migrate_vma_insert_page, insert);
    return [clipped(src, src.index, src.index + done)];
  }
  const result: MigrateRun[] = [];
  for (const { run } of alike(k, src)) {
    const from = run.pfn as number;
    const to = target + run.index - src.index;
    const refused = accepts(k, from, to);
    if (refused !== undefined) {
      yield* call(pagesRefused, { pfn: from, end: from + run.count, check: refused });
      result.push({ ...run, migrate: false });
      continue;
    }
    const extra = faultReference(k, migration, from);
    const move = { src: from, dst: to, pages: run.count };
    const stuck = failed(yield* call(folio_migrate_mapping, { ...move, extra }));
    if (!stuck) yield* call(folio_migrate_flags, move);
    result.push({ ...run, migrate: !stuck });
  }
  return result;
}

interface PagesParams {
  readonly id: string;
  /** The dst array as the driver has it: see readDst(). */
  readonly dst: readonly MigrateDst[];
}

/** __migrate_device_pages(). */
function* migratePages(
  k: Kernel,
  { id, dst: given }: PagesParams,
): Operation<Outcome<readonly MigrateRun[]>> {
  const begun = k.world.get('migrate_vmas', id);
  if (!begun) return fail('EINVAL', `model: there is no migration ${id}`);
  const dst = readDst(given, begun.end - begun.start);
  if (typeof dst === 'string') return fail('EINVAL', `model: ${dst}`);
  k.world.patch('migrate_vmas', id, { dst });
  const migration = k.world.need('migrate_vmas', id);
  const { mm, start, end, pgmap_owner } = migration;
  if (mm !== '') yield* splitForSinglePages(k, id, dst);
  const list = pairs(srcOf(k, id), dst);
  const hole = list.find(({ src, dst: to }) => src?.pfn === null && src.migrate && to);
  const range = {
    mm,
    start: start + (hole?.index ?? 0),
    end,
    event: 'MIGRATE',
    owner: pgmap_owner,
  };
  if (hole) yield* notifyStart(k, range);
  const result: MigrateRun[] = [];
  for (const pair of list) result.push(...(yield* migratePair(k, migration, pair)));
  if (hole) yield* notifyEnd(k, range);
  const src = joined(result);
  setSrc(k, id, src);
  return src;
}

const SOURCE = 'mm/migrate_device.c:__migrate_device_pages';
const OPTIONS = { show: ({ id }: PagesParams) => ({ migration: id }) };

/**
 * migrate_vma_pages(): the struct pages of what the driver has copied change places. `dst` says
 * where to; pages without a destination stay.
 */
export const migrate_vma_pages = operation('migrate_vma_pages', SOURCE, migratePages, OPTIONS);

/** migrate_device_pages(): the same for pages that were found by their PFNs. */
export const migrate_device_pages = operation(
  'migrate_device_pages',
  SOURCE,
  migratePages,
  OPTIONS,
);
