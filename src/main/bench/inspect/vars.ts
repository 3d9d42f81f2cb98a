import type { OutputOf } from '../../../shared/bench/commands.ts';
import type { Inspection } from './context.ts';
import { valueText } from './format.ts';

/** Kernel variables by name, each with the step that wrote it. */
export function varViews({ world, authors, at }: Inspection): OutputOf<'vars'>['vars'] {
  return [...world.rows('vars')].map(({ name, value }) => {
    const author = authors.ofField('vars', name, 'value', at);
    return { name, text: valueText(name, value), by: author.by, changed: author.changed };
  });
}
