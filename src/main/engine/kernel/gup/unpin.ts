import type { GupRun } from '../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { withFlag } from '../page/flags.ts';
import { folio_lock, folio_unlock } from '../page/page-lock.ts';
import {
  call,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { follFlags } from './foll-flags.ts';
import { putRuns } from './gup-put.ts';
import { claimPin, closePin, takeFirstRun } from './pins.ts';
import { put_page } from '../page/page-ref.ts';

interface Unpin {
  /** Key in `gup_pins`. */
  readonly pin: string;
}

const set_page_dirty = leaf<{ pfn: number; end: number }, void>(
  (k) => (k.facts.era.get('folio_references') ? 'folio_mark_dirty' : 'set_page_dirty'),
  'mm/page-writeback.c:folio_mark_dirty',
  (k, { pfn, end }) => {
    k.world.update('pages', pfn, end, (row) => ({ flags: withFlag(row.flags, 'dirty') }));
  },
  {
    covers: ({ pfn, end }) =>
      end - pfn === 1
        ? undefined
        : { count: end - pfn, range: { start: pfn, end, unit: 'pfn' as const } },
  },
);

/** set_page_dirty_lock(): under the page lock, so that nobody truncates the page meanwhile. */
function* dirtyRuns(runs: readonly GupRun[]): Operation<void> {
  for (const { pfn, end, refs } of runs) {
    if (refs === 0) continue;
    yield* call(folio_lock, { pfn, end });
    yield* call(set_page_dirty, { pfn, end });
    yield* call(folio_unlock, { pfn, end });
  }
}

/**
 * unpin_user_pages(), put_user_pages() before it, and before that each driver's own loop. The
 * array is the caller's no more. -EFAULT (an oops) where the memmap went away under the pin.
 */
export const unpin_user_pages = operation<Unpin, Outcome<void>>(
  (k) => k.facts.era.get('unpin_user_pages'),
  'mm/gup.c:unpin_user_pages',
  function* (k, { pin }) {
    let oops: Outcome<void> = undefined;
    // Run by run: what is not put yet stays in the array, for who asks who holds a page.
    for (let run = takeFirstRun(k, pin); run; run = takeFirstRun(k, pin)) {
      const result = yield* putRuns(k, [run]);
      oops ??= result;
    }
    closePin(k, pin);
    return oops;
  },
);

/** unpin_user_pages_dirty_lock(): the device wrote to the pages. */
export const unpin_user_pages_dirty_lock = operation<Unpin, Outcome<void>>(
  (k) => {
    const name = k.facts.era.get('unpin_user_pages');
    return name === 'release_pages' ? 'set_page_dirty_lock' : `${name}_dirty_lock`;
  },
  'mm/gup.c:unpin_user_pages_dirty_lock',
  function* (k, { pin }) {
    yield* dirtyRuns(k.world.need('gup_pins', pin).runs);
    return yield* call(unpin_user_pages, { pin });
  },
);

/** What a caller of get_user_pages() does with its references: put_page() on each page. */
export const put_user_references = operation<Unpin & { dirty: boolean }, Outcome<void>>(
  'release_pages',
  'mm/swap.c:release_pages',
  function* (k, { pin, dirty }) {
    if (dirty) yield* dirtyRuns(k.world.need('gup_pins', pin).runs);
    let oops: Outcome<void> = undefined;
    for (let run = takeFirstRun(k, pin); run; run = takeFirstRun(k, pin)) {
      const { pfn, end, refs } = run;
      const result = yield* call(put_page, { pfn, end, refs });
      if (failed(result)) oops ??= result;
    }
    closePin(k, pin);
    return oops;
  },
);

/** Gives the pages of a pin back the way they were taken. */
export function* releasePin(k: Kernel, pin: string, dirty: boolean): Operation<Outcome<void>> {
  const claimed = claimPin(k, pin);
  if (failed(claimed)) return claimed;
  const { flags } = k.world.need('gup_pins', pin);
  // Before there was FOLL_PIN, pages for DMA were referenced like all others.
  const pinned = follFlags(flags).pin === true || !k.facts.era.get('pin_user_pages');
  if (!pinned) return yield* call(put_user_references, { pin, dirty });
  return yield* call(dirty ? unpin_user_pages_dirty_lock : unpin_user_pages, { pin });
}
