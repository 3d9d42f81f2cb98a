import { Worker } from 'node:worker_threads';
import type { BenchError, BenchResult } from '../../shared/bench/command.ts';
import type { BenchFace } from './bench-face.ts';
import { COMMANDS, type BenchEvent, type CommandName } from '../../shared/bench/commands.ts';

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

/**
 * A run makes many small records that stay: with V8's usual young generation, copying them takes
 * as long as making them.
 */
const YOUNG_GENERATION_MB = 192;

/**
 * Starts the bench: the engine and its plugins run in a thread of their own, the recorder in
 * another; this side only checks and routes, so a window never waits for a run.
 */
export function openBench(options: BenchOptions): Promise<BenchFace> {
  const file = import.meta.url.endsWith('.ts') ? './engine-worker.ts' : './engine-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: options,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  return Promise.resolve(new Bench(worker));
}

class Bench implements BenchFace {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, (result: BenchResult<unknown>) => void>();
  private readonly listeners = new Set<(event: BenchEvent) => void>();
  private nextId = 1;
  private ended: BenchError | undefined;
  private closed: (() => void) | undefined;

  constructor(worker: Worker) {
    this.worker = worker;
    worker.on('message', (reply: EngineReply) => this.take(reply));
    worker.on('error', (error) => this.end(`the engine stopped: ${error.message}`));
    worker.on('exit', () => this.end('the bench is closed'));
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
    if (this.ended) return refuse(this.ended);
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.post({ type: 'call', id, name: name as CommandName, input: checked.data });
    });
  }

  listen(listener: (event: BenchEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.closed = resolve;
      this.post({ type: 'close' });
    });
  }

  private post(request: EngineRequest): void {
    this.worker.postMessage(request);
  }

  private take(reply: EngineReply): void {
    switch (reply.type) {
      case 'result':
        this.waiting.get(reply.id)?.(reply.result);
        this.waiting.delete(reply.id);
        break;
      case 'event':
        for (const listener of this.listeners) listener(reply.event);
        break;
      case 'closed':
        this.end('the bench is closed');
        void this.worker.terminate();
        break;
    }
  }

  private end(message: string): void {
    this.ended ??= { code: 'closed', message };
    for (const resolve of this.waiting.values()) resolve({ ok: false, error: this.ended });
    this.waiting.clear();
    this.closed?.();
  }
}

function refuse(error: BenchError): Promise<BenchResult<unknown>> {
  return Promise.resolve({ ok: false, error });
}
