import { pfnText, rowAfter, type Invariant } from './invariant.ts';

export const devicePageFree: Invariant = {
  tables: ['pages'],
  check: ({ facts }, change) => {
    const row = rowAfter('pages', change);
    if (!row?.buddy || row.state !== 'init') return undefined;
    if (row.pgmap === null && facts.arch.zones[row.zone] !== 'Device') return undefined;
    const whose = row.pgmap === null ? 'ZONE_DEVICE' : row.pgmap;
    return {
      sentence: `${pfnText(row.start, row.end)} of ${whose} lie on a free list`,
      records: [{ table: 'pages', key: row.start }],
    };
  },
};
