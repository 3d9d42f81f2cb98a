import type { ExpectEntry, Want } from '../../../../shared/lab/expect.ts';
import type { Lab } from '../../../../shared/lab/schema.ts';
import type { Violation } from '../../../../shared/world/violation.ts';

/** Is this the violation that an expectation speaks of? */
export function speaksOf(want: Want<'invariant'>, violation: Violation): boolean {
  return (
    want.id === violation.invariant &&
    (want.fn === undefined || want.fn === violation.fn) &&
    (want.actor === undefined || want.actor === violation.actor) &&
    (want.step === undefined || want.step === violation.step)
  );
}

/** Does the lab expect this violation, at its end or beside an entry? */
export function expects(lab: Lab, violation: Violation): boolean {
  const entries: ExpectEntry[] = [
    ...lab.expect,
    ...lab.program.flatMap(({ expect }) => expect?.state ?? []),
  ];
  return entries.some(
    (entry) =>
      entry.kind === 'invariant' && entry.want.exists !== false && speaksOf(entry.want, violation),
  );
}
