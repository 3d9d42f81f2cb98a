import type { InvariantId } from '../../../../shared/lab/invariants.ts';
import type { Diff, Step } from '../../../../shared/world/step.ts';
import type { Violation } from '../../../../shared/world/violation.ts';
import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';
import { devicePageFree } from './device-page-free.ts';
import { deviceSectionOnline } from './device-section-online.ts';
import { freePageHeld } from './free-page-held.ts';
import { freedMemmapReferenced } from './freed-memmap-referenced.ts';
import type { Finding, Invariant, Looked } from './invariant.ts';
import { lockLeftBehind } from './lock-left-behind.ts';
import { lostPage } from './lost-page.ts';
import { mappedPageHeld } from './mapped-page-held.ts';
import { negativeCount } from './negative-count.ts';
import { pageOfRemovedPagemap } from './page-of-removed-pagemap.ts';
import { pagemapRemovedInUse } from './pagemap-removed-in-use.ts';
import { pteToFreePage } from './pte-to-free-page.ts';
import { pteToNoPage } from './pte-to-no-page.ts';

/** Those that are asked when an actor returns, not of one step. */
type WhenReturned = 'lock-left-behind' | 'lost-page';

/** Checked after every step, from its diff: one check for each id there is. */
const CHECKS: Readonly<Record<Exclude<InvariantId, WhenReturned>, Invariant>> = {
  'negative-count': negativeCount,
  'device-page-free': devicePageFree,
  'free-page-held': freePageHeld,
  'mapped-page-held': mappedPageHeld,
  'freed-memmap-referenced': freedMemmapReferenced,
  'page-of-removed-pagemap': pageOfRemovedPagemap,
  'pagemap-removed-in-use': pagemapRemovedInUse,
  'pte-to-no-page': pteToNoPage,
  'pte-to-free-page': pteToFreePage,
  'device-section-online': deviceSectionOnline,
};
const EACH = Object.entries(CHECKS) as [keyof typeof CHECKS, Invariant][];

const BY_TABLE = new Map<string, typeof EACH>();
for (const one of EACH) {
  for (const table of one[1].tables) BY_TABLE.set(table, [...(BY_TABLE.get(table) ?? []), one]);
}

/** Touched ranges of pages kept until nothing runs; past that many they are one. */
const MANY = 4096;

/** Watches a run: what each step breaks, told once for each invariant and record. */
export class Monitor {
  readonly violations: Violation[] = [];
  private looked: Looked;
  private readonly told = new Set<string>();
  private touched: { start: number; end: number }[] = [];
  private last: Step | undefined;

  constructor(world: World, facts: Facts) {
    this.looked = { world, facts, pagesWent: false };
  }

  /** A step was made; the world is as it left it. */
  step(step: Step): void {
    this.last = step;
    const went = pagesWent(step.diff);
    if (went !== this.looked.pagesWent) this.looked = { ...this.looked, pagesWent: went };
    for (const change of step.diff) {
      const invariants = BY_TABLE.get(change.table);
      if (!invariants) continue;
      for (const [id, invariant] of invariants) {
        const found = invariant.check(this.looked, change);
        if (found) this.tell(id, found);
      }
      const { to } = change;
      if (change.table === 'pages' && to?.['buddy'] === false && to['refcount'] === 0) {
        this.touch(to['start'] as number, to['end'] as number);
      }
    }
  }

  private touch(start: number, end: number): void {
    if (this.touched.length < MANY) this.touched.push({ start, end });
    else {
      const first = Math.min(start, ...this.touched.map((range) => range.start));
      const last = Math.max(end, ...this.touched.map((range) => range.end));
      this.touched = [{ start: first, end: last }];
    }
  }

  /** An actor has returned from its outermost function; `idle`: no function of anybody runs. */
  returned(actor: string, idle: boolean): void {
    const left = lockLeftBehind(this.looked, actor);
    if (left) this.tell('lock-left-behind', left);
    if (!idle) return;
    for (const range of this.touched) {
      const lost = lostPage(this.looked, range);
      if (lost) this.tell('lost-page', lost);
    }
    this.touched = [];
  }

  private tell(invariant: InvariantId, { sentence, records }: Finding): void {
    const { last } = this;
    if (!last) return;
    const [about] = records;
    const key = `${invariant} ${about?.table} ${String(about?.key)}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.violations.push({
      step: last.seq,
      invariant,
      sentence,
      fn: last.fn,
      actor: last.actor,
      records: records.map((record) => ({ table: record.table, key: String(record.key) })),
    });
  }
}

/** Fewer struct pages than before, or some of them poisoned? */
function pagesWent(diff: Diff): boolean {
  let pages = 0;
  for (const { table, from, to } of diff) {
    if (table !== 'pages') continue;
    if (from) pages -= (from['end'] as number) - (from['start'] as number);
    if (!to) continue;
    if (to['state'] === 'poison') return true;
    pages += (to['end'] as number) - (to['start'] as number);
  }
  return pages < 0;
}
