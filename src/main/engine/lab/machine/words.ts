import type { Kernel } from '../../core/facts.ts';
import { wordsPerPage, type ContentRun } from '../../kernel/mm/contents.ts';

/** What a read found, as a result of the lab: words, and how many pages of each. */
export function wordsOf(k: Kernel, runs: readonly ContentRun[]) {
  const joined: { word: number; counts: boolean; pages: number }[] = [];
  const per = wordsPerPage(k);
  for (const { pfn, end, word, counts } of runs) {
    const last = joined[joined.length - 1];
    const follows = last?.counts === counts && last.word + (counts ? last.pages * per : 0) === word;
    if (last && follows) last.pages += end - pfn;
    else joined.push({ word, counts, pages: end - pfn });
  }
  const first = joined[0];
  return {
    word: first?.word ?? 0,
    count: first?.counts ?? false,
    uniform: joined.length <= 1,
    words: joined.map(({ word, counts, pages }) => ({ word, count: counts, pages })),
  };
}
