import { splitHuge } from '../mm/huge-memory.ts';
import type { Kernel } from '../../core/facts.ts';
import { notifyEnd, notifyStart } from '../mm/mmu-notifier.ts';
import { hasFlag, isDevicePrivate, present, type Pte } from '../mm/pte.ts';
import { isNormal, removeRmap } from '../mm/rmap.ts';
import { processMappings, type Mapping } from '../mm/rmap-index.ts';
import { flagList, withFlag } from '../page/flags.ts';
import { addToCount, coversPages, headRuns } from '../page/page-runs.ts';
import { typeName } from '../pgmap/pagemap.ts';
import { leaf, operation, call } from '../../core/world/operation.ts';
import type { PageRun } from './isolate.ts';
import { migrationEntry } from './migration-entry.ts';
import { folio_try_share_anon_rmap_pte, mayBePinned } from './try-share-anon.ts';

/** Does the run belong to a device whose pages never migrate this way? */
function pinnedByType(k: Kernel, pfn: number): boolean {
  const key = k.world.at('pages', pfn)?.pgmap;
  const pgmap = key == null ? undefined : k.world.get('pgmaps', key);
  return pgmap !== undefined && !['PRIVATE', 'COHERENT', 'PUBLIC'].includes(typeName(pgmap));
}

/** The parts of a mapping that are replaced, and those that stay since a page may be pinned. */
function parts(k: Kernel, { entry, start, end, pfn }: Mapping) {
  const found: { start: number; end: number; pfn: number; stays: boolean }[] = [];
  for (const row of k.world.overlapping('pages', pfn, pfn + end - start)) {
    const from = Math.max(row.start, pfn);
    const to = Math.min(row.end, pfn + end - start);
    const stays = mayBePinned(k, entry, from);
    const at = start + from - pfn;
    const last = found.at(-1);
    if (last?.stays === stays) last.end = at + to - from;
    else found.push({ start: at, end: at + to - from, pfn: from, stays });
  }
  return found;
}

/** Present or device-private: not an entry that a migration put there. */
function mapsPage(entry: Pte): boolean {
  return isNormal(entry) || isDevicePrivate(entry) || present(entry);
}

/**
 * page_vma_mapped_walk(): what of a mapping is still there now that the page table is locked. It may
 * have gone while notifiers ran: an exit, a munmap().
 */
function stillMapped(k: Kernel, { entry, start, end, pfn }: Mapping): Mapping[] {
  return processMappings(k, { pfn, end: pfn + end - start }).flatMap((now) => {
    const from = Math.max(now.start, start);
    const to = Math.min(now.end, end);
    // The same page elsewhere is another mapping, with a turn of its own.
    const same = now.entry.mm === entry.mm && now.pfn - now.start === pfn - start;
    return same && mapsPage(now.entry) && from < to
      ? [{ ...now, start: from, end: to, pfn: now.pfn + from - now.start }]
      : [];
  });
}

/**
 * try_to_migrate_one(): one stretch of one page table, under its lock.
 * @returns runs that stay mapped: folio_try_share_anon_rmap_pte() fails for them
 */
const try_to_migrate_one = leaf<PageRun & { mapping: Mapping }, readonly PageRun[]>(
  (k) => `${k.facts.era.get('try_to_migrate')}_one`,
  'mm/rmap.c:try_to_migrate_one',
  (k, { mapping }) => {
    const stay: PageRun[] = [];
    for (const now of stillMapped(k, mapping)) {
      for (const { stays, ...part } of parts(k, now)) {
        if (stays) stay.push({ pfn: part.pfn, end: part.pfn + part.end - part.start });
        else replace(k, now.entry, part);
      }
    }
    return stay;
  },
  {
    covers: coversPages,
    show: ({ mapping, pfn, end }) => ({ mm: mapping.entry.mm, pfn, end }),
  },
);

/** Migration entries take the place of those that map pages from `pfn` on. */
function replace(k: Kernel, entry: Pte, part: { start: number; end: number; pfn: number }): void {
  const { start, end, pfn } = part;
  const to = pfn + end - start;
  if (entry.level !== 'pte' && !k.facts.era.get('thp_migration')) splitHuge(k, { start, end });
  const huge = entry.level !== 'pte' && k.facts.era.get('thp_migration');
  if (hasFlag(entry, 'dirty')) {
    k.world.update('pages', pfn, to, ({ flags }) => ({
      flags: flagList(flags).includes('dirty') ? flags : withFlag(flags, 'dirty'),
    }));
  }
  k.world.set('ptes', start, end, {
    mm: entry.mm,
    level: huge ? entry.level : 'pte',
    ...migrationEntry(k, entry),
    pfn,
  });
  removeRmap(k, pfn, to);
  for (const heads of headRuns(k, { pfn, end: to }, huge)) addToCount(k, heads, -heads.refs);
}

/**
 * try_to_migrate() (try_to_unmap with TTU_MIGRATION): every entry that maps the pages becomes a
 * migration entry; each gives the reference up that it held. Does nothing for device pages other
 * than private and coherent ones.
 */
export const try_to_migrate = operation<PageRun, void>(
  (k) => k.facts.era.get('try_to_migrate'),
  'mm/rmap.c:try_to_migrate',
  function* (k, run) {
    if (pinnedByType(k, run.pfn)) {
      k.note(
        'folio_is_zone_device(folio) and neither device private nor coherent: nothing is done',
      );
      return;
    }
    for (const mapping of processMappings(k, run)) {
      const { entry, start, end, pfn } = mapping;
      if (!mapsPage(entry)) continue;
      const range = { mm: entry.mm, start, end, event: 'CLEAR' };
      yield* notifyStart(k, range);
      const one = { pfn, end: pfn + end - start, mapping };
      const stay = yield* call(try_to_migrate_one, one);
      for (const part of stay) yield* call(folio_try_share_anon_rmap_pte, part);
      yield* notifyEnd(k, range);
    }
  },
  { covers: coversPages },
);
