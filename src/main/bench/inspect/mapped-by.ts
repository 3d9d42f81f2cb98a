import type { PageView } from '../../../shared/bench/views.ts';
import { addressesOf } from '../../engine/lab/inspect/proc-maps.ts';
import { contentRuns } from '../../engine/kernel/mm/contents.ts';
import { isZeroPage, zeroPfn } from '../../engine/kernel/mm/zero-page.ts';
import type { Inspection } from './context.ts';
import { hex } from './format.ts';

/** Entries listed for one page. */
const LISTED = 64;

/**
 * Entries of all address spaces that refer to a page. Read off the entries: the kernel's own index
 * belongs to a run, and this world may stand anywhere in its recording.
 */
export function mappedBy(inspection: Inspection, pfn: number): PageView['mapped_by'] {
  const { world, facts, authors, at } = inspection;
  const found: PageView['mapped_by'] = [];
  for (const pte of world.rows('ptes')) {
    const zero = isZeroPage(pte);
    if (zero ? pfn !== zeroPfn({ world }) : pfn < pte.pfn || pfn >= pte.pfn + pte.end - pte.start) {
      continue;
    }
    const start = zero ? pte.start : pte.start + pfn - pte.pfn;
    const { by, changed } = authors.ofPosition('ptes', start, 'kind', at);
    found.push({
      mm: pte.mm,
      address: hex(addressesOf(facts, { start, end: start + 1 }).start),
      kind: pte.kind.replaceAll('_', ' '),
      flags: pte.flags.replaceAll('|', ' '),
      by,
      changed,
    });
    if (found.length >= LISTED) break;
  }
  return found;
}

/** What is in a page, as far as labs have written it. */
export function contentsText({ world, facts }: Inspection, pfn: number): string {
  if (!world.at('page_contents', pfn)) return 'zeros, or never written';
  const [run] = contentRuns({ world, facts }, pfn, pfn + 1);
  if (!run) return '';
  return run.counts ? `words count up from ${run.word}` : `every word is ${run.word}`;
}
