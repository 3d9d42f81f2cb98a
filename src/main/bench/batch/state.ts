import type { ExpectationView } from '../../../shared/bench/state.ts';
import type { Violation } from '../../../shared/world/violation.ts';
import { finalState, type FinalState } from '../../engine/lab/inspect/final-state.ts';
import { HASH_FORMAT } from '../../engine/core/world/hash.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import type { BatchRun } from './run.ts';
import { columns } from '../inspect/table-text.ts';
import { verdictView } from '../session/verdict-views.ts';

/** A kernel error, at the step that raised it. */
export interface RaisedError {
  readonly step: number;
  readonly fn: string;
  readonly errno: string;
  readonly check: string;
}

/** What `run --json` prints: the state after step `at` of `steps`. */
export interface BatchState extends FinalState {
  readonly schema: 1;
  readonly steps: number;
  readonly at: number;
  readonly state_hash: string;
  readonly hash_format: number;
  /** Errors raised up to `at`. */
  readonly errors: readonly RaisedError[];
  /** Invariants broken up to `at`. */
  readonly invariants: readonly Violation[];
  /** All of the run's, wherever `at` is. */
  readonly expectations: readonly ExpectationView[];
}

/** The state where the run's session stands. */
export function batchState({ session, verdicts, execution }: BatchRun): BatchState {
  const { kernel, ...state } = finalState(session.cursor.world, session.facts);
  return {
    schema: 1,
    kernel,
    steps: session.length,
    at: session.at,
    state_hash: session.hash(),
    hash_format: HASH_FORMAT,
    ...state,
    errors: raisedErrors(session.source, session.at),
    invariants: execution.monitor.violations.filter(({ step }) => step <= session.at),
    expectations: verdicts.map(verdictView),
  };
}

/** Errors at the innermost call that has them: on its way up, one error passes many calls. */
function raisedErrors(source: StepSource, last: number): RaisedError[] {
  const errors: RaisedError[] = [];
  for (let step = last; step >= 1; step -= 1) {
    const { fn, err, end = last } = source.step(step);
    if (!err) continue;
    const inside = errors.some(
      (error) => error.step <= end && error.errno === err.errno && error.check === err.check,
    );
    if (!inside) errors.push({ step, fn, errno: err.errno, check: err.check });
  }
  return errors.reverse();
}

/** The state in a form to read: where it stands, the variables, the zones, the devices. */
export function stateText(state: BatchState, fn: string): string {
  const { at, steps, state_hash, vars, zones, pgmaps, devices, errors, invariants } = state;
  const rows = zones.map(({ node, zone, start_pfn, spanned, present, managed }) =>
    [node, zone, start_pfn, spanned, present, managed ?? '-'].map(String),
  );
  const pgmapRows = pgmaps.map(({ type, ranges, ref }) => [
    type,
    ranges.map(({ start, end }) => `${start}-${end}`).join(' '),
    `ref ${ref}`,
  ]);
  return [
    `step   ${at} of ${steps}${fn === '' ? '' : `  ${fn}`}`,
    `state  ${state_hash}`,
    ...section('variables', columns(Object.entries(vars).map(([name, v]) => [name, String(v)]))),
    ...section(
      'zones',
      rows.length === 0
        ? []
        : columns([['node', 'zone', 'start_pfn', 'spanned', 'present', 'managed'], ...rows]),
    ),
    ...section('pagemaps', columns(pgmapRows)),
    ...section('devices', columns(devices.map(({ id, model, state: is }) => [id, model, is]))),
    ...section(
      'errors',
      columns(errors.map((one) => [`step ${one.step}`, one.fn, `-${one.errno}`, one.check])),
    ),
    ...section(
      'broken invariants',
      columns(invariants.map((one) => [`step ${one.step}`, one.invariant, one.sentence])),
    ),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}
