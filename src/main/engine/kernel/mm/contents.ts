import type { Kernel } from '../../core/facts.ts';
import { cacheStore } from './media.ts';

/** What is in a run of pages: see `page_contents`. */
export interface Content {
  readonly word: number;
  readonly nth: number | null;
}

/** Words are int, as the kernel's own tests of device memory write them: 4 bytes. */
const WORD_BYTES = 4;

/** Words of one page. */
export function wordsPerPage(k: Pick<Kernel, 'facts'>): number {
  return 2 ** k.facts.arch.page_shift / WORD_BYTES;
}

/** Writes one content over pages [pfn, end); with `nth` the first page is the nth of the buffer. */
export function writeContents(k: Kernel, pfn: number, end: number, content: Content): void {
  cacheStore(k, pfn, end);
  if (content.word === 0 && content.nth === null) k.world.clear('page_contents', pfn, end);
  else k.world.set('page_contents', pfn, end, content);
}

/** clear_page(): zeros. */
export function clearContents(k: Kernel, pfn: number, end: number): void {
  cacheStore(k, pfn, end);
  k.world.clear('page_contents', pfn, end);
}

/** copy_page() for `pages` pages. */
export function copyContents(k: Kernel, from: number, to: number, pages: number): void {
  cacheStore(k, to, to + pages);
  const rows = k.world.overlapping('page_contents', from, from + pages);
  k.world.clear('page_contents', to, to + pages);
  for (const row of rows) {
    const start = Math.max(row.start, from);
    const end = Math.min(row.end, from + pages);
    const nth = row.nth === null ? null : row.nth + (start - row.start);
    const by = to - from;
    k.world.set('page_contents', start + by, end + by, { word: row.word, nth });
  }
}

/** A run of pages with one content. */
export interface ContentRun {
  readonly pfn: number;
  readonly end: number;
  /** The first word of the run's first page. */
  readonly word: number;
  /** Do the words count up from there? */
  readonly counts: boolean;
}

/** What pages [pfn, end) hold, in order. */
export function contentRuns(
  k: Pick<Kernel, 'facts' | 'world'>,
  pfn: number,
  end: number,
): ContentRun[] {
  const runs: ContentRun[] = [];
  let at = pfn;
  const zeros = (to: number) => {
    if (at < to) runs.push({ pfn: at, end: to, word: 0, counts: false });
    at = to;
  };
  for (const row of k.world.overlapping('page_contents', pfn, end)) {
    const start = Math.max(row.start, pfn);
    zeros(start);
    at = Math.min(row.end, end);
    const nth = row.nth === null ? null : row.nth + (start - row.start);
    const word = nth === null ? row.word : row.word + nth * wordsPerPage(k);
    runs.push({ pfn: start, end: at, word, counts: nth !== null });
  }
  zeros(end);
  return runs;
}
