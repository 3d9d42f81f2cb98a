import type { LogLine } from '../../../shared/bench/views.ts';
import type { Inspection } from './context.ts';
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
  for (let seq = at; seq >= 1 && lines.length < count; seq -= 1) {
    const step = source.step(seq);
    const error =
      step.err && step.end === seq ? `${errnoText(step.err.errno)}: ${step.err.check}` : '';
    const text = [step.note ?? '', error].filter((part) => part !== '').join('; ');
    if (text === '') continue;
    lines.push({ seq, source: step.fn, text, level: error === '' ? 'info' : 'err' });
  }
  return { lines: lines.reverse(), total: lines.length };
}
