import { memberOf } from '../../../shared/world/table.ts';
import type { TableSchema } from '../../../shared/world/tables.ts';
import type { Row } from '../../../shared/world/value.ts';
import { fieldText } from './format.ts';

/** Records of a table in columns, each value written as its kind asks for. */
export function tableText(schema: TableSchema, rows: Iterable<Row>): string {
  const { declared, fields, kinds } = schema;
  const lines = Array.from(rows, (row) =>
    fields.map((field) => fieldText(field, kinds[field], row[field])),
  );
  const shown = columns([fields, ...lines]);
  const title = `${declared.title}: ${declared.meaning}`;
  return [title, '', ...shown, '', ...legend(schema), ''].join('\n');
}

/** Cells one below the other, two blanks between columns. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** What each column means, and what of the kernel it stands for. */
function legend({ declared, fields, kinds }: TableSchema): string[] {
  return fields.map((name) => {
    const member = memberOf(declared, name);
    return `${name}: ${kinds[name]?.meaning ?? ''}${member === '' ? '' : ` (${member})`}`;
  });
}
