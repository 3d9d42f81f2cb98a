import type { GupRun } from '../../../../shared/world/address-space-tables.ts';
import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { fail, type Outcome } from '../../core/world/operation.ts';

export type Pin = RowOf<'gup_pins'>;

/** How many entries of the caller's `pages` array are filled. */
export function pagesHeld(runs: readonly GupRun[]): number {
  return runs.reduce((sum, { pages }) => sum + pages, 0);
}

/** A name no pin has yet: `app 1`, `app 2` ... */
export function freePinName(k: Kernel, actor: string): string {
  let nr = 1;
  while (k.world.get('gup_pins', `${actor} ${nr}`)) nr += 1;
  return `${actor} ${nr}`;
}

/** The caller has an array for the pages; nothing is in it yet, and its call goes on. */
export function openPin(k: Kernel, pin: Omit<Pin, 'runs' | 'busy'>): void {
  k.world.put('gup_pins', { ...pin, busy: k.current(), runs: [] });
}

/** The call has returned: the pages are held until somebody gives them back. */
export function holdPin(k: Kernel, id: string): void {
  k.world.patch('gup_pins', id, { busy: '' });
}

/**
 * The running actor begins to give the pages back. -EBUSY while the call that takes them has not
 * returned, or somebody gives them back already: then the caller has no array to pass.
 */
export function claimPin(k: Kernel, id: string): Outcome<void> {
  const { busy } = k.world.need('gup_pins', id);
  if (busy !== '') return fail('EBUSY', `lab: ${busy} still takes or gives back pages of ${id}`);
  k.world.patch('gup_pins', id, { busy: k.current() });
  return undefined;
}

/** Takes the first run out of the array; the caller drops its references in the same step. */
export function takeFirstRun(k: Kernel, id: string): GupRun | undefined {
  const [first, ...rest] = k.world.need('gup_pins', id).runs;
  if (first) k.world.patch('gup_pins', id, { runs: rest });
  return first;
}

function joins(left: GupRun, right: GupRun): boolean {
  // Runs of the zero page are one PFN many times; their references add up instead.
  const plain = (run: GupRun) => run.pages === run.end - run.pfn;
  return plain(left) && plain(right) && left.end === right.pfn && left.refs === right.refs;
}

/** `pages[nr++] = page` for a run whose references were taken. */
export function addToPin(k: Kernel, id: string, run: GupRun): void {
  const { runs } = k.world.need('gup_pins', id);
  const last = runs.at(-1);
  const joined =
    last && joins(last, run)
      ? [...runs.slice(0, -1), { ...last, end: run.end, pages: last.pages + run.pages }]
      : [...runs, run];
  k.world.patch('gup_pins', id, { runs: joined });
}

/** Splits a run after its first `pages` pages. */
function splitRun(run: GupRun, pages: number): [GupRun, GupRun] {
  const { pfn, end, refs } = run;
  if (run.pages !== end - pfn) {
    const each = refs / run.pages;
    return [
      { ...run, pages, refs: each * pages },
      { ...run, pages: run.pages - pages, refs: each * (run.pages - pages) },
    ];
  }
  return [
    { pfn, end: pfn + pages, pages, refs },
    { pfn: pfn + pages, end, pages: run.pages - pages, refs },
  ];
}

/**
 * Takes everything after the first `keep` pages out of the array and gives it back, in order; the
 * caller drops the references.
 */
export function takeFromPin(k: Kernel, id: string, keep = 0): readonly GupRun[] {
  const { runs } = k.world.need('gup_pins', id);
  const kept: GupRun[] = [];
  const taken: GupRun[] = [];
  let left = keep;
  for (const run of runs) {
    if (left >= run.pages) kept.push(run);
    else if (left <= 0) taken.push(run);
    else {
      const [head, tail] = splitRun(run, left);
      kept.push(head);
      taken.push(tail);
    }
    left -= run.pages;
  }
  k.world.patch('gup_pins', id, { runs: kept });
  return taken;
}

/** The caller forgets its array. */
export function closePin(k: Kernel, id: string): void {
  k.world.remove('gup_pins', id);
}

/** Who holds a page: pins with references on it. */
export function pinsOf(world: Kernel['world'], pfn: number): readonly Pin[] {
  return [...world.rows('gup_pins')].filter(({ runs }) =>
    runs.some((run) => run.refs > 0 && pfn >= run.pfn && pfn < run.end),
  );
}
