import { LINK_KINDS, linkTo, type LinkKeys, type LinkKind } from '../../../shared/bench/links.ts';
import { tableSchema } from '../../../shared/world/tables.ts';
import type { Key, Row } from '../../../shared/world/value.ts';

/** A record by its table and key; the row for tables of which the key alone does not say it. */
interface RecordAt {
  readonly table: string;
  readonly key: Key;
  readonly row: Row | undefined;
}

/** What of each kind a record is about; undefined for none. */
const SELECTED: { readonly [K in LinkKind]: (record: RecordAt) => LinkKeys[K] | undefined } = {
  step: () => undefined,
  pfn: ({ table, key, row }) => {
    if (table === 'ptes') return row && row['kind'] !== 'zero' ? Number(row['pfn']) : undefined;
    return unitOf(table) === 'pfn' ? Number(key) : undefined;
  },
  section: ({ table, key }) => (unitOf(table) === 'section' ? Number(key) : undefined),
  node: ({ table, key }) => (table === 'nodes' ? Number(key) : undefined),
  zone: ({ table, row }) =>
    table === 'zones' && row ? { nid: Number(row['nid']), name: String(row['name']) } : undefined,
  pgmap: ({ table, key }) => (table === 'pgmaps' ? String(key) : undefined),
  device: ({ table, key }) => (table === 'devices' ? String(key) : undefined),
};

function unitOf(table: string): string | undefined {
  return tableSchema(table).declared.unit;
}

function linkOfKind<K extends LinkKind>(kind: K, record: RecordAt): string | undefined {
  const key = SELECTED[kind](record);
  return key === undefined ? undefined : linkTo(kind, key);
}

/**
 * What a click on a record of a table selects: "pfn:4096"; undefined where no pane is about it.
 *
 * @param row the record, for tables of which the key alone does not say it
 */
export function recordLink(table: string, key: Key, row?: Row): string | undefined {
  for (const kind of LINK_KINDS) {
    const link = linkOfKind(kind, { table, key, row });
    if (link !== undefined) return link;
  }
  return undefined;
}
