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
  type Outcome,
} from '../world/operation.ts';
import { folio_isolate_lru } from './isolate.ts';
import { alikeRuns, migrate_pages } from './migrate-pages.ts';

/** What move_pages(2) says of a run of pages: the node they are on, or a negative errno. */
export interface PageStatus {
  /** Pages, in the order of their addresses. */
  readonly pages: number;
  readonly node: number | null;
  readonly errno: string | null;
  readonly check: string | null;
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly pfn: number;
}

/** One stretch of entries: the pages to isolate, or why there are none. */
function pagesBehind(k: Kernel, span: PageSpan, node: number): (Found | PageStatus)[] {
  const found: (Found | PageStatus)[] = [];
  for (const { start, end, entry } of pteRuns(k, span.start, span.end)) {
    const say = (errno: string | null, check: string | null, on: number | null = null) =>
      found.push({ pages: end - start, node: on, errno, check });
    const vma = vmaAt(k, start);
    if (!vma || hasVmFlag(vma, 'pfnmap') || hasVmFlag(vma, 'io')) {
      say('EFAULT', '!vma || !vma_migratable(vma)');
    } else if (!entry) say('ENOENT', 'no page table entry');
    else if (isZeroPage(entry)) say('EFAULT', 'is_zero_folio(folio)');
    else if (!present(entry)) {
      say('ENOENT', isDevicePrivate(entry) ? 'device private: !pte_present()' : '!pte_present()');
    } else {
      const first = pfnAt(entry, start);
      for (const run of alikeRuns(k, { pfn: first, end: first + end - start })) {
        const page = k.world.at('pages', run.pfn);
        const pages = run.end - run.pfn;
        const skips = k.facts.era.get('move_pages_skips_device');
        if (page?.pgmap != null && skips) {
          found.push({ pages, node: null, errno: 'ENOENT', check: 'folio_is_zone_device(folio)' });
        } else if (page?.nid === node) found.push({ pages, node, errno: null, check: null });
        else if (page && page.mapcount > 0) {
          found.push({
            pages,
            node: null,
            errno: 'EACCES',
            check: 'page_mapcount(page) > 1 && !migrate_all',
          });
        } else {
          const at = start + run.pfn - first;
          found.push({ start: at, end: at + pages, pfn: run.pfn });
        }
      }
    }
  }
  return found;
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
    yield* lockShared(mmapLock(span.mm));
    const behind = pagesBehind(k, span, node);
    yield* unlock(mmapLock(span.mm));
    for (const one of behind) {
      if (!('pfn' in one)) {
        statuses.push(one);
        continue;
      }
      const pages = one.end - one.start;
      const run = { pfn: one.pfn, end: one.pfn + pages };
      const isolated = yield* call(folio_isolate_lru, run);
      if (failed(isolated)) {
        statuses.push({ pages, node: null, errno: isolated.errno, check: isolated.check });
        continue;
      }
      const stuck = yield* call(migrate_pages, { ...run, nid: node, reason: 'SYSCALL' });
      const left = stuck.reduce((sum, { pfn, end }) => sum + end - pfn, 0);
      if (left < pages) statuses.push({ pages: pages - left, node, errno: null, check: null });
      for (const { pfn, end, errno, check } of stuck) {
        statuses.push({ pages: end - pfn, node: null, errno, check });
      }
    }
    return statuses;
  },
  {
    covers: coversPositions,
    show: ({ node, ...span }, k) => ({ ...showMmSpan(span, k), node }),
  },
);
