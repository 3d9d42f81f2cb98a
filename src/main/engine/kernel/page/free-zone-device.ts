import type { Kernel } from '../../core/facts.ts';
import { driverCallback } from '../device/callback.ts';
import { warnOnce } from '../../core/world/variables.ts';
import { typeName } from '../pgmap/pagemap.ts';
import { put_dev_pagemap } from '../pgmap/pgmap-array.ts';
import {
  call,
  leaf,
  operation,
  type KernelFunction,
  type Operation,
} from '../../core/world/operation.ts';
import { wakeUp } from '../../core/world/sync.ts';
import { coversPages, eachHeadRun } from './page-runs.ts';

interface Run {
  readonly pfn: number;
  readonly end: number;
}

/**
 * The wait queue of wait_var_event() on a page's count: who waits for an idle fsdax page sleeps on
 * it (`sleepOn`) and looks at the count again.
 */
export function countQueue(pfn: number): string {
  return `page 0x${pfn.toString(16)} count`;
}

const COUNT_QUEUE = /^page 0x([0-9a-f]+) count$/;

/** wake_up_var(&page->_refcount): whoever waits for one of these pages may look again. */
export const wake_up_var = leaf<Run, void>(
  'wake_up_var',
  'kernel/sched/wait_bit.c:wake_up_var',
  (k, { pfn, end }) => {
    for (const { name } of [...k.world.rows('wait_queues')]) {
      const at = COUNT_QUEUE.exec(name)?.[1];
      const page = at === undefined ? -1 : Number.parseInt(at, 16);
      if (page >= pfn && page < end) wakeUp(k.world, name);
    }
  },
  { covers: coversPages },
);

/** `page_free` of a pagemap whose ops are the kernel's own, not a driver's. */
export type PageFree = KernelFunction<Run, void>;

/**
 * pgmap->ops->page_free (folio_free): the driver takes its pages back. `end - pfn` pages in folios
 * of 2^order. Without code behind the device the pages are simply the driver's again.
 */
export function* page_free(k: Kernel, { pfn, end }: Run): Operation<void> {
  const row = k.world.at('pages', pfn);
  const pgmap = row?.pgmap == null ? undefined : k.world.get('pgmaps', row.pgmap);
  if (!row || !pgmap) return;
  const type = typeName(pgmap);
  if (type === 'PCI_P2PDMA') {
    yield* call(k.facts.wiring.page_free.PCI_P2PDMA, { pfn, end });
    return;
  }
  const args = { pgmap: pgmap.id, pfn, end, order: row.compound_order };
  const name = k.facts.era.get('pagemap_free_op');
  yield* driverCallback(k, pgmap.device, 'folio_free', args, name);
  // drivers/nvdimm/pmem.c: page_free of pmem, as long as there was one, wakes who waits.
  if (type === 'FS_DAX') yield* call(wake_up_var, { pfn, end });
}

/** set_page_count(): ready to be handed out again. */
export const set_page_count = leaf<Run & { v: number }, void>(
  'set_page_count',
  'include/linux/page_ref.h:set_page_count',
  (k, { pfn, end, v }) => k.world.update('pages', pfn, end, { refcount: v }),
  { covers: coversPages },
);

/**
 * free_zone_device_page(), or _folio(): device pages at 0. What happens is the type's: PRIVATE and
 * COHERENT go to the driver and (6.1) give up the reference their allocation took on the pagemap;
 * others were set back to 1 for the next user. From 6.15 on fsdax pages stay at 0 and wake their
 * waiters, generic ones go back to 1, peer pages to their pool.
 */
export const free_zone_device_page = operation<Run, void>(
  (k) => k.facts.era.get('free_zone_device'),
  'mm/memremap.c:free_zone_device_folio',
  function* (k, params) {
    for (const { start, end, row } of eachHeadRun(k, params, true)) {
      const pgmap = row.pgmap === null ? undefined : k.world.get('pgmaps', row.pgmap);
      const run = { pfn: start, end };
      if (!pgmap) {
        warnOnce(k, 'mm/memremap.c:pgmap', 'free_zone_device_folio: folio without a pagemap');
        continue;
      }
      const type = typeName(pgmap);
      const byType = k.facts.era.get('free_zone_device_by_type');
      const keeps = byType && (type === 'GENERIC' || type === 'FS_DAX');
      if (!keeps) k.world.clear('page_mappings', start, end);
      if (byType && type === 'GENERIC') yield* call(set_page_count, { ...run, v: 1 });
      else if (byType && type === 'FS_DAX') yield* call(wake_up_var, run);
      else if (!pgmap.ops.split('|').includes(k.facts.era.get('pagemap_free_op'))) {
        const text = `${type} page at 0 without ${k.facts.era.get('pagemap_free_op')}`;
        warnOnce(k, 'mm/memremap.c:free_op', text);
      } else {
        yield* page_free(k, run);
        const owned = type === 'PRIVATE' || type === 'COHERENT';
        if (owned && k.facts.era.get('pagemap_ref_skips_private')) {
          yield* call(put_dev_pagemap, { pgmap: pgmap.id, nr: end - start });
        } else if (!byType) yield* call(set_page_count, { ...run, v: 1 });
      }
    }
  },
  { covers: coversPages },
);
