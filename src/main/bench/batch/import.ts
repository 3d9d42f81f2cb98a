import { formatProblem } from '../../../shared/lab/problem.ts';
import {
  formatNote,
  importFiles,
  type ImportFile,
  type ImportOptions,
} from '../../formats/import.ts';

/** What came of files of a real machine, ready to be printed. */
export interface BatchImport {
  /** The lab file; undefined when a file was not recognised. */
  readonly yaml: string | undefined;
  /** Lines that were not used and assumptions, `file:line: reason: text`. */
  readonly notes: readonly string[];
  /** `file:line:column: message`. */
  readonly problems: readonly string[];
}

/** Turns files of a real machine into a lab file. Never throws. */
export function batchImport(files: readonly ImportFile[], options: ImportOptions): BatchImport {
  const { yaml, notes, problems } = importFiles(files, options);
  return { yaml, notes: notes.map(formatNote), problems: problems.map(formatProblem) };
}
