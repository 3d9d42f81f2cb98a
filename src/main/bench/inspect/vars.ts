import type { OutputOf } from '../../../shared/bench/commands.ts';
import type { Inspection } from './context.ts';
import { valueText } from './format.ts';

/** Kernel variables by name, elements of arrays last, each with the step that wrote it. */
export function varViews({ world, authors, at }: Inspection): OutputOf<'vars'>['vars'] {
  const array = (name: string): number => (name.includes('[') ? 1 : 0);
  const rows = [...world.rows('vars')].sort((a, b) => array(a.name) - array(b.name));
  return rows.map(({ name, value }) => {
    const author = authors.ofField('vars', name, 'value', at);
    return { name, text: valueText(name, value), by: author.by, changed: author.changed };
  });
}
