import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import { coversPositions } from '../mm/fault.ts';
import { addressOf } from '../mm/position.ts';
import { hasFlag, pfnAt, present, pteRuns, type Pte } from '../mm/pte.ts';
import { hasVmFlag, type Vma } from '../mm/vma.ts';
import { isZeroPage, zeroPfn } from '../mm/zero-page.ts';
import { withFlag } from '../page/flags.ts';
import { get_page } from '../page/page-ref.ts';
import { deviceTypeAt } from '../pgmap/pagemap.ts';
import { get_dev_pagemap, lookup, put_dev_pagemap } from '../pgmap/pgmap-array.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type KernelFunction,
  type Outcome,
} from '../../core/world/operation.ts';
import { follText, wantsPages, type Foll } from './foll-flags.ts';
import { anonRun, classRun } from './page-class.ts';
import { addToPin } from './pins.ts';
import { grabPages, grabRefused, refsPerPage } from './try-grab.ts';
import { gupMustUnshare } from './unshare.ts';

/** Positions [start, end) of one VMA to look up, with mmap_lock held, for the array of `pin`. */
export interface Follow {
  readonly pin: string;
  readonly vma: Vma;
  readonly start: number;
  readonly end: number;
  readonly flags: Foll;
}

/**
 * What the first `pages` positions came to: their pages are in the array now (`found`), or there is
 * nothing to take yet (NULL) and a fault has to bring it; `unshare`: -EMLINK, the fault must break
 * copy on write.
 */
export interface Followed {
  readonly pages: number;
  readonly found: boolean;
  readonly unshare?: boolean;
}

function missing(start: number, end: number, unshare = false): Followed {
  return { pages: end - start, found: false, ...(unshare ? { unshare } : {}) };
}

/** can_follow_write_pte(), can_follow_write_pmd(). */
function canFollowWrite(entry: Pte, vma: Vma, { force }: Foll, anon: boolean): boolean {
  if (hasFlag(entry, 'write')) return true;
  if (!force || hasVmFlag(vma, 'shared') || hasVmFlag(vma, 'write')) return false;
  // A private page that a forced write made its own: FOLL_COW and a dirty entry, or exclusive.
  return anon && (hasFlag(entry, 'dirty') || hasFlag(entry, 'anon_exclusive'));
}

/** The zero page: one PFN for every position. */
function followZero(k: Kernel, params: Follow, entry: Pte, end: number): Followed {
  const { pin, vma, start, flags } = params;
  if (flags.write) return missing(start, end);
  if (gupMustUnshare(k, vma, flags, entry, false)) return missing(start, end, true);
  const pages = end - start;
  if (wantsPages(flags)) {
    const pfn = zeroPfn(k);
    const counted = flags.get === true || k.facts.era.get('zero_page_pins');
    const refs = counted ? pages * refsPerPage(k, flags, false) : 0;
    if (refs > 0) get_page.body(k, { pfn, end: pfn + 1, refs });
    addToPin(k, pin, { pfn, end: pfn + 1, pages, refs });
  }
  return { pages, found: true };
}

/**
 * What is done to an entry under the page table lock, for the longest run of positions with which
 * the same happens.
 */
function followEntry(k: Kernel, params: Follow, entry: Pte, stop: number): Outcome<Followed> {
  const { pin, vma, start, flags } = params;
  if (!present(entry) || hasFlag(entry, 'protnone')) return missing(start, stop);
  const pfn = pfnAt(entry, start);
  const alike = anonRun(k, pfn, pfn + stop - start);
  const end = start + alike.end - pfn;
  if (flags.write && !canFollowWrite(entry, vma, flags, alike.anon)) return missing(start, end);
  // Entries of public memory have the bit too (remove_migration_pte() in 4.14).
  const devmap = hasFlag(entry, 'devmap') || deviceTypeAt(k, pfn) === 'PUBLIC';
  if (devmap && wantsPages(flags)) {
    const pgmap = get_dev_pagemap.body(k, { pfn });
    if (typeof pgmap !== 'string') {
      k.note('get_dev_pagemap() == NULL: the device goes away');
      if (entry.level !== 'pte') return fail('EFAULT', '!get_dev_pagemap(pfn)');
      return missing(start, end);
    }
    // Put again below, under the same page table lock, when the page is held.
    put_dev_pagemap.body(k, { pgmap });
  } else if (devmap || hasFlag(entry, 'special')) {
    if (!wantsPages(flags)) return { pages: end - start, found: true };
    const check = 'proper page table entry exists, but no corresponding struct page';
    return fail(k.facts.era.get('gup_pfn_errno'), check);
  }
  if (!devmap && !hasFlag(entry, 'write') && gupMustUnshare(k, vma, flags, entry, alike.anon)) {
    return missing(start, end, true);
  }
  const run = classRun(k, pfn, pfn + end - start);
  const refused = grabRefused(k, run, flags);
  if (refused) return refused;
  grabPages(k, { pin, flags, pfn, end: run.end }, run.large);
  if (wantsPages(flags)) noteGrab(k, flags, run.large, devmap, pfn);
  if (flags.touch && flags.write && !hasFlag(entry, 'dirty')) {
    k.world.update('pages', pfn, run.end, (row) => ({ flags: withFlag(row.flags, 'dirty') }));
  }
  return { pages: run.end - pfn, found: true };
}

/** The page table lock makes one step of what the kernel calls under it: the step says what. */
function noteGrab(k: Kernel, flags: Foll, large: boolean, devmap: boolean, pfn: number): void {
  const grabbed = `${k.facts.era.get('try_grab_page')}: +${refsPerPage(k, flags, large)} a page`;
  if (!devmap) k.note(grabbed);
  else k.note(`get_dev_pagemap(${lookup(k, pfn) ?? ''}), ${grabbed}, put_dev_pagemap`);
}

function look(k: Kernel, params: Follow, huge: boolean): Outcome<Followed> {
  const { start, end } = params;
  const [run] = pteRuns(k, start, end);
  if (!run) return missing(start, end);
  const { entry } = run;
  if (!entry) return missing(start, run.end);
  // Another task made the entry smaller or larger since it was looked at: a fault sorts it out.
  if ((entry.level !== 'pte') !== huge) return missing(start, run.end);
  if (isZeroPage(entry)) return followZero(k, params, entry, run.end);
  return followEntry(k, params, entry, run.end);
}

function show({ flags, start, end }: Follow, k: Kernel): Args {
  return { address: addressOf(k, start), pages: end - start, flags: follText(flags) };
}

function follower(name: string, huge: boolean) {
  return leaf<Follow, Outcome<Followed>>(
    name,
    `mm/gup.c:${name}`,
    (k, params) => look(k, params, huge),
    { show, covers: coversPositions },
  );
}

type Follower = KernelFunction<Follow, Outcome<Followed>>;
const followers: Readonly<Record<string, Follower>> = {
  pte: follower('follow_page_pte', false),
  devmap_pmd: follower('follow_devmap_pmd', true),
  devmap_pud: follower('follow_devmap_pud', true),
  trans_huge_pmd: follower('follow_trans_huge_pmd', true),
  huge_pmd: follower('follow_huge_pmd', true),
  huge_pud: follower('follow_huge_pud', true),
};

/** Which function follows the entry, by its level and the era. */
function followerOf(k: Kernel, entry: Pte | undefined): Follower {
  let name = 'pte';
  if (entry && entry.level !== 'pte') {
    const together = k.facts.era.get('follow_huge_pmd');
    const devmap = hasFlag(entry, 'devmap') && !(together && entry.level === 'pud');
    if (devmap) name = `devmap_${entry.level}`;
    else name = together || entry.level === 'pud' ? `huge_${entry.level}` : 'trans_huge_pmd';
  }
  return followers[name] as Follower;
}

/**
 * follow_page_mask(): the pages of the first positions, referenced as the flags say, or nothing.
 * Errors: -EFAULT or (5.18) -EEXIST for an entry without a struct page; -EREMOTEIO for peer memory;
 * -ENOMEM for a page at 0.
 */
export const follow_page_mask = operation<Follow, Outcome<Followed>>(
  'follow_page_mask',
  'mm/gup.c:follow_page_mask',
  function* (k, params) {
    const [run] = pteRuns(k, params.start, params.end);
    // A walk that meets no page table ends here: no_page_table().
    if (!run?.entry) return missing(params.start, run?.end ?? params.end);
    const found = yield* call(followerOf(k, run.entry), { ...params, end: run.end });
    if (failed(found)) return found;
    return found;
  },
  { show, covers: coversPositions },
);
