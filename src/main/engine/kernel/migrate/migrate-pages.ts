import { alloc_pages } from '../buddy/page-alloc.ts';
import { parseGfp } from '../buddy/gfp.ts';
import type { TakenRun } from '../buddy/rmqueue.ts';
import type { Kernel } from '../../core/facts.ts';
import { folio_trylock, folio_unlock } from '../page/page-lock.ts';
import { folio_put } from '../page/page-ref.ts';
import { withFlag } from '../page/flags.ts';
import { coversPages } from '../page/page-runs.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { folio_putback_lru, type PageRun } from './isolate.ts';
import { move_to_new_folio } from './migrate-folio.ts';
import { remove_migration_ptes } from './remove-migration-ptes.ts';
import { try_to_migrate } from './try-to-migrate.ts';

/** Isolated pages to migrate, and to which node. `reason`: MR_* without the prefix. */
export interface MigratePages extends PageRun {
  readonly nid: number;
  readonly reason: string;
  /** Where they go, if the caller has pages for them already (compaction_alloc()). */
  readonly targets?: readonly TakenRun[];
}

/** alloc_migration_target(): pages of the same order on the node, or near it. */
function* targets(
  k: Kernel,
  { pfn, end, nid, reason, targets: given }: MigratePages,
): Operation<readonly TakenRun[]> {
  if (given) return given;
  const order = k.world.at('pages', pfn)?.compound_order ?? 0;
  // mm/gup.c: what is pinned for long goes where nothing has to be moved again.
  const gfp = parseGfp(k.facts, reason === 'LONGTERM_PIN' ? 'GFP_USER' : 'GFP_HIGHUSER_MOVABLE');
  if (!gfp) return [];
  return yield* call(alloc_pages, { order, gfp, nid, count: (end - pfn) / 2 ** order });
}

/** Cuts the run where pages are not alike: their rows, or what they belong to. */
export function alikeRuns(k: Kernel, { pfn, end }: PageRun): PageRun[] {
  const cuts = new Set([pfn, end]);
  for (const row of k.world.overlapping('pages', pfn, end)) {
    const size = 2 ** row.compound_order;
    if (row.start > pfn && row.start % size === 0) cuts.add(row.start);
  }
  for (const row of k.world.overlapping('page_mappings', pfn, end)) {
    if (row.start > pfn) cuts.add(row.start);
    if (row.end < end) cuts.add(row.end);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, at) => ({ pfn: sorted[at] ?? pfn, end: to }));
}

/** One run of alike pages to new ones; a failure leaves them mapped as they were. */
const unmap_and_move = operation<MigratePages & { dst: number }, Outcome<void>>(
  (k) => (k.facts.era.get('migrate_batched') ? 'migrate_pages_batch' : 'unmap_and_move'),
  'mm/migrate.c:migrate_pages_batch, migrate_folio_unmap, migrate_folio_move',
  function* (k, { pfn, end, dst }) {
    const pages = end - pfn;
    const src = { pfn, end };
    const target = { pfn: dst, end: dst + pages };
    if (!(yield* call(folio_trylock, src))) return fail('EAGAIN', '!folio_trylock(src)');
    yield* call(folio_trylock, target);
    yield* call(try_to_migrate, src);
    const mapped = k.world.overlapping('pages', pfn, end).some(({ mapcount }) => mapcount >= 0);
    const move = { src: pfn, dst, pages };
    const moved = mapped
      ? fail('EAGAIN', 'folio_mapped(src)')
      : yield* call(move_to_new_folio, move);
    yield* call(remove_migration_ptes, failed(moved) ? { ...move, dst: pfn } : move);
    yield* call(folio_unlock, target);
    yield* call(folio_unlock, src);
    if (failed(moved)) return moved;
    // folio_add_lru(dst), and the reference of the allocation.
    k.world.update('pages', dst, dst + pages, ({ flags }) => ({ flags: withFlag(flags, 'lru') }));
    yield* call(folio_put, target);
    yield* call(folio_put, src);
    return undefined;
  },
  { covers: coversPages, show: ({ pfn, end, dst }) => ({ pfn, end, dst }) },
);

/** What migrate_pages() came to: pages that did not move, and the errno that stopped each. */
export interface NotMoved extends PageRun {
  readonly errno: string;
  readonly check: string;
}

/** migrate_pages() may try up to ten times; a page in use stays in use here, so once is enough. */
export const migrate_pages = operation<MigratePages, readonly NotMoved[]>(
  'migrate_pages',
  'mm/migrate.c:migrate_pages',
  function* (k, params) {
    const stuck: NotMoved[] = [];
    for (const run of alikeRuns(k, params)) {
      const taken = yield* targets(k, { ...params, ...run });
      let at = run.pfn;
      for (const { pfn: dst, end } of taken) {
        const part = { ...params, pfn: at, end: at + end - dst };
        at = part.end;
        const result = yield* call(unmap_and_move, { ...part, dst });
        if (!failed(result)) continue;
        stuck.push({ pfn: part.pfn, end: part.end, errno: result.errno, check: result.check });
        yield* call(folio_put, { pfn: dst, end });
      }
      if (at < run.end) {
        stuck.push({ pfn: at, end: run.end, errno: 'ENOMEM', check: 'alloc_migration_target()' });
      }
    }
    for (const { pfn, end } of stuck) yield* call(folio_putback_lru, { pfn, end });
    return stuck;
  },
  {
    covers: coversPages,
    show: ({ pfn, end, nid, reason }) => ({ pfn, end, nid, reason }),
  },
);
