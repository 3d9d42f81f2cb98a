import type { Kernel } from '../../core/facts.ts';
import { vmasIn } from '../mm/vma.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { check_and_migrate_movable_pages } from './check-and-migrate.ts';
import { vmaIsFsdax } from './check-vma-flags.ts';
import { __get_user_pages_locked } from './get-user-pages-slow.ts';
import { putRuns } from './gup-put.ts';
import { showRange, type GupRange } from './gup-range.ts';
import { pagesHeld, takeFromPin } from './pins.ts';

/** How many pages of the array were there before this call: GUP-fast may have filled its head. */
function heldBefore(k: Kernel, { pin }: GupRange): number {
  return pagesHeld(k.world.need('gup_pins', pin).runs);
}

/** check_dax_vmas(): is a page of a file system's DAX mapping among those that were pinned? */
const check_dax_vmas = leaf<{ start: number; end: number }, boolean>(
  'check_dax_vmas',
  'mm/gup.c:check_dax_vmas',
  (k, { start, end }) => vmasIn(k, start, end).some(vmaIsFsdax),
);

/** Before 5.11: pages first, then a look at their VMAs, and the pages are put again. */
function* refuseFsdax(
  k: Kernel,
  range: GupRange,
  before: number,
  got: number,
): Operation<Outcome<number>> {
  const dax = yield* call(check_dax_vmas, { start: range.start, end: range.start + got });
  if (!dax) return got;
  yield* putRuns(k, takeFromPin(k, range.pin, before));
  return fail('EOPNOTSUPP', 'check_dax_vmas(vmas, rc)');
}

/** memalloc_pin_save() and _restore(): what faults bring in meanwhile is not movable (5.13). */
function memallocPin(k: Kernel, on: boolean): void {
  const task = k.world.get('tasks', k.current());
  const flag = 'PF_MEMALLOC_PIN';
  if (!task || !k.facts.era.get('longterm_unpinnable').includes('ZONE_MOVABLE')) return;
  const others = task.flags.split('|').filter((name) => name !== '' && name !== flag);
  k.world.patch('tasks', task.id, { flags: [...others, ...(on ? [flag] : [])].join('|') });
}

/** Pins, and moves what may not be pinned for long, until everything may. */
function* pinUntilPinnable(k: Kernel, range: GupRange): Operation<Outcome<number>> {
  const before = heldBefore(k, range);
  for (;;) {
    let got = yield* call(__get_user_pages_locked, range);
    if (failed(got) || got === 0) return got;
    if (!k.facts.era.get('longterm_looks_at_vma_first')) {
      got = yield* refuseFsdax(k, range, before, got);
      if (failed(got)) return got;
    }
    if (k.facts.era.get('longterm_unpinnable') === '') return got;
    const rc = yield* call(check_and_migrate_movable_pages, { pin: range.pin, keep: before });
    if (!failed(rc)) return got;
    if (rc.errno !== 'EAGAIN') return rc;
  }
}

function* longterm(k: Kernel, range: GupRange): Operation<Outcome<number>> {
  memallocPin(k, true);
  const got = yield* pinUntilPinnable(k, range);
  memallocPin(k, false);
  return got;
}

/** __gup_longterm_locked(): FOLL_LONGTERM is dealt with here, and nowhere below. */
export const __gup_longterm_locked = operation<GupRange, Outcome<number>>(
  '__gup_longterm_locked',
  'mm/gup.c:__gup_longterm_locked',
  function* (k, range) {
    if (!range.flags.longterm) return yield* call(__get_user_pages_locked, range);
    return yield* longterm(k, range);
  },
  { show: showRange },
);

/** get_user_pages_longterm(), 4.14.4 to 5.1. */
export const get_user_pages_longterm = operation<GupRange, Outcome<number>>(
  'get_user_pages_longterm',
  'mm/gup.c:get_user_pages_longterm',
  longterm,
  { show: showRange },
);
