import { tableSchema } from '../../../shared/world/tables.ts';
import type { Change } from '../../../shared/world/step.ts';
import type { Key, Row, Value } from '../../../shared/world/value.ts';
import type { ByteWriter } from './byte-writer.ts';
import { DecodeError, type ByteReader } from './byte-reader.ts';
import { checkField, CURRENT_TABLES, type RecordedTable } from './recorded-tables.ts';

/** Most rows one blob may hold: bounds what a small hostile blob can unfold to. */
export const MAX_ROWS = 2_000_000;

interface TableState {
  readonly index: number;
  readonly key: string;
  readonly fields: readonly string[];
  last: Row | undefined;
  /** Where the blob has the record of a key, as its changes so far have left it. */
  readonly current: Map<Key, number>;
}

/**
 * Writes rows of a blob. A row that was written before (mostly the `from` of an update) is a
 * reference; any other is the fields in which it differs from the row it replaces, or from the
 * last row of its table.
 */
export class RowWriter {
  private readonly out: ByteWriter;
  private readonly tables = new Map<string, TableState>();
  private readonly written: Row[] = [];

  constructor(out: ByteWriter) {
    this.out = out;
    CURRENT_TABLES.forEach(({ name, key, fields }, index) => {
      this.tables.set(name, { index, key, fields, last: undefined, current: new Map() });
    });
  }

  get rows(): number {
    return this.written.length;
  }

  private table(name: string): TableState {
    const state = this.tables.get(name);
    if (!state) throw new Error(`no table ${tableSchema(name).name}`);
    return state;
  }

  /** One change of a diff. The key is not written: it is a field of the row. */
  change(change: Change): void {
    const { from, to, key } = change;
    const state = this.table(change.table);
    const shown = (to ?? from)?.[state.key];
    if (shown !== key) {
      throw new Error(`${change.table} record ${String(key)} has key ${String(shown)} in its row`);
    }
    this.out.varint(state.index * 4 + (from ? 1 : 0) + (to ? 2 : 0));
    if (from) this.reference(state, from, key);
    if (to) {
      state.current.set(key, this.written.length);
      this.row(state, to, from ?? state.last);
    }
  }

  private reference(state: TableState, row: Row, key: Key): void {
    const known = state.current.get(key);
    if (known !== undefined && this.written[known] === row) {
      this.out.varint(this.written.length - known);
    } else {
      this.out.varint(0);
      this.row(state, row, state.last);
    }
  }

  /** A row of a snapshot. */
  snapshotRow(table: string, row: Row): void {
    const state = this.table(table);
    this.out.varint(state.index);
    this.row(state, row, state.last);
  }

  private row(state: TableState, row: Row, base: Row | undefined): void {
    const { out } = this;
    const { fields } = state;
    let mask = 0;
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index] as string;
      if (!base || !Object.is(row[field], base[field])) mask |= 1 << index;
    }
    out.varint(mask);
    for (let index = 0; mask !== 0; index += 1, mask >>>= 1) {
      if (mask & 1) out.value(row[fields[index] as string]);
    }
    state.last = row;
    this.written.push(row);
  }
}

/** Reads what `RowWriter` wrote, in the same order. */
export class RowReader {
  private readonly input: ByteReader;
  private readonly tables: readonly RecordedTable[];
  private readonly last: (Row | undefined)[] = [];
  private readonly rows: Row[] = [];
  private readonly tableOf: number[] = [];

  constructor(input: ByteReader, tables: readonly RecordedTable[]) {
    this.input = input;
    this.tables = tables;
  }

  change(): Change {
    const head = this.input.varint();
    const index = Math.floor(head / 4);
    const table = this.table(index);
    const from = head & 1 ? this.reference(index) : undefined;
    const to = head & 2 ? this.row(index, from ?? this.last[index]) : undefined;
    const row = to ?? from;
    if (!row) throw new DecodeError('a change has neither an old nor a new record');
    const key = row[table.key] as Key;
    if (from && to && from[table.key] !== key) throw new DecodeError('a change moves a record');
    return { table: table.name, key, from, to };
  }

  snapshotRow(): readonly [string, Row] {
    const index = this.input.varint();
    return [this.table(index).name, this.row(index, this.last[index])];
  }

  private table(index: number): RecordedTable {
    const table = this.tables[index];
    if (!table) throw new DecodeError(`there is no table ${index}`);
    return table;
  }

  private reference(index: number): Row {
    const back = this.input.varint();
    if (back === 0) return this.row(index, this.last[index]);
    const at = this.rows.length - back;
    const row = this.rows[at];
    if (!row || this.tableOf[at] !== index) {
      throw new DecodeError('a change refers to a record that is not there');
    }
    return row;
  }

  private row(index: number, base: Row | undefined): Row {
    const table = this.table(index);
    const { fields } = table;
    let mask = this.input.varint();
    if (mask >= 2 ** fields.length) throw new DecodeError(`${table.name} has no such field`);
    const row: { [field: string]: Value } = {};
    for (let at = 0; at < fields.length; at += 1, mask >>>= 1) {
      const field = fields[at] as string;
      let value: Value | undefined;
      if (mask & 1) {
        value = this.input.value();
        checkField(table, at, value);
      } else if (base) value = base[field];
      else throw new DecodeError(`a first ${table.name} record lacks ${field}`);
      if (value !== undefined) row[field] = value;
    }
    if (this.rows.length >= MAX_ROWS) throw new DecodeError(`it holds over ${MAX_ROWS} records`);
    this.rows.push(row);
    this.tableOf.push(index);
    this.last[index] = row;
    return row;
  }
}
