import {
  tableSchema,
  keyOf,
  type ExtentName,
  type Payloads,
  type RowOf,
  type TableName,
  type TableSchema,
} from '../../../../shared/world/tables.ts';
import type { Change } from '../../../../shared/world/step.ts';
import type { Key, Row } from '../../../../shared/world/value.ts';
import type { AccessLog } from './access.ts';
import { clearRange, grown, overlapping, setRange, type ExtentWriter } from './extents.ts';
import { addHash, hashRow, hashTables, subtractHash, ZERO_HASH, type Hash128 } from './hash.ts';
import { squash } from './squash.ts';
import { Store, type RecordTree } from './store.ts';

/** Payload of an extent: its fields without the range. */
export type PayloadOf<T extends ExtentName> = Payloads[T];
export type PositionOf<T extends ExtentName> = RowOf<T>['start'];

/** Told of a record before and after a write; undefined where there is none. */
export type Watcher<R extends Row> = (from: R | undefined, to: R | undefined) => void;

/** Past this many changes since the last hash, counting everything again is quicker. */
const HASH_BACKLOG = 200_000;

/** A table with what writing it needs, looked up once. */
interface Table {
  readonly schema: TableSchema;
  readonly tree: RecordTree;
  readonly writer: ExtentWriter;
}

/**
 * The state of the machine and its kernel: tables of records behind one journal.
 * Every write goes through `write`; nothing else mutates.
 */
export class World {
  readonly store: Store;
  /** Told what is read and written, while somebody asks for it. */
  access: AccessLog | undefined;
  private readonly tables = new Map<string, Table>();
  private changes: Change[] = [];
  private touched = false;
  private readonly journal: boolean;
  private sum: Hash128 = ZERO_HASH;
  private backlog: Change[] = [];
  private stale: boolean;
  private readonly watchers = new Map<string, Watcher<Row>>();

  /**
   * `journal: false` keeps no diffs (benchmarks only): such a world cannot go back. `hash`: that of
   * the store, where it is known.
   */
  constructor(
    store: Store = new Store(),
    options: { readonly journal?: boolean; readonly hash?: Hash128 } = {},
  ) {
    this.store = store;
    this.journal = options.journal ?? true;
    if (options.hash) this.sum = options.hash;
    this.stale = !this.journal || (!options.hash && store.size > 0);
  }

  private table(name: string): Table {
    let table = this.tables.get(name);
    if (!table) {
      const schema = tableSchema(name);
      const tree = this.store.tree(name);
      const writer: ExtentWriter = (key, row) => this.write(name, tree, key, row);
      table = { schema, tree, writer };
      this.tables.set(name, table);
    }
    return table;
  }

  private write(name: string, tree: RecordTree, key: Key, to: Row | undefined): void {
    const from = tree.get(key);
    if (from === to) return;
    if (to) tree.set(key, to);
    else tree.delete(key);
    this.touched = true;
    if (this.watchers.size > 0) this.watchers.get(name)?.(from, to);
    if (this.journal) this.changes.push({ table: name, key, from, to });
  }

  /**
   * Tells `watcher` of every write to a table from now on: for an index that is computed from the
   * records alone and kept up with them. One watcher a table. Such an index tells `access` itself
   * what was looked up and what changed in it.
   */
  watch<T extends TableName>(name: T, watcher: Watcher<RowOf<T>>): void {
    this.watchers.set(name, watcher as Watcher<Row>);
  }

  /** The changes since the last call, one entry a record, without those that cancelled out. */
  takeChanges(): readonly Change[] {
    this.touched = false;
    if (this.changes.length === 0) return NO_CHANGES;
    const changes = squash(this.changes);
    this.changes = [];
    if (!this.stale) {
      if (this.backlog.length + changes.length > HASH_BACKLOG) {
        this.stale = true;
        this.backlog = [];
      } else for (const change of changes) this.backlog.push(change);
    }
    return changes;
  }

  /** Are there changes that no step has taken yet? */
  get dirty(): boolean {
    return this.touched;
  }

  /** State hash over all tables, with every change so far. */
  hash(): Hash128 {
    if (this.changes.length > 0 || this.stale) {
      const sum = hashTables(({ name }) => this.store.rows(name));
      if (this.changes.length > 0) return sum;
      this.sum = sum;
      this.stale = !this.journal;
      return this.sum;
    }
    for (const { table, from, to } of this.backlog) {
      const { schema } = this.table(table);
      if (from) this.sum = subtractHash(this.sum, hashRow(schema, from));
      if (to) this.sum = addHash(this.sum, hashRow(schema, to));
    }
    this.backlog = [];
    return this.sum;
  }

  get<T extends TableName>(name: T, key: Key): RowOf<T> | undefined {
    const { schema, tree } = this.table(name);
    const row = tree.get(key);
    if (this.access) {
      if (schema.extent) this.reads(name, row ? [row] : [], key as Position, plusOne(key));
      else this.access.key(name, key, false);
    }
    return row as RowOf<T> | undefined;
  }

  /**
   * Extents are read whole: who gets one sees where it ends, and so whether a neighbour has joined.
   */
  private reads(name: string, rows: readonly Row[], start: Position, end: Position): void {
    const first = rows[0]?.['start'] as Position | undefined;
    const last = rows[rows.length - 1]?.['end'] as Position | undefined;
    const from = first !== undefined && first < start ? first : start;
    const to = last !== undefined && last > end ? last : end;
    this.access?.span(
      name,
      rows.length > 0 ? minusOne(from) : from,
      rows.length > 0 ? plusOne(to) : to,
      false,
    );
  }

  /** Like `get`, for a record that must be there. */
  need<T extends TableName>(name: T, key: Key): RowOf<T> {
    const row = this.get(name, key);
    if (!row) throw new Error(`no ${name} record ${String(key)}`);
    return row;
  }

  /** All records of a table, by key. */
  rows<T extends TableName>(name: T): IterableIterator<RowOf<T>> {
    this.access?.whole(name);
    return this.store.rows(name);
  }

  count(name: TableName): number {
    this.access?.whole(name);
    return this.table(name).tree.size;
  }

  /** Adds or replaces a record of a keyed table. */
  put<T extends Exclude<TableName, ExtentName>>(name: T, row: RowOf<T>): void {
    const { schema, tree } = this.table(name);
    const key = keyOf(schema, row);
    this.access?.key(name, key, true);
    this.write(name, tree, key, row);
  }

  /** Changes fields of a record that must be there; a patch that changes nothing writes nothing. */
  patch<T extends Exclude<TableName, ExtentName>>(
    name: T,
    key: Key,
    fields: Partial<RowOf<T>>,
  ): RowOf<T> {
    const old = this.need(name, key);
    let same = true;
    for (const field in fields) if (old[field] !== fields[field]) same = false;
    if (same) return old;
    const row = { ...old, ...fields };
    this.access?.key(name, key, true);
    this.write(name, this.table(name).tree, key, row);
    return row;
  }

  remove(name: Exclude<TableName, ExtentName>, key: Key): void {
    this.access?.key(name, key, true);
    this.write(name, this.table(name).tree, key, undefined);
  }

  /** The extent that holds `position`. */
  at<T extends ExtentName>(name: T, position: PositionOf<T>): RowOf<T> | undefined {
    const { tree } = this.table(name);
    const row = tree.getPairOrNextLower(position)?.[1] as RowOf<T> | undefined;
    const found = row && position < row.end ? row : undefined;
    if (this.access) this.reads(name, found ? [found] : [], position, plusOne(position));
    return found;
  }

  /** Extents that meet `[start, end)`, whole (not clipped), in order. */
  overlapping<T extends ExtentName>(name: T, start: PositionOf<T>, end: PositionOf<T>): RowOf<T>[] {
    const rows = overlapping(this.table(name).tree, start, end);
    if (this.access) this.reads(name, rows, start, end);
    return rows as RowOf<T>[];
  }

  /**
   * Gives `[start, end)` this payload whatever was there, splitting and merging extents.
   * Linear fields hold the value at `start`.
   */
  set<T extends ExtentName>(
    name: T,
    start: PositionOf<T>,
    end: PositionOf<T>,
    payload: PayloadOf<T>,
  ): void {
    if (!(start < end)) return;
    const { schema, tree, writer } = this.table(name);
    this.access?.span(name, start, end, true);
    setRange(schema, tree, writer, start, end, payload);
  }

  /** Removes whatever is in `[start, end)`, splitting extents at its ends. */
  clear(name: ExtentName, start: number | bigint, end: number | bigint): void {
    if (!(start < end)) return;
    const { schema, tree, writer } = this.table(name);
    this.access?.span(name, start, end, true);
    clearRange(schema, tree, writer, start, end);
  }

  /** Changes fields of what lies in `[start, end)`; gaps stay gaps. */
  update<T extends ExtentName>(
    name: T,
    start: PositionOf<T>,
    end: PositionOf<T>,
    change: Partial<PayloadOf<T>> | ((row: RowOf<T>) => Partial<PayloadOf<T>>),
  ): void {
    const { schema, tree, writer } = this.table(name);
    this.access?.span(name, start, end, true);
    for (const row of overlapping(tree, start, end) as RowOf<T>[]) {
      const from = row.start > start ? row.start : start;
      const to = row.end < end ? row.end : end;
      const fields = typeof change === 'function' ? change(row) : change;
      const { start: rowStart, end: _end, ...payload }: Row = row;
      const moved: Record<string, unknown> = { ...payload };
      for (const field in schema.linear) {
        const by =
          typeof from === 'number' && typeof rowStart === 'number'
            ? from - rowStart
            : BigInt(from) - BigInt(rowStart as number | bigint);
        moved[field] = grown(payload[field], schema.linear[field] as bigint | number, by);
      }
      setRange(schema, tree, writer, from, to, { ...moved, ...fields } as Row);
    }
  }
}

type Position = number | bigint;

function plusOne(position: Key): Position {
  return typeof position === 'bigint' ? position + 1n : Number(position) + 1;
}

function minusOne(position: Key): Position {
  return typeof position === 'bigint' ? position - 1n : Number(position) - 1;
}

const NO_CHANGES: readonly Change[] = [];
