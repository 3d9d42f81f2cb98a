import { pfnText, rowAfter, type Invariant } from './invariant.ts';

/** Single pages only: of a compound page the record holds what its head says. */
export const mappedPageHeld: Invariant = {
  tables: ['pages'],
  check: (_looked, change) => {
    const row = rowAfter('pages', change);
    if (!row || row.state !== 'init' || row.compound_order > 0) return undefined;
    const { start, end, refcount, mapcount } = row;
    if (mapcount < 0 || refcount > mapcount) return undefined;
    return {
      sentence: `${pfnText(start, end)} are mapped ${mapcount + 1} times with _refcount ${refcount}`,
      records: [{ table: 'pages', key: start }],
    };
  },
};
