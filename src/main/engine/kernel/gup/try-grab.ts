import type { Kernel } from '../../core/facts.ts';
import { get_page } from '../page/page-ref.ts';
import { fail, type Failure } from '../../core/world/operation.ts';
import { countsPins, wantsPages, type Foll } from './foll-flags.ts';
import { GUP_PIN_COUNTING_BIAS } from '../page/pin-bias.ts';
import type { ClassRun } from './page-class.ts';
import { addToPin } from './pins.ts';

/** Pages to take into the array of `pin`: [pfn, end), of one class. */
export interface Grab {
  readonly pin: string;
  readonly flags: Foll;
  readonly pfn: number;
  readonly end: number;
}

/**
 * References a page costs: 1 for FOLL_GET; for FOLL_PIN 1024, but 1 on the head of a large page,
 * whose pins are counted apart (hpage_pincount_available, folio_has_pincount).
 */
export function refsPerPage(k: Kernel, flags: Foll, large: boolean): number {
  return countsPins(k, flags) && !large ? GUP_PIN_COUNTING_BIAS : 1;
}

/** Takes the references, and puts the pages into the array; for use inside a step. */
export function grabPages(k: Kernel, grab: Grab, large: boolean): void {
  const { pin, flags, pfn, end } = grab;
  if (!wantsPages(flags)) return;
  const refs = refsPerPage(k, flags, large);
  get_page.body(k, { pfn, end, refs });
  addToPin(k, pin, { pfn, end, pages: end - pfn, refs });
}

/** try_grab_page() and try_grab_folio(): the errno that keeps the slow path from these pages. */
export function grabRefused(k: Kernel, run: ClassRun, flags: Foll): Failure | undefined {
  if (!wantsPages(flags)) return undefined;
  const name = k.facts.era.get('try_grab_page');
  if (!run.page) return fail('EFAULT', 'oops: pte_page() of a PFN without a struct page');
  if (run.free) {
    if (name === 'get_page') k.note('VM_BUG_ON_PAGE(page_ref_zero_or_close_to_overflow(page))');
    else return fail('ENOMEM', 'WARN_ON_ONCE(folio_ref_count(folio) <= 0)');
  }
  if (refusesPeer(k, run, flags)) {
    return fail('EREMOTEIO', '!(flags & FOLL_PCI_P2PDMA) && is_pci_p2pdma_page(page)');
  }
  return undefined;
}

/** Peer memory that the caller did not say it can take. */
export function refusesPeer(k: Kernel, { device }: ClassRun, { pci_p2pdma }: Foll): boolean {
  const gated = k.facts.era.get('foll_pci_p2pdma') !== 'none';
  return gated && device === 'PCI_P2PDMA' && pci_p2pdma !== true;
}
