import type { Kernel } from '../../core/facts.ts';
import { coversPositions, showMmSpan } from '../mm/fault.ts';
import { mmapLock } from '../mm/mm-struct.ts';
import { pfnAt, present, pteRuns } from '../mm/pte.ts';
import type { PageSpan } from '../mm/zap.ts';
import { isZeroPage } from '../mm/zero-page.ts';
import {
  call,
  fail,
  failed,
  lockShared,
  operation,
  unlock,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { add_folio_for_migration, firstBehind } from './add-folio-for-migration.ts';
import { migrate_pages } from './migrate-pages.ts';
import { split_huge_page, wholeFolios } from '../mm/split-folio.ts';

/** What move_pages(2) says of a run of pages: the node they are on, or a negative errno. */
export interface PageStatus {
  /** Pages, in the order of their addresses. */
  readonly pages: number;
  readonly node: number | null;
  readonly errno: string | null;
  readonly check: string | null;
}

function status(pages: number, { errno, check }: Omit<Failure, 'failed'>): PageStatus {
  return { pages, node: null, errno, check };
}

/** FOLL_SPLIT: as long as huge pages do not migrate whole, they are split first. */
function* splitBehind(k: Kernel, span: PageSpan): Operation<void> {
  if (k.facts.era.get('thp_migration')) return;
  for (const { start, end, entry } of pteRuns(k, span.start, span.end)) {
    if (!present(entry) || isZeroPage(entry)) continue;
    const pfn = pfnAt(entry, start);
    const whole = wholeFolios(k, { pfn, end: pfn + end - start });
    let at = whole.pfn;
    while (at < whole.end) {
      const size = 2 ** (k.world.at('pages', at)?.compound_order ?? 0);
      if (size > 1) yield* call(split_huge_page, { pfn: at, end: at + size });
      const row = k.world.at('pages', at);
      at = size > 1 ? at + size : Math.max(at + 1, row?.end ?? at + 1);
    }
  }
}

/**
 * move_pages(2), do_pages_move(): the pages of [start, end) to `node`. Each page has a status of its
 * own; -EFAULT, -ENOENT, -EACCES and -EBUSY are there, in the kernel's order of checks.
 */
export const do_pages_move = operation<PageSpan & { node: number }, Outcome<readonly PageStatus[]>>(
  'do_pages_move',
  'mm/migrate.c:do_pages_move',
  function* (k, { node, ...span }) {
    if (!k.world.get('nodes', node)) return fail('ENODEV', '!node_state(node, N_MEMORY)');
    const statuses: PageStatus[] = [];
    let at = span.start;
    while (at < span.end) {
      const rest = { ...span, start: at };
      yield* lockShared(mmapLock(span.mm));
      yield* splitBehind(k, rest);
      const behind = firstBehind(k, rest, node);
      const alike = { ...rest, end: at + behind.pages, behind };
      const added = yield* call(add_folio_for_migration, alike);
      yield* unlock(mmapLock(span.mm));
      at += behind.pages;
      if (failed(added)) {
        statuses.push(status(behind.pages, added));
        continue;
      }
      if (!behind.folios) {
        statuses.push({ pages: behind.pages, node, errno: null, check: null });
        continue;
      }
      const params = { ...behind.folios, nid: node, reason: 'SYSCALL' };
      const stuck = yield* call(migrate_pages, params);
      const left = stuck.reduce((sum, { pfn, end }) => sum + end - pfn, 0);
      const moved = Math.max(0, behind.pages - left);
      if (moved > 0) statuses.push({ pages: moved, node, errno: null, check: null });
      for (const { pfn, end, errno, check } of stuck) {
        statuses.push(status(Math.min(end - pfn, behind.pages), { errno, check }));
      }
    }
    return statuses;
  },
  {
    covers: coversPositions,
    show: ({ node, ...span }, k) => ({ ...showMmSpan(span, k), node }),
  },
);
