import type { ProblemCode } from '../../shared/lab/problem.ts';

/** What is wrong with a plugin, and where. Lines and columns count from 1. */
export interface PluginProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: ProblemCode | 'syntax' | 'file' | 'module';
  /** One sentence, without the place. */
  readonly message: string;
}

/** `file:line:column: message`. */
export function formatPluginProblem({ file, line, column, message }: PluginProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}
