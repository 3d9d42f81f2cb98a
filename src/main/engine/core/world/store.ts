import {
  TABLES,
  keyOf,
  type RowOf,
  type TableName,
  type TableSchema,
} from '../../../../shared/world/tables.ts';
import type { Change } from '../../../../shared/world/step.ts';
import type { Key, Row } from '../../../../shared/world/value.ts';
import { SortedTree } from './sorted-tree.ts';

function compareKeys(a: Key, b: Key): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export type RecordTree = SortedTree<Key, Row>;

/**
 * The tables' records, ordered by key. `clone` is cheap: trees share their nodes until written.
 * Only the journal in `world.ts` and the replay of diffs write here.
 */
export class Store {
  readonly trees: ReadonlyMap<string, RecordTree>;

  constructor(trees?: ReadonlyMap<string, RecordTree>) {
    this.trees =
      trees ??
      new Map(TABLES.map((schema) => [schema.name, new SortedTree<Key, Row>([], compareKeys)]));
  }

  clone(): Store {
    const trees = new Map<string, RecordTree>();
    for (const [name, tree] of this.trees) trees.set(name, tree.clone());
    return new Store(trees);
  }

  tree(table: string): RecordTree {
    const tree = this.trees.get(table);
    if (!tree) throw new Error(`no table ${table}`);
    return tree;
  }

  /** Puts a change into effect. The caller keeps order: changes of one record are not commutative. */
  apply(change: Change): void {
    const tree = this.tree(change.table);
    if (change.to) tree.set(change.key, change.to);
    else tree.delete(change.key);
  }

  /** Takes a change back. */
  revert(change: Change): void {
    const tree = this.tree(change.table);
    if (change.from) tree.set(change.key, change.from);
    else tree.delete(change.key);
  }

  get<T extends TableName>(table: T, key: Key): RowOf<T> | undefined {
    return this.tree(table).get(key) as RowOf<T> | undefined;
  }

  /** Records of a table in key order. */
  rows<T extends TableName>(table: T): IterableIterator<RowOf<T>> {
    return this.tree(table).values() as IterableIterator<RowOf<T>>;
  }

  /** Number of records over all tables. */
  get size(): number {
    let size = 0;
    for (const tree of this.trees.values()) size += tree.size;
    return size;
  }

  /** Builds a store from plain rows, as a snapshot holds them. */
  static of(rows: Iterable<readonly [TableSchema, Row]>): Store {
    const store = new Store();
    for (const [schema, row] of rows) store.tree(schema.name).set(keyOf(schema, row), row);
    return store;
  }
}
