import type { Kernel } from '../../core/facts.ts';
import { call, failed, type Operation } from '../../core/world/operation.ts';
import { split_huge_page } from './split-folio.ts';
import { pagesOf, pfnAt, pteRuns, type PteRun } from './pte.ts';
import { isNormal } from './rmap.ts';

interface Positions {
  readonly start: number;
  readonly end: number;
}

/** Positions [start, end) that map pages from `pfn` on, and what advice does with them. */
interface Piece extends Positions {
  readonly pfn: number;
  readonly what: 'advise' | 'split' | 'skip';
  /** Where to go on if the folio cannot be split. */
  readonly next: number;
}

/**
 * What advice on pages meets in a range (madvise_free_huge_pmd(), madvise_free_pte_range(),
 * madvise_cold_or_pageout_pte_range()): single pages take it as they are; a large folio that somebody
 * else maps too is left alone; one that lies in the range in part is split first. Where newer kernels
 * estimate whether a folio is shared, the model counts.
 */
function* pieces(k: Kernel, span: Positions): Generator<Piece> {
  let at = span.start;
  for (const run of pteRuns(k, span.start, span.end)) {
    at = Math.max(at, run.start);
    while (at < run.end) {
      const piece = pieceAt(k, run, at, span.end);
      yield piece;
      at = piece.what === 'advise' ? piece.end : piece.next;
    }
  }
}

function pieceAt(k: Kernel, { entry, end: runEnd }: PteRun, start: number, last: number): Piece {
  const skip = (end: number): Piece => ({ start, end, pfn: 0, what: 'skip', next: end });
  if (!entry || !isNormal(entry)) return skip(runEnd);
  const pfn = pfnAt(entry, start);
  const row = k.world.at('pages', pfn);
  if (!row) return skip(runEnd);
  const rowEnd = Math.min(runEnd, start + row.end - pfn);
  // folio_is_zone_device(folio); before, vm_normal_page() gave no page of a device.
  if (row.pgmap !== null) return skip(rowEnd);
  const advise = (end: number): Piece => ({ start, end, pfn, what: 'advise', next: end });
  if (row.compound_order === 0) return advise(rowEnd);

  const size = 2 ** row.compound_order;
  const inFolio = pfn % size;
  const pmdEnd = Math.min(start - (start % pagesOf(k, 'pmd')) + pagesOf(k, 'pmd'), last);
  const huge = entry.level === 'pmd';
  if (huge || k.facts.era.get('madvise_large_folios') === 'whole') {
    const shared = isShared(k, pfn - inFolio, size);
    const end = start + mapped(k, start, Math.min(start + size - inFolio, last), pfn);
    const whole = end - start === size;
    if (huge && whole && !shared) return advise(Math.max(end, rowEnd - ((rowEnd - start) % size)));
    if (!huge && whole) return advise(end);
    return shared ? skip(end) : { start, end, pfn, what: 'split', next: end };
  }
  return row.mapcount > 0 ? skip(pmdEnd) : { start, end: rowEnd, pfn, what: 'split', next: pmdEnd };
}

/** Has one of the folio's pages more than one mapping? */
function isShared(k: Kernel, pfn: number, size: number): boolean {
  return k.world.overlapping('pages', pfn, pfn + size).some(({ mapcount }) => mapcount > 0);
}

/** madvise_folio_pte_batch(): pages from `pfn` on that [start, end) maps one after the other. */
function mapped(k: Kernel, start: number, end: number, pfn: number): number {
  let at = start;
  for (const { end: to, entry } of pteRuns(k, start, end)) {
    if (!entry || !isNormal(entry) || pfnAt(entry, at) !== pfn + at - start) break;
    at = to;
  }
  return at - start;
}

/** Splits the large folios that advice for a range has to split. */
export function* splitForAdvice(k: Kernel, { start, end }: Positions): Operation<void> {
  const toSplit = (at: number): Piece | undefined => {
    for (const piece of pieces(k, { start: at, end })) if (piece.what === 'split') return piece;
    return undefined;
  };
  for (let piece = toSplit(start); piece !== undefined;) {
    const size = 2 ** (k.world.at('pages', piece.pfn)?.compound_order ?? 0);
    const pfn = piece.pfn - (piece.pfn % size);
    const result = yield* call(split_huge_page, { pfn, end: pfn + size });
    piece = toSplit(failed(result) ? piece.next : piece.start);
  }
}

/** Pages that take the advice, cut where their records change. */
export function* advisedRuns(k: Kernel, span: Positions) {
  for (const { start, end, pfn, what } of pieces(k, span)) {
    if (what !== 'advise') continue;
    for (const row of k.world.overlapping('pages', pfn, pfn + end - start)) {
      const first = Math.max(row.start, pfn);
      const to = Math.min(row.end, pfn + end - start);
      yield { row, pfn: first, end: to, at: start + first - pfn, to: start + to - pfn };
    }
  }
}
