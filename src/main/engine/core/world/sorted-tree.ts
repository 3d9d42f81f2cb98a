import sortedBtree, { type default as BTree } from 'sorted-btree';

/** Node hands over the exports of the package, which is CommonJS; bundlers the class itself. */
function classOf(loaded: typeof BTree | { readonly default: typeof BTree }): typeof BTree {
  return 'default' in loaded ? loaded.default : loaded;
}

/** A map that keeps its keys in order and whose copies share their nodes until written. */
export const SortedTree = classOf(sortedBtree);
export type SortedTree<K, V> = BTree<K, V>;
