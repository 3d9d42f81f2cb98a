import type { StepRow } from '../../../shared/bench/views.ts';
import { inspectHandlers } from '../session/handlers/inspect.ts';
import type { OpenSession } from '../session/open-session.ts';

/** Letters the step number takes, so that trees of any run line up. */
const SEQ_WIDTH = 7;
const INDENT = '  ';
/** Steps asked for at a time. */
const WINDOW = 2000;

/**
 * The step tree as text, one line a step: number, indent, `fn(args) = ret`, `×count` of a run of
 * equal calls, records `+added ~updated -removed`, an error with the check that raised it, a note.
 */
export async function* traceLines(open: OpenSession): AsyncGenerator<string> {
  let actor = '';
  for (let first = 1; first <= open.session.length; first += WINDOW) {
    const { rows } = await inspectHandlers.steps(open, { first, count: WINDOW });
    for (const row of rows) {
      if (row.actor !== actor) {
        actor = row.actor;
        yield `${' '.repeat(SEQ_WIDTH)}  [${actor}]`;
      }
      yield traceLine(row);
    }
  }
}

/** One step as one line. */
export function traceLine(row: StepRow): string {
  const parts = [
    `${String(row.seq).padStart(SEQ_WIDTH)}  ${INDENT.repeat(row.depth)}${callText(row)}`,
  ];
  if (row.count !== 1) parts.push(`\u00d7${row.count}`);
  const changes = Object.entries({ '+': row.added, '~': row.updated, '-': row.removed });
  const counts = changes.flatMap(([sign, count]) => (count > 0 ? [`${sign}${count}`] : []));
  if (counts.length > 0) parts.push(counts.join(' '));
  if (row.check !== undefined) parts.push(`[${row.check}]`);
  if (row.note !== undefined) parts.push(`# ${row.note.replaceAll('\n', ' ')}`);
  return parts.join('  ');
}

function callText({ fn, kind, args, error, result }: StepRow): string {
  const returned = error === undefined ? result : `-${error}`;
  return `${fn}${kind === 'return' ? ' returns' : args}${returned === '' ? '' : ` = ${returned}`}`;
}
