import type { RowOf } from '../../../../../shared/world/tables.ts';
import type { Kernel } from '../../../core/facts.ts';
import { driverCallback } from '../../device/callback.ts';
import { mappingsOf } from '../../mm/rmap-index.ts';
import { isDevicePrivate, pagesOf, type Pte } from '../../mm/pte.ts';
import { withFlag, withoutFlag } from '../../page/flags.ts';
import { firstLocked } from '../../page/page-lock.ts';
import { put_page } from '../../page/page-ref.ts';
import { call, leaf, operation } from '../../../core/world/operation.ts';
import { faultReference, type Selection } from './migration.ts';

/** Up to where the pages behind a run of entries are in folios of one order. */
export function sameOrder(k: Kernel, entry: Pte, start: number, end: number): number {
  const first = entry.pfn + start - entry.start;
  const order = k.world.at('pages', first)?.compound_order;
  for (const row of k.world.overlapping('pages', first, first + end - start)) {
    if (row.compound_order !== order) return start + row.start - first;
  }
  return end;
}

/** What becomes of entries of large folios: taken as they are, split first, or left alone. */
export type LargeVerdict =
  | { readonly what: 'collect' | 'skip'; readonly next: number }
  | { readonly what: 'split'; readonly pfn: number; readonly next: number };

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly entry: Pte;
}

/**
 * migrate_vma_collect_huge_pmd() and the large folios of migrate_vma_collect_pmd(): a folio mapped by
 * a PMD that the range has whole goes as it is where compound folios are wanted; others are split.
 * Before 6.15 a large folio mapped page by page is left alone.
 */
export function collectLarge(k: Kernel, piece: Piece, selection: Selection): LargeVerdict {
  const { start, end, entry } = piece;
  const pfn = entry.pfn + start - entry.start;
  const order = k.world.at('pages', pfn)?.compound_order ?? 0;
  if (order === 0) return { what: 'collect', next: end };
  const device = isDevicePrivate(entry);
  if (!selection.has(device ? 'device_private' : 'system')) return { what: 'skip', next: end };
  const size = 2 ** order;
  const folioEnd = Math.min(end, start + size - (pfn % size));
  const huge = pagesOf(k, 'pmd');
  if (selection.has('compound') && entry.level === 'pmd' && start % huge === 0) {
    const next = end - (end % huge);
    if (next > start) return { what: 'collect', next };
  }
  if (entry.level === 'pte' && !k.facts.era.get('migrate_splits_mapped_folios')) {
    return { what: 'skip', next: folioEnd };
  }
  return { what: 'split', pfn: pfn - (pfn % size), next: folioEnd };
}

/** References that entries hold on a folio: one a PMD, one a page mapped by itself. */
function mappedReferences(k: Kernel, pfn: number, end: number): number {
  let refs = 0;
  for (const { start, end: to, entry } of mappingsOf(k, pfn, end)) {
    if (isMirror(entry) || entry.kind.startsWith('migration')) continue;
    refs += entry.level === 'pte' ? to - start : (to - start) / pagesOf(k, 'pmd');
  }
  return refs;
}

/** Entries of device page tables map nothing for the core. */
export function isMirror({ kind }: Pick<Pte, 'kind'>): boolean {
  return kind.startsWith('mirror');
}

/**
 * __split_folio_to_order(): single pages from now on, mapped as before, each with the references of
 * its own mappings; pages nobody maps keep one until the caller puts it.
 */
const __split_folio_to_order = leaf<{ pfn: number; end: number }, readonly number[]>(
  (k) =>
    k.facts.era.get('device_private_folios') ? '__split_folio_to_order' : '__split_huge_page',
  'mm/huge_memory.c:__split_folio_to_order',
  (k, { pfn, end }) => {
    for (const { start, end: to, entry } of mappingsOf(k, pfn, end)) {
      if (!isMirror(entry) && entry.level !== 'pte')
        k.world.update('ptes', start, to, { level: 'pte' });
    }
    const free: number[] = [];
    for (const row of k.world.overlapping('pages', pfn, end)) {
      if (row.mapcount < 0) {
        for (let at = Math.max(row.start, pfn); at < Math.min(row.end, end); at += 1) free.push(at);
      }
    }
    k.world.update('pages', pfn, end, (row) => ({
      compound_order: 0,
      refcount: Math.max(1, row.mapcount + 1),
      flags: withoutFlag(row.flags, 'head'),
    }));
    return free;
  },
);

/** After the split the fault holds its own pages alone: their lock and a reference. */
function keepFaultPages(
  k: Kernel,
  { fault_pfn, fault_pages }: RowOf<'migrate_vmas'>,
  pfn: number,
  end: number,
): void {
  const first = Math.max(fault_pfn ?? end, pfn);
  const last = Math.min((fault_pfn ?? end) + fault_pages, end);
  k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withoutFlag(flags, 'locked') }));
  if (first >= last) return;
  const locks = k.facts.era.get('device_fault_page').startsWith('locked');
  k.world.update('pages', first, last, (row) => ({
    refcount: row.refcount + 1,
    flags: locks ? withFlag(row.flags, 'locked') : row.flags,
  }));
}

/**
 * split_folio() of the folio at `pfn`: -EAGAIN (false) where somebody but its mappings has a
 * reference, or has it locked. A device's folio is split by its driver too (folio_split).
 */
export const migrate_vma_split_folio = operation<{ pfn: number; id: string }, boolean>(
  (k) => (k.facts.era.get('device_private_folios') ? 'migrate_vma_split_folio' : 'split_huge_page'),
  'mm/migrate_device.c:migrate_vma_split_folio, mm/huge_memory.c:__folio_split',
  function* (k, { pfn, id }) {
    const row = k.world.at('pages', pfn);
    if (!row) return false;
    const end = pfn + 2 ** row.compound_order;
    const migration = k.world.get('migrate_vmas', id);
    const fault = faultReference(k, migration, pfn);
    const locked = firstLocked(k, { pfn, end }) !== undefined;
    if (locked && fault === 0) return false;
    if (row.refcount !== mappedReferences(k, pfn, end) + fault) {
      k.note('folio_expected_ref_count() != folio_ref_count() - 1');
      return false;
    }
    const free = yield* call(__split_folio_to_order, { pfn, end });
    if (fault > 0 && migration) keepFaultPages(k, migration, pfn, end);
    const pgmap = row.pgmap === null ? undefined : k.world.get('pgmaps', row.pgmap);
    if (pgmap?.ops.includes('folio_split')) {
      yield* driverCallback(k, pgmap.device, 'folio_split', { pfn, end });
    }
    for (const at of free) yield* call(put_page, { pfn: at, end: at + 1 });
    return true;
  },
);
