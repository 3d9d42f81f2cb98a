import type { TableName } from '../../../../shared/world/tables.ts';
import type { Invariant } from './invariant.ts';

/** Counts by table, and the least each may be. A page that nobody maps has a _mapcount of -1. */
const LEAST: Readonly<Partial<Record<TableName, Readonly<Record<string, number>>>>> = {
  pages: { refcount: 0, mapcount: -1 },
  pgmaps: { ref: 0 },
  zones: { spanned_pages: 0, present_pages: 0, present_early_pages: 0, managed_pages: 0 },
  nodes: { node_spanned_pages: 0, node_present_pages: 0 },
  mms: { mm_users: 0, anonpages: 0, filepages: 0, shmempages: 0 },
};

const COUNTS = new Map(
  Object.entries(LEAST).map(([table, least]) => [table, Object.entries(least)]),
);

export const negativeCount: Invariant = {
  tables: Object.keys(LEAST) as TableName[],
  check: (_looked, { table, key, to }) => {
    if (!to) return undefined;
    for (const [field, least] of COUNTS.get(table) ?? []) {
      const value = to[field] as number;
      if (value >= least) continue;
      return {
        sentence: `${field} of ${table} ${String(key)} is ${value}`,
        records: [{ table: table as TableName, key }],
      };
    }
    return undefined;
  },
};
