import { parseLab, type ParsedLab, type Problem } from '../../shared/lab/parse.ts';
import type { ViolationView } from '../../shared/bench/state.ts';
import type { Lab } from '../../shared/lab/schema.ts';
import type { Facts } from '../engine/facts.ts';
import { labFacts } from '../engine/machine/lab-facts.ts';
import { prepareRun, type RunProblem } from '../engine/machine/run.ts';
import type { Verdict } from '../engine/machine/expect.ts';
import { versionText } from '../engine/era/version.ts';
import type { PluginSet } from '../plugins/host.ts';
import type { RecordingInfo } from '../sessions/recording-row.ts';
import type { RecordingSource } from '../sessions/recording-source.ts';
import type { DeviceRange } from './inspect/machine.ts';
import type { OpenSession } from './open-session.ts';
import { pluginProblems } from './plugin-references.ts';
import type { Recordings } from './recordings.ts';
import { Refusal } from './refusal.ts';
import { LabExecution } from './run.ts';
import { Session } from './session.ts';
import { readSummary } from './summary.ts';
import { MADE_BY } from './version.ts';

/** Steps made before others get a turn in the engine's thread. */
const SLICE = 5000;

/** What a lab file comes to: something to run, or what is wrong with it. */
export type PreparedLab =
  | { readonly ok: true; readonly execution: LabExecution; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads, checks and prepares a lab; every problem has its place in the file. */
export function prepareLab(name: string, text: string, plugins: PluginSet): PreparedLab {
  const parsed = parseLab(text, name);
  const { lab } = parsed;
  if (!lab) return { ok: false, problems: parsed.problems };
  const about = labFacts(lab);
  if (!about.facts) return { ok: false, problems: located(parsed, about.problems) };
  const { run, problems } = prepareRun(lab, about.facts, plugins.models);
  const references = pluginProblems(parsed, lab, plugins);
  const found = [...located(parsed, problems), ...references];
  if (!run || references.some(({ severity }) => severity === 'error')) {
    return { ok: false, problems: found };
  }
  return { ok: true, execution: new LabExecution(lab, run), problems: found };
}

function located(parsed: ParsedLab, problems: readonly RunProblem[]): Problem[] {
  return [
    ...parsed.problems,
    ...problems.map(({ path, message }) => ({
      ...parsed.locate(path),
      code: 'value' as const,
      severity: 'error' as const,
      message,
      path,
    })),
  ];
}

export interface RunListener {
  progress(steps: number, fn: string): void;
  /** The run is over and recorded. */
  ended(): void;
}

export type OpenedRun =
  | {
      readonly ok: true;
      readonly open: OpenSession;
      readonly problems: readonly Problem[];
      /** Lets the run begin. */
      start(): void;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Opens a lab as a session that stands before its first step, recorded where there is a library. */
export async function openRun(
  name: string,
  text: string,
  plugins: PluginSet,
  recordings: Recordings,
  listener: RunListener,
): Promise<OpenedRun> {
  const prepared = prepareLab(name, text, plugins);
  if (!prepared.ok) return prepared;
  const { execution, problems } = prepared;
  const { lab, run, driver, log } = execution;
  const used = pluginsOf(lab, plugins);
  const recording = await recordings.record(
    {
      title: lab.title,
      labName: name,
      labText: text,
      kernel: lab.kernel.version,
      plugins: used.map(({ id, version, sha256 }) => ({ id, version, sha256 })),
      madeBy: MADE_BY,
    },
    driver.world.store,
    driver.choices,
  );
  if (recording) execution.tell(recording);
  const open: OpenSession = {
    ...aboutLab(name, text, lab, run.facts, plugins),
    id: recording ? String(recording.id) : '',
    session: new Session(run.facts, log),
    operations: execution.operations(),
    whyNotRunnable: undefined,
    running: undefined,
    recording,
    stopped: undefined,
    view: '',
    saved: recording !== undefined,
    plugins: used.map((plugin) => ({ ...plugin, missing: false })),
  };
  let aborted = false;
  open.abort = () => {
    aborted = true;
  };
  const go = async (): Promise<void> => {
    while (!aborted && execution.advance(SLICE)) {
      const length = log.length;
      listener.progress(length, length > 0 ? log.step(length).fn : '');
      await new Promise((resolve) => setImmediate(resolve));
    }
    execution.finish();
    open.operations = execution.operations();
    open.session.expectations = execution.verdicts().map(verdictView);
    open.session.violations = violationViews(execution);
    for (const seq of execution.expected) open.session.expected.add(seq);
    open.stopped = aborted ? 'the run was broken off' : execution.stopped;
    await recording?.end(aborted ? undefined : execution.hash());
    open.running = undefined;
    listener.ended();
  };
  return {
    ok: true,
    open,
    problems,
    start: () => {
      open.running = go();
    },
  };
}

/** Opens a recording for reading and stepping. What made it need not be here. */
export function openRecorded(
  id: string,
  info: RecordingInfo,
  source: RecordingSource,
  plugins: PluginSet,
): OpenSession {
  const parsed = parseLab(info.labText, info.labName);
  const about = parsed.lab ? labFacts(parsed.lab) : undefined;
  if (!parsed.lab || !about?.facts) {
    const first = (about ? located(parsed, about.problems ?? []) : parsed.problems).find(
      ({ severity }) => severity === 'error',
    );
    const why = first ? `: ${first.message}` : '';
    throw new Refusal(
      'bad-lab',
      `${info.title}: the recording's own lab file cannot be read${why}`,
    );
  }
  const summary = readSummary(info.summary);
  const at = Math.min(info.position, source.length);
  const session = new Session(about.facts, source, at);
  session.expectations = summary.expectations;
  session.violations = summary.invariants;
  for (const seq of summary.expected) session.expected.add(seq);
  session.restore(summary.breakpoints, summary.bookmarks);
  const used = info.plugins.map((plugin) => ({
    ...plugin,
    missing: !plugins.plugins.some(
      ({ origin }) => origin.id === plugin.id && origin.sha256 === plugin.sha256,
    ),
  }));
  const missing = used
    .filter((plugin) => plugin.missing)
    .map((plugin) => `${plugin.id} ${plugin.version}`);
  return {
    ...aboutLab(info.labName, info.labText, parsed.lab, about.facts, plugins),
    title: info.title,
    id,
    session,
    operations: summary.operations,
    whyNotRunnable:
      missing.length > 0 ? `made with ${missing.join(', ')}, which is not here` : undefined,
    running: undefined,
    recording: undefined,
    stopped: info.status === 'interrupted' ? 'the recording was interrupted' : summary.stopped,
    view: info.view,
    saved: true,
    plugins: used,
  };
}

function aboutLab(
  name: string,
  text: string,
  lab: Lab,
  facts: Facts,
  plugins: PluginSet,
): Pick<OpenSession, 'title' | 'labName' | 'labText' | 'kernel' | 'devices' | 'schedule'> {
  return {
    title: lab.title === '' ? name : lab.title,
    labName: name,
    labText: text,
    kernel: {
      text: lab.kernel.version,
      release: versionText(facts.era.version),
      arch: facts.arch.name,
      model: lab.kernel.model,
      assumption: facts.era.assumption,
      hypothetical: facts.hypothetical,
      overridden: [...facts.era.overridden],
    },
    devices: lab.devices.map((device) => deviceRange(device, plugins)),
    schedule: lab.schedule === 'sequential' ? 'sequential' : 'recorded',
  };
}

function deviceRange(device: Lab['devices'][number], plugins: PluginSet): DeviceRange {
  const { id, model, node, range } = device;
  return {
    id,
    model,
    title: plugins.models.get(model)?.title ?? model,
    node: node ?? 0,
    start: range?.start,
    end: range ? range.start + range.size - 1n : undefined,
  };
}

/** The plugins whose models the lab's devices use. */
function pluginsOf(
  lab: Lab,
  plugins: PluginSet,
): { id: string; version: string; sha256: string }[] {
  const origins = new Map<string, { id: string; version: string; sha256: string }>();
  for (const { model } of lab.devices) {
    const origin = plugins.models.get(model)?.origin;
    if (origin)
      origins.set(origin.id, { id: origin.id, version: origin.version, sha256: origin.sha256 });
  }
  return [...origins.values()];
}

export function violationViews({ monitor }: LabExecution): ViolationView[] {
  return monitor.violations.map((violation) => ({
    ...violation,
    records: violation.records.map((record) => ({ ...record })),
  }));
}

export function verdictView({ at, want, got, ok, place }: Verdict): {
  at: string;
  want: string;
  got: string;
  ok: boolean;
  file: string;
  line: number;
} {
  return { at, want, got, ok, file: place.file, line: place.line };
}
