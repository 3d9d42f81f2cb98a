import type { Kernel } from '../../core/facts.ts';
import { coversPositions, showMmSpan } from '../mm/fault.ts';
import { hasFlag, isDevicePrivate, pfnAt, present, pteRuns, type Pte } from '../mm/pte.ts';
import { hasVmFlag, vmaAt, type Vma } from '../mm/vma.ts';
import { vmaIsDax } from '../mm/vma-is-dax.ts';
import type { PageSpan } from '../mm/zap.ts';
import { isZeroPage } from '../mm/zero-page.ts';
import { deviceTypeAt } from '../pgmap/pagemap.ts';
import { hasDevPagemap } from '../pgmap/pgmap-array.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Failure,
  type Outcome,
} from '../../core/world/operation.ts';
import { folio_isolate_lru, type PageRun } from './isolate.ts';
import { alikeRuns } from './migrate-pages.ts';
import { wholeFolios } from '../mm/split-folio.ts';

/** What is behind pages of the address space: folios to isolate, nothing to do, or why not. */
export interface Behind {
  /** Pages of the address space that are alike. */
  readonly pages: number;
  /** Whole folios behind them; undefined: they are on the node already. */
  readonly folios?: PageRun | undefined;
  readonly refused?: Failure | undefined;
}

function refuse(pages: number, errno: string, check: string): Behind {
  return { pages, refused: fail(errno, check) };
}

/** vma_migratable(): not memory of devices, nor (4.10) files whose data is device memory. */
function notMigratable(k: Kernel, vma: Vma | undefined): string | undefined {
  if (!vma) return '!vma';
  if (hasVmFlag(vma, 'pfnmap') || hasVmFlag(vma, 'io')) {
    return '!vma_migratable(vma): VM_IO | VM_PFNMAP';
  }
  const dax = k.facts.era.get('vma_migratable_refuses_dax') && vmaIsDax(k, vma);
  return dax ? '!vma_migratable(vma): vma_is_dax(vma)' : undefined;
}

/** Entries that give no page: follow_page() answers NULL, or an errno where FOLL_DUMP asks for one. */
function noPage(k: Kernel, entry: Pte | undefined, pfn: number): Failure | undefined {
  if (!entry) return fail('ENOENT', '!page: no page table entry');
  if (isZeroPage(entry)) return fail('EFAULT', 'is_zero_folio(folio)');
  if (!present(entry)) {
    const what = isDevicePrivate(entry) ? ', a device private entry' : '';
    return fail('ENOENT', `!page: !pte_present()${what}`);
  }
  if (hasFlag(entry, 'devmap') || deviceTypeAt(k, pfn) === 'PUBLIC') {
    return hasDevPagemap(k, pfn) ? undefined : fail('ENOENT', '!page: get_dev_pagemap() == NULL');
  }
  if (hasFlag(entry, 'special')) return fail('EFAULT', '!vm_normal_page(): FOLL_DUMP');
  return undefined;
}

/** For the first pages of [start, end) that are alike, in the kernel's order of checks. */
export function firstBehind(k: Kernel, span: PageSpan, node: number): Behind {
  const [run] = pteRuns(k, span.start, span.end);
  if (!run) return refuse(0, 'EFAULT', 'lab: no pages');
  const { start, end, entry } = run;
  const vma = vmaAt(k, start);
  const wrong = notMigratable(k, vma);
  if (!vma || wrong !== undefined) return refuse(end - start, 'EFAULT', wrong ?? '!vma');
  const pages = Math.min(end, vma.end) - start;
  const pfn = entry ? pfnAt(entry, start) : 0;
  const refused = noPage(k, entry, pfn);
  if (refused) return { pages, refused };
  const [alike] = alikeRuns(k, { pfn, end: pfn + pages });
  const page = k.world.at('pages', pfn);
  const count = (alike?.end ?? pfn + pages) - pfn;
  if (page?.pgmap != null && k.facts.era.get('move_pages_skips_device')) {
    return refuse(count, 'ENOENT', 'folio_is_zone_device(folio)');
  }
  if (page?.nid === node) return { pages: count };
  if (page && page.mapcount > 0) {
    return refuse(count, 'EACCES', 'page_mapcount(page) > 1 && !migrate_all');
  }
  return { pages: count, folios: wholeFolios(k, { pfn, end: pfn + count }) };
}

/**
 * add_folio_for_migration() for pages alike: their folios come off the LRU list, to be migrated.
 * -EFAULT: no VMA whose pages migrate, or the zero page; -ENOENT: no page, or one of a device;
 * -EACCES: others map it too; -EBUSY: on no LRU list.
 * @returns 1: isolated; 0: on the node already. The caller holds mmap_lock for reading.
 */
export const add_folio_for_migration = operation<PageSpan & { behind: Behind }, Outcome<number>>(
  (k) => k.facts.era.get('add_folio_for_migration'),
  'mm/migrate.c:add_folio_for_migration',
  function* (_k, { behind: { folios, refused } }) {
    if (refused) return refused;
    if (!folios) return 0;
    const isolated = yield* call(folio_isolate_lru, folios);
    return failed(isolated) ? isolated : 1;
  },
  { covers: coversPositions, show: ({ mm, start, end }, k) => showMmSpan({ mm, start, end }, k) },
);
