import type { Kernel } from '../../core/facts.ts';
import { hasFlag, pfnAt, present, pteRuns, type Pte } from '../mm/pte.ts';
import { isZeroPage } from '../mm/zero-page.ts';
import { get_dev_pagemap, put_dev_pagemap } from '../pgmap/pgmap-array.ts';
import { call, point, type Operation } from '../../core/world/operation.ts';
import { putRuns } from './gup-put.ts';
import type { GupRange } from './gup-range.ts';
import { anonRun } from './page-class.ts';
import { pagesHeld, takeFromPin } from './pins.ts';
import { grabUnlessZero, try_grab_fast } from './try-grab-fast.ts';
import { gupMustUnshare } from './unshare.ts';

/** A run of equal entries, as it was read: positions [start, end) of `entry`. */
interface Read {
  readonly start: number;
  readonly end: number;
  readonly entry: Pte;
}

/** The first run of equal entries, if GUP-fast may use them; a sentence where it may not. */
function readEntries(k: Kernel, range: GupRange): Read | string {
  const [run] = pteRuns(k, range.start, range.end);
  const entry = run?.entry;
  if (!run || !entry || !present(entry)) return '!pte_present(pte)';
  if (isZeroPage(entry)) return 'pte_special(pte): the zero page';
  if (hasFlag(entry, 'protnone')) return 'pte_protnone(pte)';
  if (range.flags.write && !hasFlag(entry, 'write')) return '!pte_access_permitted(pte, write)';
  if (hasFlag(entry, 'devmap')) {
    if (range.flags.longterm) return 'pte_devmap(pte) && (flags & FOLL_LONGTERM)';
  } else if (hasFlag(entry, 'special')) return 'pte_special(pte)';
  return { start: run.start, end: run.end, entry };
}

/** How many of the first positions still hold the entry that was read. */
function unchanged(k: Kernel, { start, end, entry }: Read): number {
  let at = start;
  for (const run of pteRuns(k, start, end)) {
    const now = run.entry;
    const same =
      now?.kind === entry.kind &&
      now.level === entry.level &&
      now.flags === entry.flags &&
      pfnAt(now, run.start) === pfnAt(entry, run.start);
    if (!same) break;
    at = run.end;
  }
  return at - start;
}

/**
 * gup_fast_folio_allowed() (6.5): a long writing pin only of anonymous and shared memory; whose
 * file system tracks dirty pages cannot be seen from here.
 */
function folioAllowed(k: Kernel, { flags }: GupRange, pfn: number): boolean {
  if (!flags.pin || !flags.longterm || !flags.write) return true;
  if (!k.facts.era.get('longterm_refuses_dirty_tracking')) return true;
  const mapping = k.world.at('page_mappings', pfn)?.mapping;
  if (mapping === undefined) return false;
  return mapping.startsWith('anon:') || mapping.startsWith('file:shmem');
}

/** Takes everything after the first `keep` pages out of the array again. */
function* undo(k: Kernel, { pin }: GupRange, keep: number): Operation<void> {
  yield* putRuns(k, takeFromPin(k, pin, keep));
}

const held = (k: Kernel, { pin }: GupRange): number =>
  pagesHeld(k.world.need('gup_pins', pin).runs);

/** Reads the entries, takes a reference on their pages, and reads the entries again. */
function* takeEntries(
  k: Kernel,
  range: GupRange,
  read: Read,
  fn: string,
): Operation<{ pages: number; stop: boolean }> {
  const { pin, flags } = range;
  const before = held(k, range);
  const pfn = pfnAt(read.entry, read.start);
  const grab = { pin, flags, pfn, end: pfn + read.end - read.start };
  // Without a second look nothing may come between: the flush that precedes the free is an
  // interrupt, and interrupts are off.
  const once = k.facts.era.get('gup_fast_walk') === 'arch';
  const got = once ? grabUnlessZero(k, grab) : yield* call(try_grab_fast, grab);
  if (got === 0) return { pages: 0, stop: true };
  let good = got;
  if (!once) {
    yield* point('recheck', { pages: got, pfn });
    good = unchanged(k, { ...read, end: read.start + got });
    if (good < got) {
      k.note(`${fn}: the entry changed since it was read: the reference is dropped`);
      yield* undo(k, range, before + good);
    }
  }
  if (good > 0) {
    const { anon } = anonRun(k, pfn, pfn + good);
    const writable = hasFlag(read.entry, 'write');
    const allowed =
      folioAllowed(k, range, pfn) &&
      (writable || !gupMustUnshare(k, undefined, flags, read.entry, anon));
    if (!allowed) {
      yield* undo(k, range, before);
      return { pages: 0, stop: true };
    }
  }
  return { pages: good, stop: good < got };
}

/**
 * The loop of gup_fast_pte_range() and of the functions for huge leaves, over all runs of the
 * range. `fn` is the era's name of the function. Gives the number of pages; fewer than the range
 * has where the slow path must go on. A dead pagemap takes back what this walk took of devices.
 */
export function* walkEntries(k: Kernel, range: GupRange, fn: string): Operation<number> {
  const before = held(k, range);
  let at = range.start;
  let pgmap: string | null = null;
  while (at < range.end) {
    const read = readEntries(k, { ...range, start: at });
    if (typeof read === 'string') {
      k.note(`${read}: left to the slow path`);
      break;
    }
    if (hasFlag(read.entry, 'devmap')) {
      const pfn: number = pfnAt(read.entry, read.start);
      pgmap = yield* call(get_dev_pagemap, { pfn, cached: pgmap });
      if (pgmap === null) {
        k.note('get_dev_pagemap() == NULL: undo_dev_pagemap()');
        yield* undo(k, range, before);
        return 0;
      }
    }
    const taken = yield* takeEntries(k, range, read, fn);
    at += taken.pages;
    if (taken.stop) break;
  }
  if (pgmap !== null) yield* call(put_dev_pagemap, { pgmap });
  return at - range.start;
}
