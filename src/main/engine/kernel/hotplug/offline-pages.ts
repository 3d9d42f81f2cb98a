import type { Kernel } from '../../core/facts.ts';
import { hasFlag } from '../resource/tree.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Failure,
  type Outcome,
} from '../../core/world/operation.ts';
import { memoryHotremoveBuilt } from './built.ts';
import { SECTION_IS_EARLY } from '../../core/section-flags.ts';
import { notifyDrivers } from './memory-notify.ts';
import { NOT_WHOLE, offline_mem_sections, wholeBlocks, type ZonePages } from './online-pages.ts';
import { adjust_managed_page_count, adjust_present_page_count } from './present-pages.ts';
import {
  migrateIsolatedRange,
  start_isolate_page_range,
  undo_isolate_page_range,
  type PfnSpan,
} from './unmovable.ts';
import { remove_pfn_range_from_zone } from './zone-span.ts';

/** walk_system_ram_range() with count_system_ram_pages_cb(): whole pages of busy System RAM. */
const walk_system_ram_range = leaf<PfnSpan, number>(
  'walk_system_ram_range',
  'kernel/resource.c:walk_system_ram_range',
  (k, { start_pfn, end_pfn }) => {
    const shift = BigInt(k.facts.arch.page_shift);
    const ram = [...k.world.rows('resources')]
      .filter(({ flags }) => hasFlag(flags, 'SYSTEM_RAM') && hasFlag(flags, 'BUSY'))
      .map(({ start, end }) => ({
        from: Number((start + (1n << shift) - 1n) >> shift),
        to: Number((end + 1n) >> shift),
      }))
      .sort((a, b) => a.from - b.from);
    let pages = 0;
    let at = start_pfn;
    for (const { from, to } of ram) {
      const first = Math.max(from, at);
      const last = Math.min(to, end_pfn);
      if (first >= last) continue;
      pages += last - first;
      at = last;
    }
    return pages;
  },
);

/** __offline_isolated_pages(): the free pages leave the buddy allocator; returns how many. */
const __offline_isolated_pages = operation<PfnSpan, number>(
  '__offline_isolated_pages',
  'mm/page_alloc.c:__offline_isolated_pages',
  function* (k, span) {
    yield* call(offline_mem_sections, span);
    let pages = 0;
    for (const row of k.world.overlapping('pages', span.start_pfn, span.end_pfn)) {
      if (!row.buddy) continue;
      pages += Math.min(row.end, span.end_pfn) - Math.max(row.start, span.start_pfn);
    }
    k.world.update('pages', span.start_pfn, span.end_pfn, { buddy: false });
    return pages;
  },
);

function inZone(k: Kernel, pfn: number, { nid, zone }: ZonePages): boolean {
  const page = k.world.at('pages', pfn);
  return page !== undefined && page.nid === nid && page.zone === zone;
}

/** page_zone() of the first and the last page must be the zone of the block. */
function oneZone(k: Kernel, params: ZonePages): boolean {
  const { start_pfn, nr_pages } = params;
  return inZone(k, start_pfn, params) && inZone(k, start_pfn + nr_pages - 1, params);
}

/**
 * memory_notify(MEM_GOING_OFFLINE): who may say no. arm64 keeps the memory of the boot online
 * (prevent_bootmem_remove_notifier): NOTIFY_BAD is -EPERM.
 */
const memory_notify = leaf<PfnSpan, Outcome<void>>(
  'memory_notify',
  'drivers/base/memory.c:memory_notify',
  (k, { start_pfn, end_pfn }) => {
    if (!k.facts.era.get('boot_memory_stays')) return undefined;
    const per = k.facts.arch.pages_per_section;
    const from = Math.floor(start_pfn / per);
    const early = k.world
      .overlapping('sections', from, Math.ceil(end_pfn / per))
      .find(({ flags }) => (flags & SECTION_IS_EARLY) !== 0);
    if (!early) return undefined;
    const nr = Math.max(early.start, from);
    return fail('EPERM', `prevent_bootmem_remove_notifier: early_section(${nr}), NOTIFY_BAD`);
  },
);

function mem(k: Kernel, { start_pfn, end_pfn }: PfnSpan): string {
  const shift = BigInt(k.facts.arch.page_shift);
  const hex = (address: bigint): string => `0x${address.toString(16).padStart(10, '0')}`;
  return `[mem ${hex(BigInt(start_pfn) << shift)}-${hex((BigInt(end_pfn) << shift) - 1n)}]`;
}

/**
 * offline_pages(): the range's pages leave the allocator and the zone. Errors in the kernel's
 * order: -EINVAL for a range that is not whole, has memory holes, or has several zones; -EBUSY for
 * a page that cannot move, before 4.15 also for one that did not move for 120 seconds; -EPERM where
 * the architecture keeps it; -EINTR where migration goes on until the writer gets a signal.
 */
export const offline_pages = operation<ZonePages, Outcome<void>>(
  'offline_pages',
  'mm/memory_hotplug.c:offline_pages',
  function* (k, params) {
    const { start_pfn, nr_pages, nid, zone } = params;
    const span = { start_pfn, end_pfn: start_pfn + nr_pages };
    const giveUp = (errno: string, check: string, reason: string): Failure => {
      k.printk('debug', `memory offlining ${mem(k, span)} failed due to ${reason}`);
      return fail(errno, `${check}: ${reason}`);
    };
    if (!memoryHotremoveBuilt(k)) return fail('EINVAL', 'MEMORY_HOTREMOVE is not set');
    if (!wholeBlocks(k, params)) return fail('EINVAL', NOT_WHOLE);
    const ram = yield* call(walk_system_ram_range, span);
    if (ram !== nr_pages) {
      return giveUp('EINVAL', `system_ram_pages ${ram} != nr_pages ${nr_pages}`, 'memory holes');
    }
    if (!oneZone(k, params)) return giveUp('EINVAL', 'page_zone() != zone', 'multizone range');
    const isolated = yield* call(start_isolate_page_range, span);
    if (failed(isolated)) {
      return giveUp(isolated.errno, isolated.check, 'failure to isolate range');
    }
    const notice = { start_pfn, nr_pages };
    const arch = yield* call(memory_notify, span);
    const going = { action: 'MEM_GOING_OFFLINE' as const, ...notice };
    const vetoed = failed(arch) ? arch : yield* notifyDrivers(k, going);
    if (failed(vetoed)) {
      yield* call(undo_isolate_page_range, span);
      yield* notifyDrivers(k, { action: 'MEM_CANCEL_OFFLINE', ...notice });
      return giveUp(vetoed.errno, vetoed.check, 'notifier failure');
    }
    const migrated = yield* migrateIsolatedRange(k, span);
    if (failed(migrated)) {
      yield* call(undo_isolate_page_range, span);
      yield* notifyDrivers(k, { action: 'MEM_CANCEL_OFFLINE', ...notice });
      const reason = migrated.errno === 'EINTR' ? 'signal backoff' : 'unmovable page';
      return giveUp(migrated.errno, migrated.check, reason);
    }
    const managed = yield* call(__offline_isolated_pages, span);
    yield* call(adjust_managed_page_count, { nid, zone, pfn: start_pfn, nr_pages: -managed });
    const { group = null } = params;
    const gone = { nid, zone, pfn: start_pfn, nr_pages: -nr_pages, group };
    yield* call(adjust_present_page_count, gone);
    if (k.facts.era.get('zone_shrinks_at_offline')) {
      yield* call(remove_pfn_range_from_zone, { nid, zone, start_pfn, nr_pages });
    }
    yield* notifyDrivers(k, { action: 'MEM_OFFLINE', ...notice });
    return undefined;
  },
);
