import type { Kernel } from '../../core/facts.ts';
import { FRUITLESS, MAX_FRUITLESS } from '../mm/fault.ts';
import { mmapLock } from '../mm/mm-struct.ts';
import { pteAt } from '../mm/pte.ts';
import { letGoOf } from '../mm/refault.ts';
import { vmaAt } from '../mm/vma.ts';
import {
  call,
  fail,
  failed,
  lockShared,
  operation,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { check_vma_flags } from './check-vma-flags.ts';
import { faultin_page } from './faultin-page.ts';
import { follow_page_mask } from './follow-page.ts';
import { holdsMmapLock, showRange, type GupRange } from './gup-range.ts';

/** How far a walk came, and what ended it early. `unlocked`: a fault released mmap_lock. */
interface Walked {
  readonly at: number;
  readonly error?: Failure;
  readonly unlocked?: boolean;
}

/** The pages of one VMA, from `at` on. */
function* walkVma(k: Kernel, range: GupRange, from: number): Operation<Walked> {
  const { pin, mm, flags } = range;
  const vma = vmaAt(k, from);
  if (!vma) return { at: from, error: fail('EFAULT', '!vma') };
  const checked = yield* call(check_vma_flags, { vma, flags });
  if (failed(checked)) return { at: from, error: checked };
  const end = Math.min(range.end, vma.end);
  let at = from;
  let fruitless = 0;
  while (at < end) {
    const found = yield* call(follow_page_mask, { pin, vma, start: at, end, flags });
    if (failed(found)) return { at, error: found };
    if (found.found) {
      at += found.pages;
      fruitless = 0;
      continue;
    }
    if (fruitless === MAX_FRUITLESS) {
      return { at, error: fail('EFAULT', `the kernel ${FRUITLESS}`) };
    }
    fruitless += 1;
    const entry = pteAt(k, at);
    const unshare = found.unshare === true;
    const params = { mm, start: at, end: at + found.pages, flags, unshare };
    const brought = yield* call(faultin_page, params);
    if (!holdsMmapLock(k, mm)) return { at, unlocked: true };
    if (failed(brought) && brought.errno !== 'EBUSY') return { at, error: brought };
    if (yield* letGoOf(k, at, entry)) fruitless = 0;
  }
  return { at };
}

/**
 * __get_user_pages(): page by page of the range, referenced or pinned as the flags say; what is not
 * there is faulted in. Gives how many there are now: fewer than asked where something was in the
 * way, -errno where that was so for the first; 0 also where a fault released mmap_lock.
 */
const __get_user_pages = operation<GupRange, Outcome<number>>(
  '__get_user_pages',
  'mm/gup.c:__get_user_pages',
  function* (k, range) {
    let at = range.start;
    while (at < range.end) {
      const walked = yield* walkVma(k, range, at);
      ({ at } = walked);
      if (walked.unlocked) break;
      if (walked.error) return at > range.start ? at - range.start : walked.error;
    }
    return at - range.start;
  },
  { show: showRange },
);

/** Goes on after faults that released mmap_lock, which it takes again. */
export const __get_user_pages_locked = operation<GupRange, Outcome<number>>(
  '__get_user_pages_locked',
  'mm/gup.c:__get_user_pages_locked',
  function* (k, range) {
    let done = 0;
    for (;;) {
      const start = range.start + done;
      const got = yield* call(__get_user_pages, { ...range, start });
      if (failed(got)) return done > 0 ? done : got;
      done += got;
      const held = holdsMmapLock(k, range.mm);
      if (range.start + done === range.end || held) return done;
      yield* lockShared(mmapLock(range.mm));
    }
  },
  { show: showRange },
);
