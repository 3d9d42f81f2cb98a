import { pfnText, rowAfter, type Invariant } from './invariant.ts';

export const freePageHeld: Invariant = {
  tables: ['pages'],
  check: (_looked, change) => {
    const row = rowAfter('pages', change);
    if (!row?.buddy || (row.refcount <= 0 && row.mapcount < 0)) return undefined;
    const { start, end, refcount, mapcount } = row;
    return {
      sentence: `${pfnText(start, end)} are free with _refcount ${refcount} and _mapcount ${mapcount}`,
      records: [{ table: 'pages', key: start }],
    };
  },
};
