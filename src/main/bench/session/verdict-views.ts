import type { ExpectationView, ViolationView } from '../../../shared/bench/state.ts';
import type { Verdict } from '../../engine/lab/machine/expect.ts';
import type { LabExecution } from './execution.ts';

export function violationViews({ monitor }: LabExecution): ViolationView[] {
  return monitor.violations.map((violation) => ({
    ...violation,
    records: violation.records.map((record) => ({ ...record })),
  }));
}

export function verdictView({ at, want, got, ok, place }: Verdict): ExpectationView {
  return { at, want, got, ok, file: place.file, line: place.line };
}
