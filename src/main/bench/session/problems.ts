import type { ProblemView } from '../../../shared/bench/state.ts';
import type { Problem } from '../../../shared/lab/problem.ts';

/** Problems as every door shows them. */
export function problemViews(problems: readonly Problem[]): ProblemView[] {
  return problems.map(({ code, severity, message, file, line, column }) => ({
    code,
    severity,
    message,
    file,
    line,
    column,
  }));
}
