import { formatProblem } from '../../../shared/lab/problem.ts';
import type { Verdict } from '../../engine/lab/machine/expect.ts';
import { formatPluginProblem } from '../../plugins/problem.ts';
import { formatFailure, SessionError } from '../../sessions/failure.ts';
import { openSharedBytes } from '../../sessions/share.ts';
import type { LabExecution } from '../session/execution.ts';
import type { PluginCatalogue, PluginSources } from '../plugins/catalogue.ts';
import type { Found } from '../plugins/found.ts';
import type { OpenSession } from '../session/open-session.ts';
import { pluginSet } from '../session/plugin-set.ts';
import type { Recorder } from '../session/recordings.ts';
import { Refusal } from '../session/refusal.ts';
import type { Session } from '../session/session.ts';
import { openRecorded, openRun } from '../session/sessions.ts';

export type { Verdict };

/** A lab that was run, or a recording that was opened: something to look at. */
export interface BatchView {
  readonly name: string;
  readonly open: OpenSession;
  /** That of `open`; stands at the last step. */
  readonly session: Session;
  /** Warnings about the lab and the plugins, `file:line:column: ...`. */
  readonly warnings: readonly string[];
}

/** A lab that was run to its end. */
export interface BatchRun extends BatchView {
  readonly execution: LabExecution;
  readonly verdicts: readonly Verdict[];
  /** What else went wrong that the lab does not expect: broken invariants, an early end. */
  readonly faults: readonly Verdict[];
}

export type Batch<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly problems: readonly string[];
      /** Strangers' plugins that nobody has trusted yet. */
      readonly untrusted?: readonly Found[];
    };

/** What a lab runs with besides itself. */
export interface BatchSources {
  readonly plugins: PluginSources;
  /** These plugins, where they were read before: one reading serves several labs. */
  readonly catalogue?: PluginCatalogue | undefined;
  /** The lab's folder, absolute. */
  readonly folder?: string | undefined;
}

/** The plugins of a run, read now unless they were before. */
export function catalogueOf({ plugins, catalogue }: BatchSources): Promise<PluginCatalogue> {
  return catalogue ? Promise.resolve(catalogue) : pluginSet(plugins);
}

/** A string is the program's folder, whose own plugins are enough. */
export function batchSources(from: string | BatchSources): BatchSources {
  return typeof from === 'string' ? { plugins: { root: from } } : from;
}

/** Nobody waits for news of a run that is awaited. */
const UNHEARD = { progress: () => undefined, ended: () => undefined };

/**
 * Runs a lab to its end, as a window would.
 *
 * @param name of the lab file, for messages
 */
export async function runBatch(
  name: string,
  text: string,
  from: string | BatchSources,
  recorder?: Recorder,
): Promise<Batch<BatchRun>> {
  const sources = batchSources(from);
  const plugins = await catalogueOf(sources);
  const where = { folder: sources.folder };
  const opened = await openRun(name, text, plugins, recorder, UNHEARD, where);
  // A plugin that does not load explains a model that is missing.
  const warnings = [
    ...plugins.problems.map(formatPluginProblem),
    ...opened.problems.map(formatProblem),
  ];
  if (!opened.ok) return { ok: false, problems: warnings, untrusted: opened.untrusted };
  const { open, execution } = opened;
  opened.start();
  await open.running;
  const { session } = open;
  session.seek(session.length);
  const [verdicts, faults] = [execution.verdicts(), execution.faults()];
  return { ok: true, value: { name, open, session, warnings, execution, verdicts, faults } };
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
  from: string | BatchSources,
): Promise<Batch<BatchView>> {
  const opened = openSharedBytes(bytes, name);
  if (!opened.ok) return { ok: false, problems: [formatFailure(opened.failure)] };
  const { info, source } = opened.value;
  try {
    const open = openRecorded('', info, source, await catalogueOf(batchSources(from)));
    const { session, whyNotRunnable } = open;
    session.seek(session.length);
    const warnings = whyNotRunnable === undefined ? [] : [`${name}: ${whyNotRunnable}`];
    return { ok: true, value: { name, open, session, warnings } };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problems: [`${name}: ${error.message}`] };
    if (error instanceof SessionError) return { ok: false, problems: [error.message] };
    throw error;
  }
}
