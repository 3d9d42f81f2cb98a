import type { FieldView } from '../../../shared/bench/views.ts';
import type { Inspection } from './context.ts';
import { recordField } from './fields.ts';
import { valueText } from './format.ts';

/** Kernel variables by name, elements of arrays last, each with the step that wrote it. */
export function varViews(inspection: Inspection): FieldView[] {
  const array = (name: string): number => (name.includes('[') ? 1 : 0);
  const rows = [...inspection.world.rows('vars')].sort((a, b) => array(a.name) - array(b.name));
  return rows.map((row) => ({
    ...recordField(inspection, 'vars', row, 'value', { text: (v) => valueText(row.name, v) }),
    name: row.name,
  }));
}
