import type { GupRun } from '../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { folio_isolate_lru, folio_putback_lru, type PageRun } from '../migrate/isolate.ts';
import { migrate_device_coherent_folio } from '../migrate/device/range.ts';
import { alikeRuns, migrate_pages } from '../migrate/migrate-pages.ts';
import { flagList } from '../page/flags.ts';
import { holdQueue } from '../page/page-lock.ts';
import { folio_get } from '../page/page-ref.ts';
import {
  call,
  fail,
  failed,
  operation,
  sleepOn,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { putRuns } from './gup-put.ts';
import { pinnableRuns } from './longterm-pinnable.ts';
import { takeFromPin } from './pins.ts';

interface Checked {
  /** Key in `gup_pins`. */
  readonly pin: string;
  /** Pages at the head of the array that another call took: they are left alone. */
  readonly keep: number;
}

/** Pages of a pin that must move, by how they move. */
interface Unpinnable {
  readonly coherent: readonly PageRun[];
  /** Taken off their LRU list. */
  readonly isolated: readonly PageRun[];
  /** On no LRU list: somebody else has isolated them, or they have none. */
  readonly unlisted: readonly PageRun[];
}

function runsAfter(k: Kernel, { pin, keep }: Checked): readonly GupRun[] {
  const { runs } = k.world.need('gup_pins', pin);
  let left = keep;
  return runs.flatMap((run) => {
    const skip = Math.min(left, run.pages);
    left -= skip;
    if (skip === run.pages) return [];
    return [run.pages === run.end - run.pfn ? { ...run, pfn: run.pfn + skip } : run];
  });
}

/** The loop of collect_longterm_unpinnable_folios(). */
function* collect(k: Kernel, checked: Checked): Operation<Unpinnable> {
  const coherent: PageRun[] = [];
  const isolated: PageRun[] = [];
  const unlisted: PageRun[] = [];
  for (const run of runsAfter(k, checked)) {
    for (const { pinnable, device, pfn, end } of pinnableRuns(k, run.pfn, run.end)) {
      if (pinnable) continue;
      if (device === 'COHERENT') coherent.push({ pfn, end });
      else {
        for (const run of alikeRuns(k, { pfn, end })) {
          const failure = failed(yield* call(folio_isolate_lru, run));
          (failure ? unlisted : isolated).push(run);
        }
      }
    }
  }
  return { coherent, isolated, unlisted };
}

const collect_longterm_unpinnable = operation<Checked, Unpinnable>(
  (k) => `collect_longterm_unpinnable_${k.facts.era.get('check_and_migrate')}`,
  'mm/gup.c:collect_longterm_unpinnable_folios',
  collect,
);

/**
 * Coherent pages: the pin becomes a plain reference, since a pinned page cannot move. Gives the runs
 * whose pins are gone, and what stopped it.
 */
function* moveCoherent(
  k: Kernel,
  runs: readonly PageRun[],
  held: readonly GupRun[],
): Operation<{ readonly unpinned: readonly PageRun[]; readonly busy?: Failure }> {
  const unpinned: PageRun[] = [];
  for (const run of runs) {
    yield* call(folio_get, run);
    yield* putRuns(k, overlap(held, run.pfn, run.end));
    unpinned.push(run);
    const moved = yield* call(migrate_device_coherent_folio, run);
    if (failed(moved)) {
      return { unpinned, busy: fail('EBUSY', 'migrate_device_coherent_folio(folio)') };
    }
  }
  return { unpinned };
}

/** The parts of the held runs that lie in [pfn, end). */
function overlap(held: readonly GupRun[], pfn: number, end: number): GupRun[] {
  return held.flatMap((run) => {
    const from = Math.max(run.pfn, pfn);
    const to = Math.min(run.end, end);
    return from < to ? [{ ...run, pfn: from, end: to, pages: to - from }] : [];
  });
}

/** The parts of the held runs that lie in none of the others. */
function without(held: readonly GupRun[], runs: readonly PageRun[]): GupRun[] {
  let left = [...held];
  for (const { pfn, end } of runs) {
    left = left.flatMap((run) => [
      ...overlap([run], -Infinity, pfn),
      ...overlap([run], end, Infinity),
    ]);
  }
  return left;
}

/**
 * The loop of migrate_longterm_unpinnable_folios(): every page of the array is given back, so that
 * those on the way can move; -EAGAIN then has all of them pinned again.
 */
function* migrate(
  k: Kernel,
  { pin, keep, coherent, isolated }: Checked & Unpinnable,
): Operation<Failure> {
  const held = takeFromPin(k, pin, keep);
  const { unpinned, busy } = yield* moveCoherent(k, coherent, held);
  yield* putRuns(k, without(held, unpinned));
  if (busy) {
    for (const run of isolated) yield* call(folio_putback_lru, run);
    return busy;
  }
  let stuck = 0;
  for (const run of isolated) {
    const nid = k.world.at('pages', run.pfn)?.nid ?? 0;
    stuck += (yield* call(migrate_pages, { ...run, nid, reason: 'LONGTERM_PIN' })).length;
  }
  if (stuck > 0) return fail('ENOMEM', 'migrate_pages(movable_folio_list, ...)');
  return fail('EAGAIN', 'all folios were migrated: pin them again');
}

const migrate_longterm_unpinnable = operation<Checked & Unpinnable, Failure>(
  (k) => `migrate_longterm_unpinnable_${k.facts.era.get('check_and_migrate')}`,
  'mm/gup.c:migrate_longterm_unpinnable_folios',
  migrate,
  { show: ({ coherent, isolated }) => ({ coherent: pages(coherent), isolated: pages(isolated) }) },
);

function pages(runs: readonly PageRun[]): number {
  return runs.reduce((sum, { pfn, end }) => sum + end - pfn, 0);
}

/**
 * check_and_migrate_movable_pages(), _cma_pages() before 5.13: are all pages of the array allowed to
 * be pinned for long? 0: yes. -EAGAIN: those that were not have moved, and nothing is pinned now.
 * -EBUSY, -ENOMEM: they could not move, and nothing is pinned.
 */
export const check_and_migrate_movable_pages = operation<Checked, Outcome<number>>(
  (k) =>
    k.facts.era.get('check_and_migrate') === 'cma'
      ? 'check_and_migrate_cma_pages'
      : 'check_and_migrate_movable_pages',
  'mm/gup.c:check_and_migrate_movable_pages',
  function* (k, checked) {
    const split = ['pages', 'folios'].includes(k.facts.era.get('check_and_migrate'));
    const found = split
      ? yield* call(collect_longterm_unpinnable, checked)
      : yield* collect(k, checked);
    // What could not be isolated is tried again by pinning again, except in two releases.
    const listed = k.facts.era.get('longterm_skips_unlisted');
    const moves = found.coherent.length + found.isolated.length;
    if (listed ? found.isolated.length === 0 : moves + found.unlisted.length === 0) return 0;
    if (moves === 0) return yield* nothingMoves(k, checked, found.unlisted);
    return split
      ? yield* call(migrate_longterm_unpinnable, { ...checked, ...found })
      : yield* migrate(k, { ...checked, ...found });
  },
);

/** Is the run, as far as it is in use, on its LRU list? */
function mayBeIsolated(k: Kernel, { pfn, end }: PageRun): boolean {
  const rows = k.world.overlapping('pages', pfn, end);
  return rows.every((row) => row.refcount <= 0 || flagList(row.flags).includes('lru'));
}

/**
 * No page could be isolated: the kernel unpins and pins again until one can (-EAGAIN each time). Model:
 * it sleeps until that may be, where the kernel spins; where nobody ever puts the page back, nobody wakes
 * it, and the run says who waits for what.
 */
function* nothingMoves(
  k: Kernel,
  { pin, keep }: Checked,
  unlisted: readonly PageRun[],
): Operation<Failure> {
  yield* putRuns(k, takeFromPin(k, pin, keep));
  for (const run of unlisted) {
    while (!mayBeIsolated(k, run)) yield* sleepOn(holdQueue(run.pfn));
  }
  return fail('EAGAIN', 'list_empty(movable_folio_list): pin them again');
}
