import type { BenchError, BenchResult } from '../../shared/bench/command.ts';
import { COMMANDS, type BenchEvent, type CommandName } from '../../shared/bench/commands.ts';
import type { BenchState, SessionView } from '../../shared/bench/state.ts';
import type { BenchFace } from './bench-face.ts';
import { WatchedThread, type ThreadFault } from './supervisor/watched-thread.ts';

export type { BenchFace };

export interface BenchOptions {
  readonly door: 'electron' | 'web' | 'cli';
  /** Folder of the user's library. */
  readonly folder: string;
  /** Folder of the program: `plugins/` and `labs/` stand in it. */
  readonly root: string;
  /** Folders and packed files of plugins that were named, absolute. */
  readonly plugins?: readonly string[];
  /** Ids of plugins to do without. */
  readonly withoutPlugins?: readonly string[];
}

/** How long the engine's thread gets for what it does, in milliseconds. */
export interface BenchPatience {
  /** CPU time of one stretch of a plugin's code. */
  readonly pluginCpu?: number;
  /** From the wish to close until it is closed, whatever the thread does. */
  readonly close?: number;
  /** Told of each thread that is started. */
  readonly started?: (thread: WatchedThread) => void;
}

/** What goes to the engine's thread. */
export type EngineRequest =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly name: CommandName;
      readonly input: unknown;
    }
  | { readonly type: 'close' };

/** What comes back. */
export type EngineReply =
  | { readonly type: 'result'; readonly id: number; readonly result: BenchResult<unknown> }
  | { readonly type: 'event'; readonly event: BenchEvent }
  | { readonly type: 'closed' };

/** Threads that may die with no command of a window answered between: then it is no use. */
const MAX_DEATHS = 3;
/** What was recorded is safe long before; this is for the last second of it. */
const CLOSE_WITHIN = 5000;

/**
 * Starts the bench: the engine and its plugins run in a thread of their own, the recorder in
 * another; this side only checks and routes, so a window never waits for a run.
 */
export function openBench(options: BenchOptions, patience: BenchPatience = {}): Promise<BenchFace> {
  return Promise.resolve(new Bench(options, patience));
}

interface Waiting {
  readonly name: CommandName;
  answer(result: BenchResult<unknown>): void;
}

/**
 * Routes commands and events, and supervises: an engine that dies is started again, and the session
 * that was open is opened again at its last step.
 */
class Bench implements BenchFace {
  private readonly options: BenchOptions;
  private readonly patience: BenchPatience;
  private thread: WatchedThread;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<(event: BenchEvent) => void>();
  private nextId = 1;
  private ended: BenchError | undefined;
  private closing: (() => void) | undefined;
  /** Threads that died since a command of a window was answered. */
  private deaths = 0;
  /** The state as it was told last. */
  private told: BenchState | undefined;
  /** Why the engine was started again, as long as the session is open that it happened to. */
  private problem: { readonly session: string; readonly message: string } | undefined;

  constructor(options: BenchOptions, patience: BenchPatience) {
    this.options = options;
    this.patience = patience;
    this.thread = this.start();
  }

  call(name: string, input: unknown): Promise<BenchResult<unknown>> {
    if (!Object.hasOwn(COMMANDS, name)) {
      return refuse({ code: 'unknown-command', message: `there is no command \`${name}\`` });
    }
    const command = COMMANDS[name as CommandName];
    const checked = command.input.safeParse(input);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
      const message = `${command.title}: ${where}${issue?.message ?? 'the input does not fit'}`;
      return refuse({ code: 'invalid-input', message });
    }
    return this.ask(name as CommandName, checked.data).then((result) => {
      if (result.ok) this.deaths = 0;
      return result;
    });
  }

  listen(listener: (event: BenchEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.closing = resolve;
      this.post({ type: 'close' });
      const patience = this.patience.close ?? CLOSE_WITHIN;
      // Code of a plugin is ended at once then; the end of a recording gets more time to be written.
      const late = setTimeout(() => {
        if (this.thread.inPlugin) void this.thread.terminate();
        else setTimeout(() => void this.thread.terminate(), 10 * patience).unref();
      }, patience);
      late.unref();
    });
  }

  private ask(name: CommandName, input: unknown): Promise<BenchResult<unknown>> {
    if (this.ended) return refuse(this.ended);
    const id = this.nextId++;
    return new Promise((answer) => {
      this.waiting.set(id, { name, answer });
      this.post({ type: 'call', id, name, input });
    });
  }

  private post(request: EngineRequest): void {
    this.thread.post(request);
  }

  private start(): WatchedThread {
    const file = import.meta.url.endsWith('.ts') ? './engine-worker.ts' : './engine-worker.js';
    const thread = new WatchedThread(new URL(file, import.meta.url), {
      data: { options: this.options },
      cpuLimit: this.patience.pluginCpu,
      message: (reply) => this.take(reply as EngineReply),
      ended: (fault, code) => {
        this.gone(fault ?? { message: `the engine stopped: its thread ended with ${code}` });
      },
    });
    this.patience.started?.(thread);
    return thread;
  }

  private take(reply: EngineReply): void {
    switch (reply.type) {
      case 'result':
        this.answer(reply.id, reply.result);
        break;
      case 'event':
        this.tell(reply.event);
        break;
      case 'closed':
        this.end({ code: 'closed', message: 'the bench is closed' });
        void this.thread.terminate();
        break;
    }
  }

  private answer(id: number, result: BenchResult<unknown>): void {
    const waits = this.waiting.get(id);
    this.waiting.delete(id);
    const isState = waits?.name === 'state' && result.ok;
    waits?.answer(isState ? { ok: true, value: this.amended(result.value as BenchState) } : result);
  }

  private tell(event: BenchEvent): void {
    const told = event.type === 'state' ? { ...event, state: this.amended(event.state) } : event;
    if (told.type === 'state') this.told = told.state;
    for (const listener of this.listeners) listener(told);
  }

  /** The state with what the engine's thread cannot know: that it is another. */
  private amended(state: BenchState): BenchState {
    const { problem } = this;
    if (problem && problem.session !== (state.session?.id ?? '')) this.problem = undefined;
    return this.problem ? { ...state, engine_problem: this.problem.message } : state;
  }

  /** The thread is gone: what waits is told why, and another takes its place. */
  private gone({ message }: ThreadFault): void {
    if (this.ended) return;
    this.deaths += 1;
    if (this.closing || this.deaths >= MAX_DEATHS) {
      this.end({ code: 'closed', message: this.closing ? 'the bench is closed' : message });
      return;
    }
    this.refuseAll({ code: 'engine-ended', message });
    this.thread = this.start();
    void this.reopen(this.told?.session ?? undefined, message);
  }

  /** Opens what was open at the step where it stood; of a run that was on its way, at the last. */
  private async reopen(was: SessionView | undefined, message: string): Promise<void> {
    if (was && was.id !== '') {
      await this.ask('libraryOpen', { id: was.id });
      const length = this.told?.session?.length ?? 0;
      await this.ask('seek', { step: was.running ? length : Math.min(was.at, length) });
    }
    this.problem = { session: this.told?.session?.id ?? '', message };
    const state = await this.ask('state', {});
    if (state.ok) this.tell({ type: 'state', state: state.value as BenchState });
  }

  private end(error: BenchError): void {
    this.ended ??= error;
    this.refuseAll(this.ended);
    this.closing?.();
  }

  private refuseAll(error: BenchError): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { answer } of waiting) answer({ ok: false, error });
  }
}

function refuse(error: BenchError): Promise<BenchResult<unknown>> {
  return Promise.resolve({ ok: false, error });
}
