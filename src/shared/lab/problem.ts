/** What is wrong with an input file, and where. */
import type { Place } from './place.ts';

export type { Place } from './place.ts';

/** Keys and indices from the top of a document to one node. */
export type Path = (string | number)[];

/** Kinds of problem, stable for tests and editors. */
export type ProblemCode =
  | 'yaml'
  | 'empty'
  | 'unknown-key'
  | 'missing'
  | 'type'
  | 'value'
  | 'format-version'
  | 'inverted'
  | 'overlap'
  | 'limit'
  | 'duplicate'
  | 'undeclared'
  | 'unrecognised'
  | 'no-memory';

/** One located complaint. An `error` means there is no lab; a `warning` does not. */
export interface Problem extends Place {
  code: ProblemCode;
  severity: 'error' | 'warning';
  /** One human sentence, without the place. */
  message: string;
  endLine?: number;
  endColumn?: number;
  path: Path;
  /** What would have been right. */
  expected?: string;
  /** Replacements that would cure it. */
  fixes?: string[];
}

/** `file:line:column: message`, with "warning: " before the message of a warning. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, severity, message } = problem;
  return `${file}:${line}:${column}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}

/** `machine.memory[2].end`; the top of the document is `the lab`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text === '' ? 'the lab' : text;
}
