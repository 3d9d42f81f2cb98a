import { Worker, type ResourceLimits } from 'node:worker_threads';
import { isCallNamed, lookAt, newBoard, type PluginCall } from '../../plugins/watch.ts';
import { Deadline } from './deadline.ts';

/** How often the thread is looked at, in milliseconds. */
const LOOK_EVERY = 250;

/** CPU time that one stretch of a plugin's code may take, in milliseconds. */
export const PLUGIN_CPU_LIMIT = 10_000;

/**
 * Share of its heap that a thread may fill. V8 ends a thread that has none left, and the whole process
 * where it finds that out while it moves a large young generation.
 */
const MEMORY_SHARE = 0.95;

/**
 * A run makes many small records that stay: with V8's usual young generation, copying them takes
 * as long as making them.
 */
const YOUNG_GENERATION_MB = 192;

/** Why a thread ended before anybody asked it to. */
export interface ThreadFault {
  /** A sentence, with the plugin and its callback where one ran. */
  readonly message: string;
  /** What ran, where it was a plugin's. */
  readonly call?: PluginCall | undefined;
}

export interface ThreadOptions {
  /** What it is given as `workerData`, beside the board. */
  readonly data: object;
  /** CPU time of one stretch of a plugin's code, in milliseconds. */
  readonly cpuLimit?: number | undefined;
  /** Memory of its JavaScript, where it is not the engine's. */
  readonly limits?: ResourceLimits;
  /** Share of it that may be used, garbage included. */
  readonly memoryShare?: number;
  message(message: unknown): void;
  /** The thread is gone. Without a fault it ended by itself, with this exit code. */
  ended(fault: ThreadFault | undefined, code: number): void;
}

/**
 * A thread in which plugins run, and the one who ends it: whatever way it dies (a plugin that takes
 * no end, memory, an exception), `ended` is called once and says who it was.
 */
export class WatchedThread {
  private readonly worker: Worker;
  private readonly options: ThreadOptions;
  private readonly board = newBoard();
  private readonly calls = new Map<number, PluginCall>();
  private readonly deadline: Deadline;
  private readonly looks: NodeJS.Timeout;
  private fault: ThreadFault | undefined;
  /** What the exception said that ended it. */
  private thrown: string | undefined;

  constructor(file: URL, options: ThreadOptions) {
    this.options = options;
    const worker = new Worker(file, {
      workerData: { ...options.data, board: this.board },
      resourceLimits: options.limits ?? { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.worker = worker;
    const cpu = async () => {
      const { user, system } = await worker.cpuUsage();
      return (user + system) / 1000;
    };
    this.deadline = new Deadline(this.board, cpu, options.cpuLimit ?? PLUGIN_CPU_LIMIT);
    worker.on('message', (message: unknown) => {
      if (isCallNamed(message)) this.calls.set(message.number, message.call);
      else options.message(message);
    });
    worker.on('error', (error) => (this.thrown ??= reason(error)));
    worker.on('exit', (code) => {
      clearInterval(this.looks);
      // Only now is all heard that it said, also what the numbers on its board mean.
      const thrown = this.thrown === undefined ? undefined : this.faultOf(this.thrown);
      options.ended(this.fault ?? thrown, code);
    });
    this.looks = setInterval(() => void this.look(), LOOK_EVERY);
    // Whoever waits for the thread keeps the process; looking at it does not.
    this.looks.unref();
  }

  post(message: unknown): void {
    this.worker.postMessage(message);
  }

  /** Code of a plugin runs in it right now. */
  get inPlugin(): boolean {
    return lookAt(this.board).running !== 0;
  }

  /** Ends it at once, whatever it does. */
  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  private async look(): Promise<void> {
    try {
      await this.lookAtMemory();
      await this.lookAtPlugin();
    } catch {
      // A thread that is gone tells no figures, and its end is told already.
    }
  }

  private async lookAtMemory(): Promise<void> {
    const { used_heap_size: used, heap_size_limit: limit } = await this.worker.getHeapStatistics();
    if (used < (this.options.memoryShare ?? MEMORY_SHARE) * limit) return;
    await this.fail(this.faultOf('it ran out of memory'));
  }

  private async lookAtPlugin(): Promise<void> {
    const number = await this.deadline.look();
    if (number === undefined) return;
    const call = this.calls.get(number);
    const seconds = (this.options.cpuLimit ?? PLUGIN_CPU_LIMIT) / 1000;
    await this.fail({
      message: `${nameOf(call)} had ${seconds} s of CPU time without a request and was ended`,
      call,
    });
  }

  private async fail(fault: ThreadFault): Promise<void> {
    this.fault ??= fault;
    await this.terminate();
  }

  /** A fault of whoever runs: a plugin, or the engine itself. */
  private faultOf(what: string): ThreadFault {
    const call = this.calls.get(lookAt(this.board).running);
    const who = call ? `${nameOf(call)} ended the engine` : 'the engine stopped';
    return { message: `${who}: ${what}`, call };
  }
}

/** What the exception that ended a thread says. */
function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it ran out of memory';
  return error instanceof Error ? error.message : String(error);
}

function nameOf(call: PluginCall | undefined): string {
  return call ? `${call.place}: ${call.plugin}, ${call.what},` : 'the code of a plugin';
}
