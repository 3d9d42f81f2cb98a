import type { RowOf } from '../../../../shared/world/tables.ts';
import { holdsPageRefs, idleRefcount } from '../../kernel/memremap/device-types.ts';
import { typeName } from '../../kernel/pgmap/pagemap.ts';
import { pfnText, rowBefore, type Invariant, type Looked } from './invariant.ts';

type Page = RowOf<'pages'>;

/** Counts of a page nobody uses any more, when its memmap goes. */
function idle({ world, facts }: Looked, page: Page): number {
  if (page.pgmap === null) {
    // Pages that never went online keep the count of __init_single_page().
    return /\b(reserved|offline)\b/.test(page.flags) ? Infinity : 0;
  }
  const pgmap = world.get('pgmaps', page.pgmap);
  const count = pgmap ? idleRefcount({ facts } as never, typeName(pgmap)) : 0;
  // Where every page holds its pagemap, memunmap_pages() has taken the idle count back by now.
  const held = pgmap !== undefined && holdsPageRefs({ facts } as never, typeName(pgmap));
  return held && facts.era.get('pagemap_ref_per_page') && count === 1 ? 0 : count;
}

export const freedMemmapReferenced: Invariant = {
  tables: ['pages'],
  check: (looked, change) => {
    if (!looked.pagesWent) return undefined;
    const before = rowBefore('pages', change);
    if (!before || before.state !== 'init' || before.buddy) return undefined;
    if (before.refcount === 0 && before.mapcount < 0) return undefined;
    const { world } = looked;
    let at = before.start;
    let gone: { start: number; end: number } | undefined;
    for (const row of world.overlapping('pages', before.start, before.end)) {
      if (row.start > at) gone ??= { start: at, end: row.start };
      const end = Math.min(row.end, before.end);
      if (row.state === 'poison') gone ??= { start: Math.max(row.start, before.start), end };
      at = end;
    }
    if (at < before.end) gone ??= { start: at, end: before.end };
    if (!gone || (before.mapcount < 0 && before.refcount <= idle(looked, before))) return undefined;
    const held = `_refcount ${before.refcount} and _mapcount ${before.mapcount}`;
    return {
      sentence: `the memmap of ${pfnText(gone.start, gone.end)} goes away with ${held}`,
      records: [
        { table: 'pages', key: before.start },
        ...(before.pgmap === null ? [] : [{ table: 'pgmaps' as const, key: before.pgmap }]),
      ],
    };
  },
};
