import type { BenchEvent, OutputOf } from '../../../shared/bench/commands.ts';
import type { BenchState } from '../../../shared/bench/state.ts';
import { SessionError } from '../../sessions/failure.ts';
import { importShared, openSharedBytes, sharedBytes } from '../../sessions/share.ts';
import type { BenchOptions } from '../bench.ts';
import type { PluginCatalogue } from '../plugins/catalogue.ts';
import type { LabWhere } from '../plugins/lab-plugins.ts';
import { PluginDesk } from '../plugins/desk.ts';
import { VERSION } from '../version.ts';
import type { RunListener } from './live-run.ts';
import type { OpenSession } from './open-session.ts';
import { problemViews } from './problems.ts';
import { Recordings } from './recordings.ts';
import { Refusal } from './refusal.ts';
import { saveSession } from './save.ts';
import { sessionView } from './session-view.ts';
import { openRecorded, openRun } from './sessions.ts';
import { takeOver } from './take-over.ts';

type Opened = OutputOf<'labOpen'>;

const OPENED: Opened = {
  opened: true,
  problems: [],
  untrusted: [],
  missing: { plugins: [], devices: [] },
};

/** What a window works with: its library, the hardware models, and at most one open session. */
export class Workspace {
  readonly options: BenchOptions;
  readonly recordings: Recordings;
  readonly plugins: PluginDesk;
  open: OpenSession | null = null;
  private readonly tell: (event: BenchEvent) => void;

  constructor(options: BenchOptions, tell: (event: BenchEvent) => void, plugins: PluginCatalogue) {
    this.options = options;
    this.tell = tell;
    this.plugins = new PluginDesk(plugins, () => this.told());
    this.recordings = new Recordings(options.folder, () => this.told());
  }

  state(): BenchState {
    const { problem } = this.recordings;
    return {
      version: VERSION,
      door: this.options.door,
      session: this.open ? sessionView(this.open) : null,
      plugins_revision: this.plugins.revision,
      library_folder: this.options.folder,
      ...(problem ? { library_problem: problem } : {}),
    };
  }

  /** Tells the state: it has changed. */
  told(): void {
    this.tell({ type: 'state', state: this.state() });
  }

  /** The open session, or a refusal. */
  need(): OpenSession {
    if (!this.open) throw new Refusal('no-session', 'open a lab or a recording first');
    return this.open;
  }

  private readonly listener: RunListener = {
    progress: (steps, fn) => this.tell({ type: 'progress', steps, fn }),
    ended: () => {
      this.save();
      this.told();
    },
  };

  /** Makes the run again up to the step the session stands at, where it waits for a choice. */
  async takeOver(): Promise<OutputOf<'scheduleTakeOver'>> {
    const old = this.need();
    await old.running;
    const { at, length } = old.session;
    if (old.live?.paused && at === length) return { at };
    const { plugins, recordings, listener } = this;
    const open = await takeOver(old, plugins.catalogue, recordings, listener);
    await this.closeSession();
    this.open = open;
    return { at };
  }

  async openLab(name: string, text: string, where: LabWhere = {}): Promise<Opened> {
    const { plugins, recordings, listener } = this;
    const opened = await openRun(name, text, plugins.catalogue, recordings, listener, where);
    if (!opened.ok) {
      const { problems, untrusted, missing } = opened;
      plugins.remember(untrusted);
      const hashes = untrusted.map(({ candidate }) => candidate.origin.sha256);
      return { opened: false, problems: problemViews(problems), untrusted: hashes, missing };
    }
    await this.closeSession();
    this.open = opened.open;
    opened.start();
    return { ...OPENED, problems: problemViews(opened.problems) };
  }

  async openRecording(id: string): Promise<Opened> {
    const library = this.recordings.need();
    const number = this.recordings.idOf(id);
    const source = library.source(number);
    if (!source.ok) throw new SessionError(source.failure);
    const open = openRecorded(
      String(number),
      source.value.info,
      source.value,
      this.plugins.catalogue,
    );
    await this.closeSession();
    this.open = open;
    return OPENED;
  }

  async openShared(name: string, bytes: Buffer): Promise<Opened> {
    const { library } = this.recordings;
    if (library) {
      const taken = importShared(library, bytes, name);
      if (!taken.ok) throw new SessionError(taken.failure);
      return this.openRecording(String(taken.value));
    }
    const shared = openSharedBytes(bytes, name);
    if (!shared.ok) throw new SessionError(shared.failure);
    const { info, source } = shared.value;
    const open = openRecorded('', info, source, this.plugins.catalogue);
    await this.closeSession();
    this.open = open;
    return OPENED;
  }

  async share(): Promise<OutputOf<'sessionShare'>> {
    const open = this.need();
    await open.running;
    this.save();
    const bytes = sharedBytes(this.recordings.need(), Number(open.id));
    if (!bytes.ok) throw new SessionError(bytes.failure);
    const stem = open.labName.replace(/^.*[/\\]/, '').replace(/(\.lab)?\.(yaml|yml|pfnlab)$/, '');
    return { name: `${stem || 'session'}.pfnlab`, base64: bytes.value.toString('base64') };
  }

  /** Saves place, view, breakpoints and bookmarks. False: there is nothing to save into. */
  save(): boolean {
    const { open } = this;
    const { library } = this.recordings;
    if (!open || !library || open.id === '') return false;
    saveSession(library, open);
    return true;
  }

  async closeSession(): Promise<void> {
    const { open } = this;
    if (!open) return;
    open.live?.abort();
    await open.running;
    await open.live?.close(open);
    this.save();
    this.open = null;
  }
}
