import { Store } from '../../engine/core/world/store.ts';
import { TABLES } from '../../../shared/world/tables.ts';
import type { Key } from '../../../shared/world/value.ts';
import { ByteReader, DecodeError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { MAX_ROWS, RowReader, RowWriter } from './row-codec.ts';
import type { RecordedTable } from './recorded-tables.ts';
import { ENCODING, HEADER_SIZE } from './step-codec.ts';

const SNAPSHOT = 2;

/** Every record of the store after step `seq`; nothing when there are more than a blob may hold. */
export function writeSnapshot(store: Store, seq: number): Uint8Array | undefined {
  if (store.size > MAX_ROWS) return undefined;
  const out = new ByteWriter();
  out.skip(HEADER_SIZE);
  const rows = new RowWriter(out);
  for (const { name } of TABLES) for (const row of store.rows(name)) rows.snapshotRow(name, row);
  out.header((view) => {
    view.setUint8(0, ENCODING);
    view.setUint8(1, SNAPSHOT);
    view.setUint32(2, rows.rows, true);
    view.setFloat64(8, seq, true);
  });
  return out.take();
}

/** The store after step `seq`. Throws DecodeError. */
export function readSnapshot(
  bytes: Uint8Array,
  tables: readonly RecordedTable[],
  seq: number,
): Store {
  if (bytes.length < HEADER_SIZE) throw new DecodeError('it is too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== ENCODING) {
    throw new DecodeError(`its encoding is ${view.getUint8(0)}, this version reads ${ENCODING}`);
  }
  if (view.getUint8(1) !== SNAPSHOT || view.getFloat64(8, true) !== seq) {
    throw new DecodeError('it belongs to another place');
  }
  const input = new ByteReader(bytes, HEADER_SIZE);
  const rows = new RowReader(input, tables);
  const keys = new Map(tables.map(({ name, key }) => [name, key]));
  const store = new Store();
  for (let left = view.getUint32(2, true); left > 0; left -= 1) {
    const [table, row] = rows.snapshotRow();
    store.tree(table).set(row[keys.get(table) as string] as Key, row);
  }
  if (!input.ended) throw new DecodeError('there is more than it says');
  return store;
}
