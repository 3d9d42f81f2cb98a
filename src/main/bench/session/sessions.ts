import { inOrder, parseLab, type ParsedLab, type Problem } from '../../../shared/lab/parse.ts';
import type { WrittenSchedule } from '../../../shared/lab/program.ts';
import type { Lab } from '../../../shared/lab/schema.ts';
import type { Facts } from '../../engine/core/facts.ts';
import { kernelProblems, labFacts } from '../../engine/lab/machine/lab-facts.ts';
import type { LabProblem } from '../../engine/lab/machine/lab-problem.ts';
import { prepareRun } from '../../engine/lab/machine/run.ts';
import { versionText } from '../../engine/core/era/version.ts';
import type { Choice } from '../../engine/core/world/actors.ts';
import type { MissingPlugins } from '../../../shared/bench/plugins.ts';
import type { PluginSet } from '../../plugins/host.ts';
import type { PluginCatalogue } from '../plugins/catalogue.ts';
import { WAYS } from '../plugins/choose.ts';
import type { Found } from '../plugins/found.ts';
import { labPlugins, type LabPlugins, type LabWhere } from '../plugins/lab-plugins.ts';
import { withoutDevices } from '../plugins/without.ts';
import type { RecordingInfo } from '../../sessions/recording-row.ts';
import type { RecordingSource } from '../../sessions/recording-source.ts';
import type { DeviceRange } from '../inspect/machine.ts';
import type { OpenSession } from './open-session.ts';
import { LiveRun, type RunListener } from './live-run.ts';
import type { Recorder } from './recordings.ts';
import { Refusal } from './refusal.ts';
import { LabExecution } from './execution.ts';
import { Session } from './session.ts';
import { readSummary } from './summary.ts';
import { MADE_BY } from '../version.ts';

/** What a lab file comes to: something to run, or what is wrong with it. */
export type PreparedLab =
  | {
      readonly ok: true;
      readonly execution: LabExecution;
      readonly plugins: PluginSet;
      readonly problems: readonly Problem[];
    }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** Strangers' plugins it needs that nobody has trusted yet. */
      readonly untrusted: readonly Found[];
      readonly missing: MissingPlugins;
    };

/**
 * Reads, checks and prepares a lab; every problem has its place in the file. `schedule` stands in
 * for the lab's own.
 */
export function prepareLab(
  name: string,
  text: string,
  catalogue: PluginCatalogue,
  where: LabWhere = {},
  schedule?: WrittenSchedule,
): PreparedLab {
  const { lab, run, problems, plugins } = checkedLab(name, text, catalogue, where);
  const found = inOrder(problems);
  if (!lab || !run || !plugins || found.some(({ severity }) => severity === 'error')) {
    const { untrusted = [], missing = { plugins: [], devices: [] } } = plugins ?? {};
    return { ok: false, problems: found, untrusted, missing };
  }
  return {
    ok: true,
    execution: new LabExecution(name, lab, schedule ? { ...run, schedule } : run),
    plugins: plugins.set,
    problems: found,
  };
}

/** Everything that is wrong with a lab, whatever of it could be read; and a run where nothing is. */
function checkedLab(name: string, text: string, catalogue: PluginCatalogue, where: LabWhere) {
  const parsed = parseLab(text, name);
  const { setup, read, lab } = parsed;
  const about = setup ? labFacts(setup) : { problems: kernelProblems(read?.kernel ?? {}) };
  const plugins: LabPlugins | undefined = read && labPlugins(catalogue, read, where);
  const without = read && withoutDevices(read, plugins?.leftOut ?? []);
  const prepared = without && plugins && prepareRun(without.lab, about.facts, plugins.set.models);
  const problems = located(parsed, [
    ...about.problems,
    ...(plugins?.problems ?? []),
    ...(without?.problems ?? []),
    ...withWays(prepared?.problems ?? [], plugins?.unknown ?? []),
  ]);
  return { parsed, lab, run: prepared?.run, problems, plugins };
}

/** What the engine says of models that nobody has, with what can be done. */
function withWays(problems: readonly LabProblem[], unknown: readonly number[]): LabProblem[] {
  return problems.map((problem) => {
    const [list, index, key] = problem.path;
    const missing = list === 'devices' && key === 'model' && unknown.includes(Number(index));
    return missing ? { ...problem, message: `${problem.message}; ${WAYS}` } : problem;
  });
}

function located(parsed: ParsedLab, problems: readonly LabProblem[]): Problem[] {
  return [
    ...parsed.problems,
    ...problems.map(({ path, message, severity, key }): Problem => ({
      ...(key ? parsed.locateKey(path) : parsed.locate(path)),
      code: 'value',
      severity: severity ?? 'error',
      message,
      path,
    })),
  ];
}

export type OpenedRun =
  | {
      readonly ok: true;
      readonly open: OpenSession;
      readonly execution: LabExecution;
      readonly problems: readonly Problem[];
      /** Lets the run begin. */
      start(): void;
    }
  | Extract<PreparedLab, { readonly ok: false }>;

/** A run to be made once more, under what was chosen, up to a step where somebody goes on. */
export interface Again {
  readonly choices: readonly Choice[];
  /** Step to pause at, and the state hash it must have. */
  readonly at: number;
  readonly hash: string;
  /** The recording that holds these steps and goes on; else it is a new one. */
  readonly id: number | undefined;
}

/** Opens a lab as a session that stands before its first step, recorded where somebody does. */
export async function openRun(
  name: string,
  text: string,
  catalogue: PluginCatalogue,
  recorder: Recorder | undefined,
  listener: RunListener,
  where: LabWhere = {},
  again?: Again,
): Promise<OpenedRun> {
  const prepared = prepareLab(name, text, catalogue, where, again?.choices);
  if (!prepared.ok) return prepared;
  const { execution, problems, plugins } = prepared;
  const { lab, run, driver, log } = execution;
  const used = pluginsOf(lab, plugins);
  const about = {
    title: lab.title,
    labName: name,
    labText: text,
    kernel: lab.kernel.version,
    plugins: used.map(({ id, version, sha256 }) => ({ id, version, sha256 })),
    madeBy: MADE_BY,
  };
  const goesOn = again?.id === undefined ? undefined : { id: again.id, recorded: again.at };
  const recording = await recorder?.record(about, driver.world.store, driver.choices, goesOn);
  if (recording) execution.tell(recording);
  const live = new LiveRun(execution, recording, listener);
  const open: OpenSession = {
    ...aboutLab(name, text, lab, run.facts, plugins),
    id: recording ? String(recording.id) : '',
    session: new Session(run.facts, log),
    operations: execution.operations(),
    whyNotRunnable: undefined,
    running: undefined,
    live,
    labFolder: where.folder,
    without: where.without,
    choices: () => driver.choices,
    recording,
    stopped: undefined,
    view: '',
    saved: recording !== undefined,
    plugins: used.map((plugin) => ({ ...plugin, missing: false })),
  };
  return {
    ok: true,
    open,
    execution,
    problems,
    start: () => {
      open.running = live.go(open, again?.at);
    },
  };
}

/** Opens a recording for reading and stepping. What made it need not be here. */
export function openRecorded(
  id: string,
  info: RecordingInfo,
  source: RecordingSource,
  catalogue: PluginCatalogue,
): OpenSession {
  const parsed = parseLab(info.labText, info.labName);
  // What later versions find wrong with its program keeps nobody from looking at what was recorded.
  const { setup } = parsed;
  const about = setup ? labFacts(setup) : undefined;
  if (!setup || !about?.facts) {
    const first = (about ? located(parsed, about.problems) : parsed.problems).find(
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
    missing: !catalogue.has(plugin.sha256),
  }));
  const missing = used
    .filter((plugin) => plugin.missing)
    .map((plugin) => `${plugin.id} ${plugin.version}`);
  return {
    ...aboutLab(info.labName, info.labText, setup, about.facts, catalogue),
    title: info.title,
    id,
    session,
    operations: summary.operations,
    whyNotRunnable:
      missing.length > 0 ? `made with ${missing.join(', ')}, which is not here` : undefined,
    running: undefined,
    live: undefined,
    labFolder: undefined,
    without: undefined,
    choices: () => source.choices(),
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
    schedule: scheduleName(lab.schedule),
  };
}

/** How the window calls a schedule: choices by step are recorded, those by places written. */
function scheduleName(schedule: Lab['schedule']): string {
  if (schedule === 'sequential') return 'sequential';
  return schedule.every((entry) => 'step' in entry) ? 'recorded' : 'written';
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
    registers: plugins.models.get(model)?.registers ?? [],
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
