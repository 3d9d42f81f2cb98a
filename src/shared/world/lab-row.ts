import { tableSchema, type RowOf, type TableName } from './tables.ts';
import type { Row, Value } from './value.ts';

/** A record under the names that lab files and `run --json` have for its fields. */
export function labRow<T extends TableName>(table: T, row: RowOf<T>): Row {
  const { kinds } = tableSchema(table);
  const found: Record<string, Value> = {};
  for (const [name, value] of Object.entries<Value>(row)) found[kinds[name]?.lab ?? name] = value;
  return found;
}
