import { isMap, isScalar, parseDocument } from 'yaml';
import type { Pair } from 'yaml';

/**
 * The text of a lab with another schedule; everything else stays as somebody wrote it. Without
 * choices the schedule goes, which leaves the order of the program.
 *
 * @param comment a line above the schedule; '' for none
 */
export function withSchedule(
  text: string,
  choices: readonly { readonly step: number; readonly actor: string }[],
  comment: string,
): string {
  const document = parseDocument(text, { intAsBigInt: true, logLevel: 'silent' });
  const top = document.contents;
  if (!isMap(top)) return text;
  if (top.flow) {
    if (choices.length === 0) document.delete('schedule');
    else document.set('schedule', choices);
    return document.toString({ lineWidth: 0 });
  }
  const lines = choices.map(
    ({ step, actor }) => `  - { step: ${step}, actor: ${quoted(actor)} }\n`,
  );
  const heading = comment === '' ? '' : `# ${comment.replaceAll('\n', ' ')}\n`;
  const written = choices.length === 0 ? '' : `${heading}schedule:\n${lines.join('')}`;
  const old = rangeOf(top.items as Pair[], 'schedule', text);
  if (old) return text.slice(0, old.start) + written + text.slice(old.end);
  const program = rangeOf(top.items as Pair[], 'program', text);
  const at = program?.start ?? text.length;
  const gap = at > 0 && text[at - 1] !== '\n' ? '\n' : '';
  return text.slice(0, at) + gap + written + text.slice(at);
}

/** From the start of a top-level key's line to the start of the line after its value. */
function rangeOf(
  pairs: readonly Pair[],
  name: string,
  text: string,
): { start: number; end: number } | undefined {
  const index = pairs.findIndex(({ key }) => isScalar(key) && key.value === name);
  const start = keyStart(pairs[index]);
  if (start === undefined) return undefined;
  const next = keyStart(pairs[index + 1]) ?? text.length;
  const value = pairs[index]?.value as { range?: [number, number, number] | null } | null;
  const valueEnd = value?.range?.[1] ?? next;
  const line = text.indexOf('\n', Math.max(valueEnd - 1, start));
  return { start, end: line < 0 ? text.length : Math.min(line + 1, next) };
}

function keyStart(pair: Pair | undefined): number | undefined {
  const key = pair?.key as { range?: [number, number, number] | null } | undefined;
  return key?.range?.[0];
}

function quoted(name: string): string {
  return /^[A-Za-z_][\w/-]*$/.test(name) ? name : JSON.stringify(name);
}
