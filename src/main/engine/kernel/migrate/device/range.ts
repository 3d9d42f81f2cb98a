import type { MigrateDst } from '../../../../../shared/plugins/services/migration.ts';
import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import { alloc_pages } from '../../buddy/page-alloc.ts';
import { parseGfp } from '../../buddy/gfp.ts';
import type { Kernel } from '../../../core/facts.ts';
import { numa_mem_id } from '../../buddy/numa-mem-id.ts';
import { copyContents } from '../../mm/contents.ts';
import { flagList, withFlag } from '../../page/flags.ts';
import { folio_lock } from '../../page/page-lock.ts';
import { coversPages } from '../../page/page-runs.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../../core/world/operation.ts';
import { migrate_device_finalize } from './finalize.ts';
import { migrationId, setSrc, srcOf, type Migration } from './migration.ts';
import { migrate_device_pages } from './pages.ts';
import { joined } from './runs.ts';
import { migrate_device_unmap } from './unmap.ts';

/** Device pages [pfn, end). */
export interface PfnRun {
  readonly pfn: number;
  readonly end: number;
}

interface LockParams extends PfnRun {
  readonly id: string;
  /** Place of `pfn` in the array. */
  readonly index: number;
}

/** A reference and the lock of every folio of the run; entries stay 0 for free and locked pages. */
function lockPfns(k: Kernel, { id, pfn: first, end, index }: LockParams): void {
  const found: MigrateRun[] = [];
  for (const row of k.world.overlapping('pages', first, end)) {
    if (row.refcount <= 0) continue;
    if (flagList(row.flags).includes('locked')) {
      k.note('folio_trylock() fails');
      continue;
    }
    const pfn = Math.max(row.start, first);
    const to = Math.min(row.end, end);
    k.world.update('pages', pfn, to, (page) => ({
      refcount: page.refcount + 1,
      flags: withFlag(page.flags, 'locked'),
    }));
    const compound = row.compound_order > 0;
    const at = { index: index + pfn - first, count: to - pfn };
    found.push({ ...at, pfn, migrate: true, write: false, compound });
  }
  setSrc(k, id, joined([...srcOf(k, id), ...found]));
}

/** migrate_device_pfn_lock(), which is a part of migrate_device_range() at first. */
const migrate_device_pfn_lock = leaf<LockParams, void>(
  'migrate_device_pfn_lock',
  'mm/migrate_device.c:migrate_device_pfn_lock',
  lockPfns,
  { covers: coversPages },
);

function* collectPfns(k: Kernel, runs: readonly PfnRun[]): Operation<Migration> {
  const id = migrationId(k);
  const first = runs[0]?.pfn ?? 0;
  const end = runs.reduce((sum, run) => sum + run.end - run.pfn, first);
  const none = { fault_pfn: null, fault_pages: 0, cpages: 0, src: [], dst: [] };
  k.world.put('migrate_vmas', {
    id,
    mm: '',
    start: first,
    end,
    flags: '',
    pgmap_owner: '',
    ...none,
  });
  let index = 0;
  for (const run of runs) {
    const pages = { id, ...run, index };
    if (k.facts.era.get('migrate_device_pfn_lock')) yield* call(migrate_device_pfn_lock, pages);
    else lockPfns(k, pages);
    index += run.end - run.pfn;
  }
  yield* call(migrate_device_unmap, { id });
  return k.world.need('migrate_vmas', id);
}

const NOT_YET = 'model: this kernel has no migrate_device_range()';

/** migrate_device_range(): a driver takes back its memory, whoever uses it. */
export const migrate_device_range = operation<PfnRun, Outcome<Migration>>(
  'migrate_device_range',
  'mm/migrate_device.c:migrate_device_range',
  function* (k, run) {
    if (!k.facts.era.get('migrate_device_range')) return fail('EOPNOTSUPP', NOT_YET);
    return yield* collectPfns(k, [run]);
  },
  { covers: coversPages },
);

/** migrate_device_pfns(): the same for PFNs that need not follow each other. */
export const migrate_device_pfns = operation<{ runs: readonly PfnRun[] }, Outcome<Migration>>(
  'migrate_device_pfns',
  'mm/migrate_device.c:migrate_device_pfns',
  function* (k, { runs }) {
    if (!k.facts.era.get('migrate_device_range')) return fail('EOPNOTSUPP', NOT_YET);
    return yield* collectPfns(k, runs);
  },
  { show: ({ runs }) => ({ runs: runs.length }) },
);

/** Pages in RAM for every folio of the migration, by its place; fewer where memory runs out. */
function* systemPages(k: Kernel, src: readonly MigrateRun[]): Operation<MigrateDst[]> {
  const gfp = parseGfp(k.facts, 'GFP_USER');
  if (!gfp) return [];
  const nid = yield* call(numa_mem_id, {});
  const dst: MigrateDst[] = [];
  for (const run of src) {
    if (run.pfn === null || !run.migrate) continue;
    const taken = yield* call(alloc_pages, { order: 0, gfp, nid, count: run.count });
    let { index } = run;
    for (const { pfn, end } of taken) {
      yield* call(folio_lock, { pfn, end });
      dst.push({ index, count: end - pfn, pfn });
      index += end - pfn;
    }
  }
  return dst;
}

/** folio_copy(): contents of what was migrated. */
const folio_copy = leaf<{ from: number; to: number; pages: number }, void>(
  'folio_copy',
  'mm/util.c:folio_copy',
  (k, { from, to, pages }) => copyContents(k, from, to, pages),
);

/**
 * migrate_device_coherent_folio(): a run of coherent pages goes back to RAM, because somebody wants
 * to pin it for long. The caller's reference on each page is the migration's, and is dropped.
 * -EBUSY where a page could not be unmapped or moved: others have references.
 */
export const migrate_device_coherent_folio = operation<PfnRun, Outcome<void>>(
  (k) =>
    k.facts.era.get('migrate_device_coherent_folio')
      ? 'migrate_device_coherent_folio'
      : 'migrate_device_coherent_page',
  'mm/migrate_device.c:migrate_device_coherent_folio',
  function* (k, run) {
    const { pfn, end } = run;
    yield* call(folio_lock, run);
    const id = migrationId(k);
    const whole = { index: 0, count: end - pfn, pfn, migrate: true, write: false, compound: false };
    const none = {
      fault_pfn: null,
      fault_pages: 0,
      cpages: end - pfn,
      src: [{ ...whole }],
      dst: [],
    };
    k.world.put('migrate_vmas', {
      id,
      mm: '',
      start: pfn,
      end,
      flags: '',
      pgmap_owner: '',
      ...none,
    });
    yield* call(migrate_device_unmap, { id });
    const dst = yield* systemPages(k, srcOf(k, id));
    const src = yield* call(migrate_device_pages, { id, dst });
    if (failed(src)) return src;
    for (const { index, count, migrate, pfn: from } of src) {
      const to = dst.find((one) => one.index <= index && index < one.index + one.count);
      if (!migrate || from === null || !to) continue;
      const target = to.pfn + index - to.index;
      yield* call(folio_copy, {
        from,
        to: target,
        pages: Math.min(count, to.index + to.count - index),
      });
    }
    const moved = src.reduce((sum, one) => sum + (one.migrate ? one.count : 0), 0);
    yield* call(migrate_device_finalize, { id });
    if (moved < end - pfn) return fail('EBUSY', '!(src_pfn & MIGRATE_PFN_MIGRATE)');
    return undefined;
  },
  { covers: coversPages },
);
