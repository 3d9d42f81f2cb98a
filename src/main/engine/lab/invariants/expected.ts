import type { ExpectEntry, Want } from '../../../../shared/lab/expectations/expectations.ts';
import type { Lab } from '../../../../shared/lab/schema.ts';
import type { Step } from '../../../../shared/world/step.ts';
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

/** Is this a step that an expectation of an error speaks of? */
export function speaksOfError({ errno, fn, check, step }: Want<'error'>, at: Step): boolean {
  return (
    at.err?.errno === errno &&
    (fn === undefined || fn === at.fn) &&
    (check === undefined || at.err.check.includes(check)) &&
    (step === undefined || step === at.seq)
  );
}

/** What the lab says of the world, at its end and beside its entries. */
export function stated(lab: Lab): ExpectEntry[] {
  return [...lab.expect, ...lab.program.flatMap(({ expect }) => expect?.state ?? [])];
}

/** Does the lab expect this violation, at its end or beside an entry? */
export function expects(lab: Lab, violation: Violation): boolean {
  return stated(lab).some(
    (entry) =>
      entry.kind === 'invariant' && entry.want.exists !== false && speaksOf(entry.want, violation),
  );
}
