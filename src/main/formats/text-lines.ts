/** Splits an input file into numbered lines. */

/** A line without its end, numbered from 1. */
export interface TextLine {
  number: number;
  text: string;
  /** The file ends inside this line: it may have been cut. */
  unterminated: boolean;
}

/** Longer lines are not written by a kernel (LOG_LINE_MAX is 1,024); the rest is ignored. */
const MAX_LINE = 8192;

/** Lines of a text with LF, CRLF or CR ends. */
export function textLines(text: string): TextLine[] {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const parts = body.split(/\r\n|\n|\r/);
  const ended = parts.at(-1) === '';
  if (ended) parts.pop();
  return parts.map((part, index) => ({
    number: index + 1,
    text: part.length > MAX_LINE ? part.slice(0, MAX_LINE) : part,
    unterminated: !ended && index === parts.length - 1,
  }));
}
