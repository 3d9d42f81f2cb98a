import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { typeName } from '../pgmap/pagemap.ts';
import { addReferences } from '../pgmap/pgmap-ref.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { withFlag } from './flags.ts';
import { page_free, wake_up_var } from './free-zone-device.ts';
import { addToCount, coversPages, eachHeadRun, type PageRefs } from './page-runs.ts';
import { wakePages } from './page-lock.ts';
import { __put_page } from './put-page-slow.ts';

/** Is the page's count watched by put_devmap_managed_page() in this era? */
export function isManaged(k: Kernel, row: RowOf<'pages'>): boolean {
  if (row.pgmap === null) return false;
  const types = k.facts.era.get('devmap_managed_types');
  const pgmap = types === '' ? undefined : k.world.get('pgmaps', row.pgmap);
  return pgmap !== undefined && types.split(' ').includes(typeName(pgmap));
}

/**
 * put_devmap_managed_page(), under its era's name: pages that are idle at 1. A private or public
 * page at 1 goes back to its driver; who waits for an fsdax page at 1 is woken.
 */
export const put_devmap_managed_page = operation<PageRefs, void>(
  (k) => k.facts.era.get('put_devmap_managed_page'),
  'mm/memremap.c:put_devmap_managed_page',
  function* (k, params) {
    const wakes = k.facts.era.get('devmap_idle_wakes');
    for (const run of eachHeadRun(k, params, true)) {
      const { row, start, end, refs } = run;
      addToCount(k, run, -refs);
      wakePages(k, { pfn: start, end });
      const now = row.refcount - refs;
      const pgmap = k.world.need('pgmaps', row.pgmap ?? '');
      const fsdax = typeName(pgmap) === 'FS_DAX';
      if (now === 1) {
        if (wakes && fsdax) yield* call(wake_up_var, { pfn: start, end });
        else {
          if (!fsdax) k.world.clear('page_mappings', start, end);
          yield* page_free(k, { pfn: start, end });
        }
      } else if (now === 0 && k.facts.era.get('device_page_at_zero') !== 'freed') {
        yield* call(__put_page, { pfn: start, end });
      }
    }
  },
  { covers: coversPages },
);

/** Folios of 2^order pages that a driver hands out. */
export interface PageInit {
  readonly pfn: number;
  readonly end: number;
  readonly order?: number;
}

/**
 * zone_device_page_init(): what a driver does with a free page before it gives it away (6.1 and
 * later): a reference on the pagemap for each page, count 1, locked. A folio of an order is made
 * by newer kernels only. Older drivers call get_page() and lock_page() themselves.
 */
export const zone_device_page_init = leaf<PageInit, void>(
  'zone_device_page_init',
  'mm/memremap.c:zone_device_page_init',
  (k, { pfn, end, order = 0 }) => {
    const folios = k.facts.era.get('zone_device_page_init') === 'folio';
    for (const row of k.world.overlapping('pages', pfn, end)) {
      const from = Math.max(row.start, pfn);
      const to = Math.min(row.end, end);
      const pgmap = row.pgmap === null ? undefined : k.world.get('pgmaps', row.pgmap);
      // Before folios a killed reference is not taken; from then on one that is not 0 is.
      const live = pgmap && (folios ? pgmap.ref > 0 : !pgmap.ref_dead);
      if (live) addReferences(k, pgmap.id, to - from);
      else k.printk('warn', 'WARNING: mm/memremap.c: zone_device_page_init: pagemap is dead');
      k.world.update('pages', from, to, (page) => ({
        refcount: 1,
        flags: withFlag(page.flags, 'locked'),
        compound_order: folios ? order : page.compound_order,
      }));
    }
  },
  { covers: ({ pfn, end, order = 0 }) => runOf(pfn, end, order) },
);

function runOf(start: number, end: number, order: number) {
  const count = (end - start) / 2 ** order;
  return count > 1 ? { count, range: { start, end, unit: 'pfn' as const } } : undefined;
}
