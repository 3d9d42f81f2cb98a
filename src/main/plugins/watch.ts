/** Which plugin's code runs in a thread, readable from another while it does. */
import { parentPort, workerData } from 'node:worker_threads';

/** Code of a plugin that runs, as it is told of when it does not come back. */
export interface PluginCall {
  readonly plugin: string;
  /** `action go of gpu0`, `callback probe of gpu0`, or that the module loads. */
  readonly what: string;
  /** Name of the action or callback; undefined while the module loads. */
  readonly entry?: string | undefined;
  /** Where it stands, `gpu/index.js:12:3`. */
  readonly place: string;
}

/** Told before and after a plugin's code runs. */
export interface PluginWatch {
  /** The number that means this call from now on. */
  number(call: PluginCall): number;
  enter(call: number): void;
  leave(): void;
}

/** Runs something that is a plugin's. */
export function during<T>(watch: PluginWatch, call: PluginCall, run: () => T): T {
  watch.enter(watch.number(call));
  try {
    return run();
  } finally {
    watch.leave();
  }
}

/** A message of a watched thread: what a number on its board means. */
export interface CallNamed {
  readonly type: 'plugin-call';
  readonly number: number;
  readonly call: PluginCall;
}

export function isCallNamed(message: unknown): message is CallNamed {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'plugin-call'
  );
}

/** Two words that both threads see: the call that runs (0: none), and how many have begun. */
const RUNNING = 0;
const BEGUN = 1;

export function newBoard(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** What runs right now; equal `begun` at two looks mean that it has run all the while. */
export function lookAt(board: Int32Array): { readonly running: number; readonly begun: number } {
  return { running: Atomics.load(board, RUNNING), begun: Atomics.load(board, BEGUN) };
}

/** Writes on a board, and tells what the numbers mean. */
export class BoardWatch implements PluginWatch {
  private readonly board: Int32Array;
  private readonly tell: (message: CallNamed) => void;
  private readonly numbers = new Map<string, number>();

  constructor(board: Int32Array, tell: (message: CallNamed) => void) {
    this.board = board;
    this.tell = tell;
  }

  number(call: PluginCall): number {
    const key = `${call.place}\0${call.what}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.numbers.size + 1;
    this.numbers.set(key, number);
    this.tell({ type: 'plugin-call', number, call });
    return number;
  }

  enter(call: number): void {
    Atomics.add(this.board, BEGUN, 1);
    Atomics.store(this.board, RUNNING, call);
  }

  leave(): void {
    Atomics.store(this.board, RUNNING, 0);
  }
}

/** For a thread that nobody watches. */
export const UNWATCHED: PluginWatch = {
  number: () => 0,
  enter: () => undefined,
  leave: () => undefined,
};

/** What a thread is started with when it is watched. */
export interface WatchedData {
  readonly board: Int32Array<SharedArrayBuffer>;
}

/** The watch of this thread: it is a matter of the thread, whoever loads plugins in it. */
export function watchOfThread(): PluginWatch {
  const port = parentPort;
  const data: unknown = workerData;
  if (!port || typeof data !== 'object' || data === null || !('board' in data)) return UNWATCHED;
  const { board } = data;
  if (!(board instanceof Int32Array)) return UNWATCHED;
  return new BoardWatch(board, (message) => port.postMessage(message));
}
