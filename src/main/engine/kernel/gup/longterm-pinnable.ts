import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { zeroPfn } from '../mm/zero-page.ts';
import { deviceType } from './page-class.ts';

/**
 * folio_is_longterm_pinnable(), is_pinnable_page() before: not memory that must stay movable (CMA,
 * ZONE_MOVABLE, by era), nor coherent device memory, nor (6.15) fsdax. The zero page always is.
 */
export function isLongtermPinnable(k: Kernel, page: RowOf<'pages'>): boolean {
  if (page.start <= zeroPfn(k) && zeroPfn(k) < page.end) return true;
  const rules = k.facts.era.get('longterm_unpinnable').split(' ');
  if (rules.includes(page.migratetype)) return false;
  const device = deviceType(k, page);
  if (device !== '') return !rules.includes(device);
  return !(rules.includes('ZONE_MOVABLE') && k.facts.arch.zones[page.zone] === 'Movable');
}

/** A piece of [pfn, end) whose pages are all pinnable for long, or none is. */
export interface PinnableRun {
  readonly pfn: number;
  readonly end: number;
  readonly pinnable: boolean;
  /** Type of the pagemap of the first page. */
  readonly device: string;
}

/** [pfn, end) cut where the answer changes. */
export function pinnableRuns(k: Kernel, pfn: number, end: number): PinnableRun[] {
  const runs: PinnableRun[] = [];
  for (const row of k.world.overlapping('pages', pfn, end)) {
    const from = Math.max(row.start, pfn);
    const to = Math.min(row.end, end);
    const pinnable = isLongtermPinnable(k, row);
    const device = deviceType(k, row);
    const last = runs.at(-1);
    if (last?.pinnable === pinnable && last.device === device && last.end === from) {
      runs[runs.length - 1] = { ...last, end: to };
    } else runs.push({ pfn: from, end: to, pinnable, device });
  }
  return runs;
}
