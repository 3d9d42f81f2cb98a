/** What an import says about its files besides the lab itself. */
import type { TextLine } from './text-lines.ts';

/** Why a line, or the absence of one, is reported. */
export type NoteReason =
  /** Nothing in the line describes the machine or a modelled result. */
  | 'not used'
  /** The kernel derives this from what was imported; repeating it would be telling the answer. */
  | 'derived'
  /** Looks like a line we read, but is cut or corrupted. */
  | 'damaged'
  /** Two sources contradict each other; the text says which was taken. */
  | 'disagrees'
  /** Nothing said it, so a value was assumed. */
  | 'assumed';

/** One remark. `line` counts from 1; absent when it concerns the whole file. */
export interface ImportNote {
  file: string;
  line?: number;
  /** The line itself (shortened), or a sentence when there is no line. */
  text: string;
  reason: NoteReason;
  /** Why, where the line does not speak for itself. */
  why?: string;
}

const MAX_TEXT = 160;

/** A note about a line; long and unprintable text is cut for the terminal. */
export function lineNote(
  file: string,
  line: number,
  text: string,
  reason: NoteReason,
  why?: string,
): ImportNote {
  return { file, line, text: printable(text), reason, ...(why === undefined ? {} : { why }) };
}

/** A note for every line that says something: none of them is used. */
export function unusedLines(file: string, lines: readonly TextLine[], why: string): ImportNote[] {
  return lines
    .filter(({ text }) => text.trim() !== '')
    .map(({ number, text }) => lineNote(file, number, text, 'not used', why));
}

/** `file:line: reason: text (why)`. */
export function formatNote(note: ImportNote): string {
  const place = note.line === undefined ? note.file : `${note.file}:${note.line}`;
  return `${place}: ${note.reason}: ${note.text}${note.why === undefined ? '' : ` (${note.why})`}`;
}

/** Control characters would move the reader's cursor: they are shown as dots. */
function printable(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 3)}...` : text;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.').trimEnd();
}
