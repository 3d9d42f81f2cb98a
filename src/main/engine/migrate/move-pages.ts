import type { Kernel } from '../facts.ts';
import { coversPositions, showMmSpan } from '../mm/fault.ts';
import { mmapLock } from '../mm/mm-struct.ts';
import { isDevicePrivate, pfnAt, present, pteRuns } from '../mm/pte.ts';
import { hasVmFlag, vmaAt } from '../mm/vma.ts';
import type { PageSpan } from '../mm/zap.ts';
import { isZeroPage } from '../mm/zero-page.ts';
import {
  call,
  fail,
  failed,
  lockShared,
  operation,
  unlock,
  type Operation,
  type Outcome,
} from '../world/operation.ts';
import { folio_isolate_lru, type PageRun } from './isolate.ts';
import { alikeRuns, migrate_pages } from './migrate-pages.ts';
import { split_huge_page, wholeFolios } from './split-folio.ts';

/** What move_pages(2) says of a run of pages: the node they are on, or a negative errno. */
export interface PageStatus {
  /** Pages, in the order of their addresses. */
  readonly pages: number;
  readonly node: number | null;
  readonly errno: string | null;
  readonly check: string | null;
}

/** Pages to isolate: the whole folios behind `pages` pages of the address space. */
interface Found {
  readonly pages: number;
  readonly folios: PageRun;
}

function status(pages: number, errno: string, check: string): PageStatus {
  return { pages, node: null, errno, check };
}

/**
 * add_folio_for_migration() for the first pages of [start, end) that are alike: what to isolate, or
 * why not, in the kernel's order of checks.
 */
function firstBehind(k: Kernel, span: PageSpan, node: number): Found | PageStatus {
  const [run] = pteRuns(k, span.start, span.end);
  if (!run) return status(0, 'EFAULT', 'lab: no pages');
  const { start, end, entry } = run;
  const vma = vmaAt(k, start);
  if (!vma || hasVmFlag(vma, 'pfnmap') || hasVmFlag(vma, 'io')) {
    return status(end - start, 'EFAULT', '!vma || !vma_migratable(vma)');
  }
  const pages = Math.min(end, vma.end) - start;
  if (!entry) return status(pages, 'ENOENT', 'no page table entry');
  if (isZeroPage(entry)) return status(pages, 'EFAULT', 'is_zero_folio(folio)');
  if (!present(entry)) {
    const what = isDevicePrivate(entry) ? 'device private: !pte_present()' : '!pte_present()';
    return status(pages, 'ENOENT', what);
  }
  const pfn = pfnAt(entry, start);
  const [alike] = alikeRuns(k, { pfn, end: pfn + pages });
  const page = k.world.at('pages', pfn);
  const count = (alike?.end ?? pfn + pages) - pfn;
  if (page?.pgmap != null && k.facts.era.get('move_pages_skips_device')) {
    return status(count, 'ENOENT', 'folio_is_zone_device(folio)');
  }
  if (page?.nid === node) return { pages: count, node, errno: null, check: null };
  if (page && page.mapcount > 0) {
    return status(count, 'EACCES', 'page_mapcount(page) > 1 && !migrate_all');
  }
  return { pages: count, folios: wholeFolios(k, { pfn, end: pfn + count }) };
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
  'mm/migrate.c:do_pages_move, add_folio_for_migration',
  function* (k, { node, ...span }) {
    if (!k.world.get('nodes', node)) return fail('ENODEV', '!node_state(node, N_MEMORY)');
    const statuses: PageStatus[] = [];
    let at = span.start;
    while (at < span.end) {
      const rest = { ...span, start: at };
      yield* lockShared(mmapLock(span.mm));
      yield* splitBehind(k, rest);
      const behind = firstBehind(k, rest, node);
      let isolated: Outcome<void> = undefined;
      if ('folios' in behind) isolated = yield* call(folio_isolate_lru, behind.folios);
      yield* unlock(mmapLock(span.mm));
      at += behind.pages;
      if (!('folios' in behind)) {
        statuses.push(behind);
        continue;
      }
      if (failed(isolated)) {
        statuses.push(status(behind.pages, isolated.errno, isolated.check));
        continue;
      }
      const params = { ...behind.folios, nid: node, reason: 'SYSCALL' };
      const stuck = yield* call(migrate_pages, params);
      const left = stuck.reduce((sum, { pfn, end }) => sum + end - pfn, 0);
      const moved = Math.max(0, behind.pages - left);
      if (moved > 0) statuses.push({ pages: moved, node, errno: null, check: null });
      for (const { pfn, end, errno, check } of stuck) {
        statuses.push(status(Math.min(end - pfn, behind.pages), errno, check));
      }
    }
    return statuses;
  },
  {
    covers: coversPositions,
    show: ({ node, ...span }, k) => ({ ...showMmSpan(span, k), node }),
  },
);
