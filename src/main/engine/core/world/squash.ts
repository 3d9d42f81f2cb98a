import type { Change } from '../../../../shared/world/step.ts';
import { tableSchema, type TableSchema } from '../../../../shared/world/tables.ts';
import type { Key, Row } from '../../../../shared/world/value.ts';

/** Up to this many changes, looking for an earlier one in a row is quicker than an index. */
const FEW = 12;

/** One entry a record: the first `from`, the last `to`; entries that end where they began vanish. */
export function squash(changes: readonly Change[]): readonly Change[] {
  if (changes.length === 1) return changes;
  const result: Change[] = [];
  const index = changes.length > FEW ? new Map<string, Map<Key, number>>() : undefined;
  let vanished = false;
  for (const change of changes) {
    const at = index ? indexed(index, change, result.length) : earlier(result, change);
    if (at < 0) {
      result.push(change);
      continue;
    }
    const { table, key, from } = result[at] as Change;
    const { to } = change;
    result[at] = { table, key, from, to };
    vanished ||= from === to || (from !== undefined && to !== undefined);
  }
  return vanished ? result.filter(changesAnything) : result;
}

function changesAnything({ table, from, to }: Change): boolean {
  if (from === to) return false;
  return !(from && to && sameRow(tableSchema(table), from, to));
}

/** Place of an earlier change of the same record among the few; -1 where there is none. */
function earlier(changes: readonly Change[], { table, key }: Change): number {
  for (let at = 0; at < changes.length; at += 1) {
    const change = changes[at] as Change;
    if (change.key === key && change.table === table) return at;
  }
  return -1;
}

/** Like `earlier`, among many; notes `next` as the place of a record seen for the first time. */
function indexed(
  index: Map<string, Map<Key, number>>,
  { table, key }: Change,
  next: number,
): number {
  let keys = index.get(table);
  if (!keys) index.set(table, (keys = new Map()));
  const at = keys.get(key);
  if (at === undefined) keys.set(key, next);
  return at ?? -1;
}

function sameRow(schema: TableSchema, a: Row, b: Row): boolean {
  return schema.fields.every((field) => a[field] === b[field]);
}
