import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { pagesOf } from '../mm/pte.ts';
import { mappingsOf, type Mapping } from '../mm/rmap-index.ts';
import { isNormal } from '../mm/rmap.ts';

/** Entries of page tables that hold a reference to a page of [pfn, end). */
function counted(k: Kernel, pfn: number, end: number): Mapping[] {
  return mappingsOf(k, pfn, end).filter(({ entry }) => isNormal(entry));
}

/** folio_mapcount(): entries of page tables that map a page of the folio; a PMD counts once. */
export function folioMapcount(k: Kernel, pfn: number, pages: number): number {
  let count = 0;
  for (const { start, end, entry } of counted(k, pfn, pfn + pages)) {
    count += entry.level === 'pmd' ? (end - start) / pagesOf(k, 'pmd') : end - start;
  }
  return count;
}

/** First page of [pfn, end), equal single pages, with more references than mappings. */
function busySingle(k: Kernel, row: RowOf<'pages'>, pfn: number, end: number): number | undefined {
  const maps = counted(k, pfn, end);
  const cuts = new Set([pfn]);
  for (const map of maps) {
    cuts.add(map.pfn);
    cuts.add(map.pfn + (map.end - map.start));
  }
  const mapcount = (at: number) =>
    maps.filter((map) => map.pfn <= at && at < map.pfn + (map.end - map.start)).length;
  return [...cuts]
    .filter((at) => at < end)
    .sort((a, b) => a - b)
    .find((at) => row.refcount - mapcount(at) !== 0);
}

/** dax_page_is_idle() of all pages of a run; the first that is not. */
export function firstBusy(k: Kernel, pfn: number, end: number): number | undefined {
  const rule = k.facts.era.get('dax_busy');
  for (const row of k.world.overlapping('pages', pfn, end)) {
    const from = Math.max(row.start, pfn);
    const to = Math.min(row.end, end);
    const size = 2 ** row.compound_order;
    if (rule === 'page_ref_count > 1') {
      if (row.refcount > 1) return from;
      continue;
    }
    if (row.refcount === 0) continue;
    if (size === 1) {
      const busy = busySingle(k, row, from, to);
      if (busy !== undefined) return busy;
      continue;
    }
    for (let head = from - (from % size); head < to; head += size) {
      if (row.refcount - folioMapcount(k, head, size) !== 0) return head;
    }
  }
  return undefined;
}
