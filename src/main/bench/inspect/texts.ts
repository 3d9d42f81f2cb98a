import { linkTo } from '../../../shared/bench/links.ts';
import type { TextView } from '../../../shared/bench/views.ts';
import type { Inspection } from './context.ts';

/** A kernel text as lines, those that the current step changed marked. */
export function textView(
  inspection: Inspection,
  before: Inspection | undefined,
  print: (inspection: Inspection) => string,
): TextView {
  const lines = linesOf(print(inspection));
  const old = before ? linesOf(print(before)) : undefined;
  const changed = old ? changedLines(old, lines) : new Set<number>();
  const resources = resourceIndex(inspection);
  return {
    lines: lines.map((text, index) => {
      const id = resources.get(text.trim());
      const author =
        id === undefined
          ? undefined
          : inspection.authors.ofField('resources', id, 'name', inspection.at);
      const link = linkOfLine(text, inspection);
      return {
        text,
        by: author?.by ?? 0,
        changed: changed.has(index),
        ...(link ? { link } : {}),
      };
    }),
  };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** Indices of new or different lines: what is left after equal heads and tails, and moved lines. */
export function changedLines(old: readonly string[], now: readonly string[]): Set<number> {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  ) {
    tail += 1;
  }
  const gone = new Map<string, number>();
  for (const line of old.slice(head, old.length - tail)) gone.set(line, (gone.get(line) ?? 0) + 1);
  const changed = new Set<number>();
  for (let index = head; index < now.length - tail; index += 1) {
    const line = now[index] as string;
    const left = gone.get(line) ?? 0;
    if (left > 0) gone.set(line, left - 1);
    else changed.add(index);
  }
  return changed;
}

/** Resources by the text of their line in /proc/iomem, without the indent. */
function resourceIndex({ world }: Inspection): Map<string, number> {
  const index = new Map<string, number>();
  for (const row of world.rows('resources')) {
    const width = 8;
    const from = row.start.toString(16).padStart(width, '0');
    const to = row.end.toString(16).padStart(width, '0');
    index.set(`${from}-${to} : ${row.name}`, row.id);
  }
  return index;
}

function linkOfLine(text: string, { facts }: Inspection): string | undefined {
  const range = /^\s*([0-9a-f]{8,})-[0-9a-f]{8,} : /.exec(text);
  if (!range) return undefined;
  return linkTo('pfn', Number(BigInt(`0x${range[1]}`) >> BigInt(facts.arch.page_shift)));
}
