import type { Kernel } from '../../core/facts.ts';
import { coversPositions } from '../mm/fault.ts';
import { mmapLock } from '../mm/mm-struct.ts';
import { hasFlag, pteRuns, type Pte } from '../mm/pte.ts';
import { rcuReadLock, rcuReadUnlock } from '../../core/world/rcu.ts';
import {
  call,
  failed,
  lockShared,
  operation,
  unlock,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { invalidGupArgs } from './get-user-pages.ts';
import { walkEntries } from './gup-fast-entry.ts';
import { __gup_longterm_locked } from './gup-longterm.ts';
import { __get_user_pages_locked } from './get-user-pages-slow.ts';
import { holdsMmapLock, showRange, type GupRange } from './gup-range.ts';

type Walker = KernelFunction<GupRange, number>;

function walker(now: string, before: string): Walker {
  const name = (k: Kernel) =>
    k.facts.era.get('gup_fast_walk') === 'gup_fast_pte_range' ? now : before;
  return operation<GupRange, number>(
    name,
    `mm/gup.c:${now}`,
    (k, range) => walkEntries(k, range, name(k)),
    { show: showRange, covers: coversPositions },
  );
}

/** Entries read without a lock, with interrupts off; a page is taken, and the entry read again. */
const gup_fast_pte_range = walker('gup_fast_pte_range', 'gup_pte_range');
const gup_fast_pmd_leaf = walker('gup_fast_pmd_leaf', 'gup_huge_pmd');
const gup_fast_pud_leaf = walker('gup_fast_pud_leaf', 'gup_huge_pud');
const gup_fast_devmap_pmd_leaf = walker('gup_fast_devmap_pmd_leaf', '__gup_device_huge_pmd');
const gup_fast_devmap_pud_leaf = walker('gup_fast_devmap_pud_leaf', '__gup_device_huge_pud');

function walkerOf({ level, ...entry }: Pte): Walker {
  const devmap = hasFlag(entry, 'devmap');
  if (level === 'pmd') return devmap ? gup_fast_devmap_pmd_leaf : gup_fast_pmd_leaf;
  if (level === 'pud') return devmap ? gup_fast_devmap_pud_leaf : gup_fast_pud_leaf;
  return gup_fast_pte_range;
}

/** End of the entries from `start` on that one function walks. */
function endOfLevel(k: Kernel, start: number, end: number): number {
  let at = start;
  let fn: Walker | undefined;
  for (const { entry, end: to } of pteRuns(k, start, end)) {
    if (!entry) break;
    const needed = walkerOf(entry);
    if (fn && needed !== fn) break;
    fn = needed;
    at = to;
  }
  return at;
}

/** gup_fast_pgd_range(): from the top of the page table down, as far as there is something to take. */
const gup_fast_pgd_range = operation<GupRange, number>(
  (k) => {
    const walk = k.facts.era.get('gup_fast_walk');
    if (walk === 'gup_fast_pte_range') return 'gup_fast_pgd_range';
    return walk === 'arch' ? 'gup_pud_range' : 'gup_pgd_range';
  },
  'mm/gup.c:gup_fast_pgd_range',
  function* (k, range) {
    let at = range.start;
    while (at < range.end) {
      const [run] = pteRuns(k, at, range.end);
      if (!run?.entry) break;
      const end = endOfLevel(k, at, range.end);
      const got = yield* call(walkerOf(run.entry), { ...range, start: at, end });
      at += got;
      if (at < end) break;
    }
    return at - range.start;
  },
  { show: showRange },
);

/** The walk with interrupts off: page tables and RCU readers' records stay as long as it lasts. */
function* withInterruptsOff(k: Kernel, range: GupRange): Operation<number> {
  rcuReadLock(k);
  const got = yield* call(gup_fast_pgd_range, range);
  rcuReadUnlock(k);
  return got;
}

/** gup_fast(), lockless_pages_from_mm() from 5.11 on. */
const gup_fast = operation<GupRange, number>(
  (k) =>
    k.facts.era.get('gup_fast_entry') === 'gup_fast_fallback'
      ? 'gup_fast'
      : 'lockless_pages_from_mm',
  'mm/gup.c:gup_fast',
  withInterruptsOff,
  { show: showRange },
);

/** get_user_pages_unlocked(): takes mmap_lock for the time of the call. */
const get_user_pages_unlocked = operation<GupRange, Outcome<number>>(
  (k) =>
    k.facts.era.get('longterm_api') === 'FOLL_LONGTERM'
      ? '__gup_longterm_unlocked'
      : 'get_user_pages_unlocked',
  'mm/gup.c:get_user_pages_unlocked',
  function* (k, range) {
    return yield* withMmapLock(k, range);
  },
  { show: showRange },
);

function* withMmapLock(k: Kernel, range: GupRange): Operation<Outcome<number>> {
  yield* lockShared(mmapLock(range.mm));
  const longterm = k.facts.era.get('longterm_api') === 'FOLL_LONGTERM';
  const got = yield* call(longterm ? __gup_longterm_locked : __get_user_pages_locked, range);
  if (holdsMmapLock(k, range.mm)) yield* unlock(mmapLock(range.mm));
  return got;
}

/** First without a lock, and for what is left over with mmap_lock. */
function* fallback(k: Kernel, range: GupRange): Operation<Outcome<number>> {
  const entry = k.facts.era.get('gup_fast_entry');
  const own = entry === 'gup_fast_fallback' || entry === 'lockless_pages_from_mm';
  const fast = own ? yield* call(gup_fast, range) : yield* withInterruptsOff(k, range);
  const start = range.start + fast;
  if (start === range.end || range.flags.fast_only) return fast;
  const rest = { ...range, start, flags: { ...range.flags, touch: true } };
  const slow =
    entry === 'gup_fast_fallback'
      ? yield* withMmapLock(k, rest)
      : yield* call(get_user_pages_unlocked, rest);
  if (failed(slow)) return fast > 0 ? fast : slow;
  return fast + slow;
}

/** gup_fast_fallback(), internal_get_user_pages_fast() from 5.6 on. */
const gup_fast_fallback = operation<GupRange, Outcome<number>>(
  (k) =>
    k.facts.era.get('gup_fast_entry') === 'gup_fast_fallback'
      ? 'gup_fast_fallback'
      : 'internal_get_user_pages_fast',
  'mm/gup.c:gup_fast_fallback',
  fallback,
  { show: showRange },
);

function entryPoint(name: string, flag: 'get' | 'pin') {
  return operation<GupRange, Outcome<number>>(
    name,
    `mm/gup.c:${name}`,
    function* (k, range) {
      const flags = { ...range.flags, [flag]: true };
      const wrong = invalidGupArgs(k, flags);
      if (wrong) return wrong;
      const all = { ...range, flags };
      if (k.facts.era.get('gup_fast_entry') === 'get_user_pages_fast') {
        return yield* fallback(k, all);
      }
      return yield* call(gup_fast_fallback, all);
    },
    { show: showRange },
  );
}

/**
 * get_user_pages_fast(): FOLL_GET without mmap_lock where that goes, with it for the rest. Gives
 * the number of pages, which may be fewer than asked for; -errno for none.
 */
export const get_user_pages_fast = entryPoint('get_user_pages_fast', 'get');

/** pin_user_pages_fast() (5.6): the same with FOLL_PIN. */
export const pin_user_pages_fast = entryPoint('pin_user_pages_fast', 'pin');
