import { formatProblem } from '../../../shared/lab/problem.ts';
import type { Facts } from '../../engine/core/facts.ts';
import type { Verdict } from '../../engine/lab/machine/expect.ts';
import { formatPluginProblem } from '../../plugins/problem.ts';
import { formatFailure, SessionError } from '../../sessions/failure.ts';
import { openSharedBytes } from '../../sessions/share.ts';
import { Refusal } from '../session/refusal.ts';
import type { LabExecution } from '../session/execution.ts';
import { Session, type StepListener } from '../session/session.ts';
import { pluginSet } from '../session/plugin-set.ts';
import { openRecorded, prepareLab } from '../session/sessions.ts';

export type { Verdict };

/** A lab that was run to its end, without a window or a library. */
export interface BatchRun {
  readonly name: string;
  readonly title: string;
  /** The kernel as the lab names it. */
  readonly kernel: string;
  /** Stands at the last step. */
  readonly session: Session;
  readonly execution: LabExecution;
  readonly verdicts: readonly Verdict[];
  /** What else went wrong that the lab does not expect: broken invariants, an early end. */
  readonly faults: readonly Verdict[];
  /** Warnings about the lab and the plugins, `file:line:column: ...`. */
  readonly warnings: readonly string[];
}

export type Batch<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A run about to begin, and who is to be told its steps. */
export type Beginning = (execution: LabExecution) => StepListener | undefined;

/**
 * Runs a lab to its end.
 *
 * @param name of the lab file, for messages
 * @param root the program's folder, with its `plugins/`
 */
export async function runBatch(
  name: string,
  text: string,
  root: string,
  begin: Beginning = () => undefined,
): Promise<Batch<BatchRun>> {
  const plugins = await pluginSet(root);
  const prepared = prepareLab(name, text, plugins);
  const told = prepared.problems.map(formatProblem);
  const warnings = plugins.problems.map(formatPluginProblem);
  if (!prepared.ok) {
    // A plugin that does not load explains a model that is missing.
    return { ok: false, problems: [...warnings, ...told] };
  }
  const { execution } = prepared;
  const listener = begin(execution);
  if (listener) execution.tell(listener);
  while (execution.advance(Infinity));
  const { lab, log, run } = execution;
  const session = new Session(run.facts, log, log.length);
  for (const seq of execution.expected) session.expected.add(seq);
  return {
    ok: true,
    value: {
      name,
      title: lab.title === '' ? name : lab.title,
      kernel: lab.kernel.version,
      session,
      execution,
      verdicts: execution.verdicts(),
      faults: execution.faults(),
      warnings: [...warnings, ...told],
    },
  };
}

/** A lab that was run, or a recording that was opened: something to look at. */
export interface BatchView {
  readonly name: string;
  readonly facts: Facts;
  /** Stands at the last step. */
  readonly session: Session;
  readonly warnings: readonly string[];
}

const DATABASE = Buffer.from('SQLite format 3\0', 'latin1');

/** Whether a file is opened as a recording: by its content, or by its name where that says so. */
export function isRecording(name: string, bytes: Buffer): boolean {
  return name.endsWith('.pfnlab') || bytes.subarray(0, DATABASE.length).equals(DATABASE);
}

/** Opens a `.pfnlab` file. The plugins that made it need not be here. */
export async function openRecording(
  name: string,
  bytes: Buffer,
  root: string,
): Promise<Batch<BatchView>> {
  const opened = openSharedBytes(bytes, name);
  if (!opened.ok) return { ok: false, problems: [formatFailure(opened.failure)] };
  const { info, source } = opened.value;
  try {
    const { session, whyNotRunnable } = openRecorded('', info, source, await pluginSet(root));
    session.seek(session.length);
    const warnings = whyNotRunnable === undefined ? [] : [`${name}: ${whyNotRunnable}`];
    return { ok: true, value: { name, facts: session.facts, session, warnings } };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problems: [`${name}: ${error.message}`] };
    if (error instanceof SessionError) return { ok: false, problems: [error.message] };
    throw error;
  }
}

/** Runs a lab for its steps and states alone. */
export async function viewLab(name: string, text: string, root: string): Promise<Batch<BatchView>> {
  const run = await runBatch(name, text, root);
  if (!run.ok) return run;
  const { session, warnings } = run.value;
  return { ok: true, value: { name, facts: session.facts, session, warnings } };
}
