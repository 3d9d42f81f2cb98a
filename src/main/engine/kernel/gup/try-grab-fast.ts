import type { Kernel } from '../../core/facts.ts';
import { coversPages } from '../page/page-runs.ts';
import { leaf } from '../../core/world/operation.ts';
import { classRun } from './page-class.ts';
import { pinnableRuns } from './longterm-pinnable.ts';
import { grabPages, refusesPeer, type Grab } from './try-grab.ts';

/** Takes a reference only where the count is not 0; how many of the first pages it took. */
export function grabUnlessZero(k: Kernel, grab: Grab): number {
  const { flags, pfn, end } = grab;
  const run = classRun(k, pfn, end);
  if (!run.page) {
    k.printk('alert', `BUG: unable to handle page fault: struct page of 0x${pfn.toString(16)}`);
    k.note('oops: the memmap of this PFN is gone');
    return 0;
  }
  if (run.free) {
    k.note('page_ref_add_unless_zero() == false: the page is free');
    return 0;
  }
  if (refusesPeer(k, run, flags)) {
    k.note('!(flags & FOLL_PCI_P2PDMA) && is_pci_p2pdma_page(page)');
    return 0;
  }
  let to = run.end;
  if (flags.pin && flags.longterm && k.facts.era.get('gup_fast_checks_longterm')) {
    const [first] = pinnableRuns(k, pfn, run.end);
    if (!first?.pinnable) {
      k.note('(flags & FOLL_LONGTERM) && !folio_is_longterm_pinnable(folio)');
      return 0;
    }
    to = first.end;
  }
  grabPages(k, { ...grab, end: to }, run.large);
  return to - pfn;
}

/**
 * try_grab_folio_fast() by its era's name: nothing holds these pages for the caller but the hope
 * that the entry it read still stands. Gives the number of pages taken; 0 for NULL.
 */
export const try_grab_fast = leaf<Grab, number>(
  (k) => k.facts.era.get('try_grab_fast'),
  'mm/gup.c:try_grab_folio_fast',
  grabUnlessZero,
  { show: ({ pfn, end }) => ({ pfn, pages: end - pfn }), covers: coversPages },
);
