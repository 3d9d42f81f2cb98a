import type { Kernel } from '../../core/facts.ts';
import { call, fail, operation, type Failure, type Outcome } from '../../core/world/operation.ts';
import type { Foll } from './foll-flags.ts';
import { __gup_longterm_locked } from './gup-longterm.ts';
import { __get_user_pages_locked } from './get-user-pages-slow.ts';
import { showRange, type GupRange } from './gup-range.ts';

/** is_valid_gup_args(), and what stood in its place before 6.3: undefined where all is well. */
export function invalidGupArgs(k: Kernel, flags: Foll): Failure | undefined {
  const { era } = k.facts;
  if (flags.get && flags.pin) {
    return fail('EINVAL', '(gup_flags & (FOLL_PIN | FOLL_GET)) == (FOLL_PIN | FOLL_GET)');
  }
  if (flags.longterm && !flags.pin && era.get('longterm_needs_pin')) {
    return fail('EINVAL', '!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_LONGTERM)');
  }
  if (flags.longterm && flags.pci_p2pdma && era.get('foll_pci_p2pdma') === 'arguments') {
    return fail('EINVAL', '(gup_flags & FOLL_LONGTERM) && (gup_flags & FOLL_PCI_P2PDMA)');
  }
  return undefined;
}

/** Before FOLL_LONGTERM every call was short for all the kernel knew. */
function entry(k: Kernel, flags: Foll) {
  const longterm = flags.longterm && k.facts.era.get('longterm_api') === 'FOLL_LONGTERM';
  return longterm || flags.pin ? __gup_longterm_locked : __get_user_pages_locked;
}

/**
 * get_user_pages(): FOLL_GET references on the pages of a range, FOLL_TOUCH included; the caller
 * holds mmap_lock for reading. Gives the number of pages, or -errno for none.
 */
export const get_user_pages = operation<GupRange, Outcome<number>>(
  'get_user_pages',
  'mm/gup.c:get_user_pages',
  function* (k, range) {
    const flags = { ...range.flags, get: true, touch: true };
    const wrong = invalidGupArgs(k, flags);
    if (wrong) return wrong;
    return yield* call(entry(k, flags), { ...range, flags });
  },
  { show: showRange },
);

/** get_user_pages_remote(): the same for another task's memory. */
export const get_user_pages_remote = operation<GupRange, Outcome<number>>(
  'get_user_pages_remote',
  'mm/gup.c:get_user_pages_remote',
  function* (k, range) {
    const flags = { ...range.flags, get: true, touch: true, remote: true };
    const wrong = invalidGupArgs(k, flags);
    if (wrong) return wrong;
    return yield* call(entry(k, flags), { ...range, flags });
  },
  { show: showRange },
);

function* pin(k: Kernel, range: GupRange, more: Foll) {
  const flags = { ...range.flags, pin: true, ...more };
  const wrong = invalidGupArgs(k, flags);
  if (wrong) {
    // Unlike its siblings this one answers 0, and no errno.
    k.note(`WARN_ON_ONCE(${wrong.check}): no pages`);
    return 0;
  }
  return yield* call(__gup_longterm_locked, { ...range, flags });
}

/**
 * pin_user_pages() (5.6): FOLL_PIN on the pages of a range; the caller holds mmap_lock for
 * reading. Gives the number of pages, or -errno for none; 0 for flags that do not go together.
 */
export const pin_user_pages = operation<GupRange, Outcome<number>>(
  'pin_user_pages',
  'mm/gup.c:pin_user_pages',
  (k, range) => pin(k, range, {}),
  { show: showRange },
);

/** pin_user_pages_remote(): the same for another task's memory. */
export const pin_user_pages_remote = operation<GupRange, Outcome<number>>(
  'pin_user_pages_remote',
  'mm/gup.c:pin_user_pages_remote',
  (k, range) => pin(k, range, { touch: true, remote: true }),
  { show: showRange },
);
