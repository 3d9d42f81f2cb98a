import type { MigrateDst } from '../../../../../shared/plugins/services/migration.ts';
import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';

/** An entry of 0: nothing there, nothing to migrate. */
export function isEmpty({ pfn, migrate }: MigrateRun): boolean {
  return pfn === null && !migrate;
}

/** A run cut down to pages [from, to) of the range. */
export function clipped(run: MigrateRun, from: number, to: number): MigrateRun {
  const index = Math.max(run.index, from);
  const end = Math.min(run.index + run.count, to);
  const pfn = run.pfn === null ? null : run.pfn + index - run.index;
  return { ...run, index, count: end - index, pfn };
}

function joins(left: MigrateRun, right: MigrateRun): boolean {
  return (
    left.index + left.count === right.index &&
    left.migrate === right.migrate &&
    left.write === right.write &&
    left.compound === right.compound &&
    (left.pfn === null ? right.pfn === null : right.pfn === left.pfn + left.count)
  );
}

/** Runs in order, neighbours that go on from each other joined, empty ones left out. */
export function joined(runs: readonly MigrateRun[]): MigrateRun[] {
  const result: MigrateRun[] = [];
  for (const run of runs) {
    if (run.count === 0 || isEmpty(run)) continue;
    const last = result[result.length - 1];
    if (last && joins(last, run)) {
      result[result.length - 1] = { ...last, count: last.count + run.count };
    } else result.push(run);
  }
  return result;
}

/** A piece of the range in which both arrays have one run each, or none. */
export interface Pair {
  readonly index: number;
  readonly count: number;
  readonly src: MigrateRun | undefined;
  readonly dst: MigrateRun | undefined;
}

function* bounds(runs: readonly MigrateRun[]): Iterable<number> {
  for (const { index, count } of runs) {
    yield index;
    yield index + count;
  }
}

/** Both arrays side by side, cut where either changes; pieces in which both are empty left out. */
export function pairs(src: readonly MigrateRun[], dst: readonly MigrateRun[]): Pair[] {
  const cuts = [...new Set([...bounds(src), ...bounds(dst)])].sort((a, b) => a - b);
  const result: Pair[] = [];
  let s = 0;
  let d = 0;
  const at = (run: MigrateRun | undefined, from: number, to: number) =>
    run && run.index < to && run.index + run.count > from ? clipped(run, from, to) : undefined;
  for (let cut = 0; cut + 1 < cuts.length; cut += 1) {
    const from = cuts[cut] as number;
    const to = cuts[cut + 1] as number;
    while (s < src.length && endOf(src[s] as MigrateRun) <= from) s += 1;
    while (d < dst.length && endOf(dst[d] as MigrateRun) <= from) d += 1;
    const pair = {
      index: from,
      count: to - from,
      src: at(src[s], from, to),
      dst: at(dst[d], from, to),
    };
    if (pair.src || pair.dst) result.push(pair);
  }
  return result;
}

function endOf({ index, count }: MigrateRun): number {
  return index + count;
}

/** Pages that the runs mark for migration. */
export function migrating(runs: readonly MigrateRun[]): number {
  return runs.reduce((sum, run) => sum + (run.migrate ? run.count : 0), 0);
}

/**
 * A dst array as a driver gives it, for a range of `npages` pages, in any order. A text says what is
 * wrong with it.
 */
export function readDst(given: readonly MigrateDst[], npages: number): MigrateRun[] | string {
  const runs: MigrateRun[] = [];
  for (const { index, count, pfn, write = false, compound = false } of given) {
    if (index + count > npages) return `dst reaches past the ${npages} pages of the range`;
    runs.push({ index, count, pfn, migrate: false, write, compound });
  }
  runs.sort((a, b) => a.index - b.index);
  for (let at = 1; at < runs.length; at += 1) {
    if (endOf(runs[at - 1] as MigrateRun) > (runs[at] as MigrateRun).index) {
      return `dst has two pages for page ${(runs[at] as MigrateRun).index} of the range`;
    }
  }
  return runs;
}
