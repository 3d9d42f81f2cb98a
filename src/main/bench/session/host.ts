import { join } from 'node:path';
import type { BenchError, BenchResult } from '../../../shared/bench/command.ts';
import {
  COMMANDS,
  type BenchEvent,
  type CommandName,
  type InputOf,
  type OutputOf,
} from '../../../shared/bench/commands.ts';
import type { BenchState } from '../../../shared/bench/state.ts';
import { parseLab } from '../../../shared/lab/parse.ts';
import { importFiles } from '../../formats/import.ts';
import type { PluginSet } from '../../plugins/host.ts';
import { formatFailure, SessionError } from '../../sessions/failure.ts';
import { openSharedBytes, importShared, sharedBytes } from '../../sessions/share.ts';
import type { BenchOptions } from '../bench.ts';
import { inspectHandlers } from './handlers/inspect.ts';
import { listRecordings, recordingId, removeRecording } from './handlers/library.ts';
import { scheduleHandlers } from './handlers/schedule.ts';
import { timelineHandlers } from './handlers/timeline.ts';
import { actorViews } from '../inspect/actors.ts';
import type { OpenSession } from './open-session.ts';
import { machinePicture } from './picture.ts';
import { pluginSet } from './plugin-set.ts';
import { problemViews } from './problems.ts';
import { Recordings } from './recordings.ts';
import { Refusal } from './refusal.ts';
import type { RunListener } from './live-run.ts';
import { openRecorded, openRun } from './sessions.ts';
import { sessionView } from './session-view.ts';
import { shippedLabs } from './shipped-labs.ts';
import { writeSummary } from './summary.ts';
import { VERSION } from '../version.ts';

type Opened = OutputOf<'labOpen'>;
type Handlers = { [N in CommandName]: (input: InputOf<N>) => OutputOf<N> | Promise<OutputOf<N>> };

const OPENED: Opened = { opened: true, problems: [] };

/** Everything behind the commands. Lives in the engine's thread; knows no transport. */
export class Host {
  private readonly options: BenchOptions;
  private readonly tell: (event: BenchEvent) => void;
  private readonly recordings: Recordings;
  private readonly plugins: PluginSet;
  private readonly handlers: Handlers;
  private open: OpenSession | null = null;

  /** Loads the plugins and opens the library; what fails there is told in the state. */
  static async open(options: BenchOptions, tell: (event: BenchEvent) => void): Promise<Host> {
    return new Host(options, tell, await pluginSet(options.root, options.pluginFolders));
  }

  private constructor(
    options: BenchOptions,
    tell: (event: BenchEvent) => void,
    plugins: PluginSet,
  ) {
    this.options = options;
    this.tell = tell;
    this.plugins = plugins;
    this.recordings = new Recordings(options.folder, () => this.told());
    this.handlers = this.handlerMap();
  }

  /** Runs a command whose input was validated. Never throws. */
  async handle(name: CommandName, input: unknown): Promise<BenchResult<unknown>> {
    try {
      const handler = this.handlers[name] as (input: unknown) => unknown;
      const before = this.open;
      const place = before?.session.at;
      const value = await handler(input);
      const output = COMMANDS[name].output.safeParse(value);
      if (!output.success) {
        const [issue] = output.error.issues;
        const message = `${COMMANDS[name].title}: the answer does not fit the contract: ${issue?.path.join('.')} ${issue?.message}`;
        return { ok: false, error: { code: 'internal', message } };
      }
      if (this.open !== before || this.open?.session.at !== place || CHANGES.has(name)) this.told();
      return { ok: true, value: output.data };
    } catch (error) {
      return { ok: false, error: problemOf(error, COMMANDS[name].title) };
    }
  }

  async close(): Promise<void> {
    await this.closeSession();
    await this.recordings.close();
  }

  state(): BenchState {
    const { problem } = this.recordings;
    return {
      version: VERSION,
      door: this.options.door,
      session: this.open ? sessionView(this.open) : null,
      library_folder: this.options.folder,
      ...(problem ? { library_problem: problem } : {}),
    };
  }

  private told(): void {
    this.tell({ type: 'state', state: this.state() });
  }

  /** The open session, or a refusal. */
  private need(): OpenSession {
    if (!this.open) throw new Refusal('no-session', 'open a lab or a recording first');
    return this.open;
  }

  private handlerMap(): Handlers {
    const over = <M extends Record<string, (open: OpenSession, input: never) => unknown>>(map: M) =>
      Object.fromEntries(
        Object.entries(map).map(([name, handler]) => [
          name,
          (input: never) => handler(this.need(), input),
        ]),
      ) as { [N in keyof M]: (input: never) => ReturnType<M[N]> };
    return {
      ...over(timelineHandlers),
      ...over(inspectHandlers),
      ...over(scheduleHandlers),
      scheduleTakeOver: () => this.takeOver(),
      state: () => this.state(),
      labOpen: ({ name, text }: InputOf<'labOpen'>) => this.openLab(name, text),
      labCheck: ({ name, text }: InputOf<'labCheck'>) => ({
        problems: problemViews(parseLab(text, name).problems),
      }),
      labImport: ({ files }: InputOf<'labImport'>) => {
        const { yaml, notes, problems } = importFiles(files);
        return { ...(yaml === undefined ? {} : { yaml }), notes, problems: problemViews(problems) };
      },
      labText: () => ({ name: this.need().labName, text: this.need().labText }),
      labShipped: () => ({ labs: shippedLabs(join(this.options.root, 'labs')) }),
      libraryList: () => listRecordings(this.recordings),
      libraryOpen: ({ id }: InputOf<'libraryOpen'>) => this.openRecording(id),
      libraryRemove: async (input: InputOf<'libraryRemove'>) => {
        if (this.open?.id === input.id) await this.closeSession();
        return removeRecording(this.recordings, input);
      },
      sessionSave: ({ view }: InputOf<'sessionSave'>) => {
        this.recordings.need();
        if (view !== undefined) this.need().view = view;
        return { saved: this.save() };
      },
      sessionShare: () => this.share(),
      sessionOpenShared: ({ name, base64 }: InputOf<'sessionOpenShared'>) =>
        this.openShared(name, Buffer.from(base64, 'base64')),
      sessionClose: async () => {
        await this.closeSession();
        return {};
      },
    } as unknown as Handlers;
  }

  private readonly listener: RunListener = {
    progress: (steps, fn) => this.tell({ type: 'progress', steps, fn }),
    ended: () => {
      this.save();
      this.told();
    },
  };

  /** Makes the run again up to the step the session stands at, where it waits for a choice. */
  private async takeOver(): Promise<OutputOf<'scheduleTakeOver'>> {
    const old = this.need();
    await old.running;
    const { at, length } = old.session;
    if (old.live?.paused && at === length) return { at };
    if (old.whyNotRunnable !== undefined) {
      throw new Refusal(
        'not-runnable',
        `this recording cannot be gone on with: ${old.whyNotRunnable}`,
      );
    }
    const { plugins, recordings, listener } = this;
    const { labName, labText, id } = old;
    const again = {
      choices: old.choices().filter(({ step }) => step <= at),
      at,
      hash: old.session.hash(),
      id: at === length && id !== '' && !old.live ? Number(id) : undefined,
    };
    const opened = await openRun(labName, labText, plugins, recordings, listener, again);
    if (!opened.ok) throw new Refusal('bad-lab', opened.problems[0]?.message ?? 'it cannot be run');
    const { open } = opened;
    opened.start();
    await open.running;
    open.running = undefined;
    const { session } = open;
    if (session.length === at) {
      const before = actorViews(old.session.inspection(), old.session.actorSteps, old.operations);
      open.live?.settle(open, (id) =>
        before.some((one) => one.id === id && one.stack.length === 0),
      );
    }
    if (session.length < at || session.source.length !== at) {
      throw new Refusal('other-run', `the run made again ends at step ${session.length}`);
    }
    session.seek(at);
    if (session.hash() !== again.hash) {
      await open.live?.close(open);
      throw new Refusal(
        'other-run',
        `the run made again is in another state at step ${at}: another version made the recording`,
      );
    }
    session.restore(
      old.session.breakpoints,
      old.session.bookmarks.filter(({ step }) => step <= at),
    );
    await this.closeSession();
    this.open = open;
    open.schedule = 'by hand';
    return { at };
  }

  private async openLab(name: string, text: string): Promise<Opened> {
    const opened = await openRun(name, text, this.plugins, this.recordings, this.listener);
    if (!opened.ok) return { opened: false, problems: problemViews(opened.problems) };
    await this.closeSession();
    this.open = opened.open;
    opened.start();
    return { ...OPENED, problems: problemViews(opened.problems) };
  }

  private async openRecording(id: string): Promise<Opened> {
    const number = recordingId(this.recordings, id);
    const library = this.recordings.need();
    const source = library.source(number);
    if (!source.ok) throw new SessionError(source.failure);
    const open = openRecorded(String(number), source.value.info, source.value, this.plugins);
    await this.closeSession();
    this.open = open;
    return OPENED;
  }

  private async openShared(name: string, bytes: Buffer): Promise<Opened> {
    const { library } = this.recordings;
    if (library) {
      const taken = importShared(library, bytes, name);
      if (!taken.ok) throw new SessionError(taken.failure);
      return this.openRecording(String(taken.value));
    }
    const shared = openSharedBytes(bytes, name);
    if (!shared.ok) throw new SessionError(shared.failure);
    const { info, source } = shared.value;
    const open = openRecorded('', info, source, this.plugins);
    await this.closeSession();
    this.open = open;
    return OPENED;
  }

  private async share(): Promise<OutputOf<'sessionShare'>> {
    const open = this.need();
    await open.running;
    this.save();
    const bytes = sharedBytes(this.recordings.need(), Number(open.id));
    if (!bytes.ok) throw new SessionError(bytes.failure);
    const stem = open.labName.replace(/^.*[/\\]/, '').replace(/(\.lab)?\.(yaml|yml|pfnlab)$/, '');
    return { name: `${stem || 'session'}.pfnlab`, base64: bytes.value.toString('base64') };
  }

  /** Saves place, view, breakpoints and bookmarks. False: there is nothing to save into. */
  private save(): boolean {
    const { open } = this;
    const { library } = this.recordings;
    if (!open || !library || open.id === '') return false;
    const { session, view } = open;
    const summary = writeSummary(open, machinePicture(session.facts, open.devices));
    library.saveSession(Number(open.id), { position: session.at, view, summary });
    open.saved = true;
    return true;
  }

  private async closeSession(): Promise<void> {
    const { open } = this;
    if (!open) return;
    open.live?.abort();
    await open.running;
    await open.live?.close(open);
    this.save();
    this.open = null;
  }
}

/** Commands after which the state has changed although the place has not. */
const CHANGES: ReadonlySet<CommandName> = new Set<CommandName>([
  'breakpointAdd',
  'breakpointSet',
  'breakpointRemove',
  'bookmarkAdd',
  'bookmarkRemove',
  'sessionSave',
  'scheduleStep',
  'scheduleRun',
  'scheduleResume',
]);

function problemOf(error: unknown, title: string): BenchError {
  if (error instanceof Refusal) return error.problem;
  if (error instanceof SessionError) {
    return { code: error.failure.code, message: formatFailure(error.failure) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `${title} failed: ${message}` };
}
