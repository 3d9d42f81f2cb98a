import type { LogLine } from '../../../shared/bench/views.ts';
import type { Inspection } from './context.ts';
import { raisedErrors } from './errors.ts';
import { errnoText } from './format.ts';

interface Log {
  lines: LogLine[];
  total: number;
}

/** The last `count` lines of the kernel log, each with the step that printed it. */
export function kernelLog({ world, authors, at }: Inspection, count: number): Log {
  const rows = [...world.rows('kernel_log')];
  const lines = rows.slice(-count).map((row) => ({
    seq: authors.ofField('kernel_log', row.n, 'text', at).by,
    source: '',
    text: row.text,
    level: row.level,
  }));
  return { lines, total: rows.length };
}

/** The last `count` steps up to the current one that have something to say: a note or an error. */
export function stepLog({ source, at }: Inspection, count: number): Log {
  const lines: LogLine[] = [];
  const errors = raisedErrors(source, at);
  let error = errors.next().value;
  for (let seq = at; seq >= 1 && lines.length < count; seq -= 1) {
    const step = source.step(seq);
    const here = error?.seq === seq ? error.err : undefined;
    if (here) error = errors.next().value;
    const said = [step.note, here && `${errnoText(here.errno)}: ${here.check}`];
    const text = said.filter((part) => part).join('; ');
    if (text !== '') lines.push({ seq, source: step.fn, text, level: here ? 'err' : 'info' });
  }
  return { lines: lines.reverse(), total: lines.length };
}
