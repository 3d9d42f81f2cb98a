import type { ImportNote } from './note.ts';
import type { TextLine } from './text-lines.ts';

/** How surely a text is of a format, the surest first. */
export const CERTAINTIES = ['surely', 'likely', 'perhaps', 'barely'] as const;
export type Certainty = (typeof CERTAINTIES)[number];

/** What any file says: where it came from, and what of it was not used. */
export interface FileFacts {
  file: string;
  notes: ImportNote[];
}

/** One kind of file of a real machine: how it is known, and what is read from it. */
export interface Format<F extends FileFacts> {
  /** What it is called in messages. */
  readonly title: string;
  /** From its lines alone, blank ones left out. */
  readonly known: (lines: readonly TextLine[]) => Certainty | undefined;
  /** Never throws; what cannot be read is a note. */
  readonly read: (file: string, lines: readonly TextLine[]) => F;
}

/** Lines of a text that a pattern is found in. */
export function countOf(lines: readonly TextLine[], pattern: RegExp): number {
  return lines.filter(({ text }) => pattern.test(text)).length;
}
