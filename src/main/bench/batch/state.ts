import type { ExpectationView, ViolationView } from '../../../shared/bench/state.ts';
import type { Row } from '../../../shared/world/value.ts';
import { finalState, type FinalState } from '../../engine/lab/inspect/final-state.ts';
import { HASH_FORMAT } from '../../engine/core/world/hash.ts';
import { raisedErrors } from '../inspect/errors.ts';
import { modelMessages, type ModelMessage } from '../inspect/model-messages.ts';
import { columns } from '../inspect/table-text.ts';
import type { Session } from '../session/session.ts';

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
  /** What hardware models printed to the kernel log up to `at`. */
  readonly messages: readonly ModelMessage[];
  /** Invariants broken up to `at`. */
  readonly invariants: readonly ViolationView[];
  /** All of the run's, wherever `at` is. */
  readonly expectations: readonly ExpectationView[];
}

/** The state where the session stands. */
export function batchState(session: Session): BatchState {
  const { at, source, violations, expectations } = session;
  const { kernel, ...state } = finalState(session.cursor.world, session.facts);
  const errors = Array.from(raisedErrors(source, at), ({ seq, fn, err }) => ({
    ...{ step: seq, fn, errno: err.errno, check: err.check },
  }));
  return {
    schema: 1,
    kernel,
    steps: session.length,
    at,
    state_hash: session.hash(),
    hash_format: HASH_FORMAT,
    ...state,
    errors: errors.reverse(),
    messages: modelMessages(source, at),
    invariants: violations.filter(({ step }) => step <= at),
    expectations,
  };
}

/** Fields of a zone by the names lab files have for them. */
const ZONE_COLUMNS = ['node', 'zone', 'start_pfn', 'spanned', 'present', 'managed'];

/** The state in a form to read: where it stands, the variables, the zones, the devices. */
export function stateText(state: BatchState, fn: string): string {
  const { at, steps, state_hash, vars, zones, pgmaps, devices, errors, invariants } = state;
  const rows = zones.map((zone: Row) => ZONE_COLUMNS.map((name) => String(zone[name] ?? '-')));
  const pgmapRows = pgmaps.map(({ type, ranges, ref }) => [
    type,
    ranges.map(({ start, end }) => `${start}-${end}`).join(' '),
    `ref ${ref}`,
  ]);
  return [
    `step   ${at} of ${steps}${fn === '' ? '' : `  ${fn}`}`,
    `state  ${state_hash}`,
    ...section('variables', columns(Object.entries(vars).map(([name, v]) => [name, String(v)]))),
    ...section('zones', rows.length === 0 ? [] : columns([ZONE_COLUMNS, ...rows])),
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
