import type { Kernel } from '../../core/facts.ts';
import { flagList } from '../page/flags.ts';
import type { RssCounter } from './mm-struct.ts';
import { hasFlag, present, type Pte } from './pte.ts';
import { pageIndexOf, type Vma } from './vma.ts';
import { isZeroPage } from './zero-page.ts';

/**
 * Counts of mappings and page->mapping, kept by whoever changes an entry, in the same step, as the
 * page table lock makes them one: the functions of mm/rmap.c that the kernel calls there.
 */

/** Every page of the run is mapped `by` times more (less, where negative). */
function addMapcount(k: Kernel, pfn: number, end: number, by: number): void {
  k.world.update('pages', pfn, end, (row) => ({ mapcount: row.mapcount + by }));
}

/** Flags a page gets when it becomes anonymous memory of a process. */
function newAnonFlags(k: Kernel): string {
  const active = k.facts.era.get('anon_starts_active') ? ['active'] : [];
  return [...active, 'lru', 'swapbacked', 'uptodate'].join('|');
}

/**
 * folio_add_new_anon_rmap() and folio_add_lru_vma(): new pages [pfn, end), mapped from `position`
 * of the VMA on for the first time. The VMA has its anon_vma.
 */
export function addNewAnon(k: Kernel, vma: Vma, position: number, pfn: number, end: number): void {
  const device = k.world.at('pages', pfn)?.pgmap != null;
  const flags = newAnonFlags(k);
  k.world.update('pages', pfn, end, (row) => ({
    mapcount: 0,
    flags: device ? merged(row.flags, 'swapbacked|uptodate') : merged(row.flags, flags),
  }));
  k.world.set('page_mappings', pfn, end, {
    mapping: `anon:${vma.anon_vma}`,
    index: pageIndexOf(vma, position),
  });
}

function merged(flags: string, more: string): string {
  return [...new Set([...flagList(flags), ...flagList(more)])].sort().join('|');
}

/** folio_dup_anon_rmap_pte(), folio_add_anon_rmap_ptes(), folio_add_file_rmap_ptes(). */
export function addRmap(k: Kernel, pfn: number, end: number): void {
  addMapcount(k, pfn, end, 1);
}

/** folio_remove_rmap_ptes(). page->mapping stays until the page is freed. */
export function removeRmap(k: Kernel, pfn: number, end: number): void {
  addMapcount(k, pfn, end, -1);
}

/**
 * vm_normal_page(): has the entry a page that the core counts? Not where it is special or, as long
 * as there were such entries, devmap; not the zero page.
 */
export function isNormal(entry: Pte): boolean {
  if (!present(entry) || isZeroPage(entry)) return false;
  return !hasFlag(entry, 'special') && !hasFlag(entry, 'devmap');
}

/** PageAnon(). */
export function isAnonPage(k: Pick<Kernel, 'world'>, pfn: number): boolean {
  return k.world.at('page_mappings', pfn)?.mapping.startsWith('anon:') ?? false;
}

/** mm_counter(): which counter a mapped page counts in. */
export function rssCounterOf(k: Kernel, pfn: number): RssCounter {
  if (isAnonPage(k, pfn)) return 'anonpages';
  const flags = flagList(k.world.at('pages', pfn)?.flags ?? '');
  return flags.includes('swapbacked') ? 'shmempages' : 'filepages';
}

/** A piece of a run of PFNs that counts in one counter. */
export interface CountedRun {
  readonly pfn: number;
  readonly end: number;
  readonly counter: RssCounter;
}

/** [pfn, end) cut where page->mapping changes from anonymous to file or back. */
export function countedRuns(k: Kernel, pfn: number, end: number): CountedRun[] {
  const runs: CountedRun[] = [];
  let at = pfn;
  const add = (to: number, counter: RssCounter) => {
    const last = runs[runs.length - 1];
    if (at >= to) return;
    if (last?.counter === counter) runs[runs.length - 1] = { ...last, end: to };
    else runs.push({ pfn: at, end: to, counter });
    at = to;
  };
  for (const row of k.world.overlapping('page_mappings', pfn, end)) {
    if (row.start > at) add(Math.min(row.start, end), rssCounterOf(k, at));
    add(Math.min(row.end, end), rssCounterOf(k, Math.max(row.start, at)));
  }
  add(end, at < end ? rssCounterOf(k, at) : 'filepages');
  return runs;
}
