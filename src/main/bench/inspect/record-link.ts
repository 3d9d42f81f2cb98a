import { tableSchema } from '../../../shared/world/tables.ts';
import type { Key, Row } from '../../../shared/world/value.ts';

/** Selections by a record's key. */
const SELECTED: Readonly<Record<string, string>> = {
  nodes: 'node',
  pgmaps: 'pgmap',
  devices: 'device',
};

/**
 * What a click on a record of a table selects: "pfn:4096"; undefined where no pane is about it.
 *
 * @param row the record, for tables of which the key alone does not say it
 */
export function recordLink(table: string, key: Key, row?: Row): string | undefined {
  if (table === 'zones') return row && `zone:${String(row['nid'])}:${String(row['name'])}`;
  if (table === 'ptes') {
    return !row || row['kind'] === 'zero' ? undefined : `pfn:${String(row['pfn'])}`;
  }
  const { unit } = tableSchema(table).declared;
  const selected = unit === 'pfn' || unit === 'section' ? unit : SELECTED[table];
  return selected === undefined ? undefined : `${selected}:${String(key)}`;
}
