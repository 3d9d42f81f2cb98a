import { hexGroups } from '../bench/numbers.ts';

/** A piece of a line: plain text, or a number whose digits are set in groups. */
export interface TextPiece {
  readonly text: string;
  /** The groups of a number, outermost first; the gaps between them are margins. */
  readonly groups?: readonly string[];
}

const NUMBER = /(?<![\w.])(?:0x[0-9a-fA-F]{5,}|\d{4,})(?![\w.]|\.\d)/g;

function decimalGroups(digits: string): string[] {
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3)
    groups.unshift(digits.slice(Math.max(0, end - 3), end));
  return groups;
}

/**
 * Cuts a line into plain text and numbers: hexadecimal words in groups of four, decimal numbers in
 * groups of three. Numbers inside names ("DMA32", "6.18.1") stay as they are. Joining `text` of
 * all pieces gives the line back, so copying gives plain numbers.
 */
export function pieces(line: string): TextPiece[] {
  const result: TextPiece[] = [];
  let from = 0;
  for (const match of line.matchAll(NUMBER)) {
    const text = match[0];
    if (match.index > from) result.push({ text: line.slice(from, match.index) });
    const groups = text.startsWith('0x') ? hexGroups(text) : decimalGroups(text);
    if (text.startsWith('0x')) groups[0] = `0x${groups[0] ?? ''}`;
    result.push({ text, groups });
    from = match.index + text.length;
  }
  if (from < line.length) result.push({ text: line.slice(from) });
  return result;
}
