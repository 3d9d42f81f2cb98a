import { GUP_PIN_COUNTING_BIAS } from '../page/pin-bias.ts';
import type { Kernel } from '../../core/facts.ts';
import { hasFlag, type Pte } from '../mm/pte.ts';
import { coversPages } from '../page/page-runs.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';
import type { PageRun } from './isolate.ts';

/**
 * Would folio_try_share_anon_rmap_pte() fail: a page that this mapping has for itself
 * (PageAnonExclusive, 5.19) and that may be pinned? A large folio's pins are counted apart; it is
 * refused later, by its count.
 */
export function mayBePinned(k: Kernel, entry: Pte, pfn: number): boolean {
  if (!hasFlag(entry, 'anon_exclusive')) return false;
  const page = k.world.at('pages', pfn);
  return page?.compound_order === 0 && page.refcount >= GUP_PIN_COUNTING_BIAS;
}

/**
 * folio_try_share_anon_rmap_pte(), page_try_share_anon_rmap(): -EBUSY, so that the entry is put back
 * as it was. It runs inside the step before, under the page table lock; this step tells of it.
 */
export const folio_try_share_anon_rmap_pte = leaf<PageRun, Outcome<void>>(
  (k) => k.facts.era.get('folio_try_share_anon_rmap'),
  'include/linux/rmap.h:folio_try_share_anon_rmap_pte',
  () => fail('EBUSY', 'folio_maybe_dma_pinned(folio)'),
  { covers: coversPages },
);
