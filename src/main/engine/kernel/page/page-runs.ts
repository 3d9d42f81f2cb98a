import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';

/** A run of pages, [pfn, end), and how many references each gives or takes (default 1). */
export interface PageRefs {
  readonly pfn: number;
  readonly end: number;
  readonly refs?: number;
  /** Walks from head to head of compound pages: each counts once, as with folios. */
  readonly heads?: boolean;
}

/** Equal (compound) pages of a run: heads from `start` on, each with `refs` references to change. */
export interface HeadRun {
  readonly start: number;
  readonly end: number;
  readonly refs: number;
  /** The extent they are part of, as it was. */
  readonly row: RowOf<'pages'>;
}

/**
 * The run cut where page_ref_add would meet other pages. A page of a compound page counts on its
 * head, so a head is given as many references as the run has of its pages; with `perFolio` each
 * head the run begins or covers counts once. PFNs without a struct page are left out.
 */
export function headRuns(
  k: Kernel,
  { pfn, end, refs = 1, heads = false }: PageRefs,
  perFolio = heads,
): HeadRun[] {
  const runs: HeadRun[] = [];
  for (const row of k.world.overlapping('pages', pfn, end)) {
    const from = Math.max(row.start, pfn);
    const to = Math.min(row.end, end);
    const size = 2 ** row.compound_order;
    const add = (start: number, stop: number, pages: number) => {
      if (start >= stop) return;
      const more = refs * (perFolio ? 1 : pages);
      const last = runs[runs.length - 1];
      // One compound page in several extents (its pages are not mapped alike) has one head.
      if (last?.start === start && last.end === stop) {
        runs[runs.length - 1] = { ...last, refs: perFolio ? last.refs : last.refs + more };
      } else runs.push({ start, end: stop, refs: more, row });
    };
    if (size === 1) {
      add(from, to, 1);
      continue;
    }
    const head = from - (from % size);
    const firstWhole = head === from ? from : head + size;
    const lastWhole = to - (to % size);
    if (head !== from) add(head, firstWhole, Math.min(to, firstWhole) - from);
    add(firstWhole, lastWhole, size);
    if (lastWhole >= firstWhole && lastWhole < to) add(lastWhole, lastWhole + size, to - lastWhole);
  }
  return runs;
}

/**
 * The same for who lets others run between the runs: each is looked at when it is its turn, so that
 * nothing is trusted that was read before. Ends at the first PFN without a struct page.
 */
export function* eachHeadRun(k: Kernel, params: PageRefs, perFolio?: boolean): Generator<HeadRun> {
  for (let at = params.pfn; at < params.end;) {
    const row = k.world.at('pages', at);
    if (!row) return;
    const size = 2 ** row.compound_order;
    const end = Math.min(params.end, Math.ceil(row.end / size) * size);
    const [run] = headRuns(k, { ...params, pfn: at, end }, perFolio);
    if (!run) return;
    at = run.end;
    yield run;
  }
}

/** Heads in the run. */
export function headCount({ start, end, row }: HeadRun): number {
  return (end - start) / 2 ** row.compound_order;
}

/**
 * page_ref_add() on every head of the run; a negative count drops references. The count is read
 * where it is written: `row` may be older than what others did meanwhile.
 */
export function addToCount(k: Kernel, { start, end }: HeadRun, by: number): void {
  k.world.update('pages', start, end, ({ refcount }) => ({ refcount: refcount + by }));
}

/** How a step over the run shows itself: nothing where it is one page. */
export function coversPages({ pfn, end }: PageRefs) {
  if (end - pfn === 1) return undefined;
  return { count: end - pfn, range: { start: pfn, end, unit: 'pfn' as const } };
}
