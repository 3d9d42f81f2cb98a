import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { failure, success, type Result, type SessionFailure } from './failure.ts';
import { COUNTERS, type RecorderChannel } from './recorder-channel.ts';
import { workerUrl } from './worker-url.ts';

export type ThreadRequest =
  | {
      readonly type: 'attach';
      readonly recording: number;
      readonly port: MessagePort;
      readonly counters: SharedArrayBuffer;
    }
  | { readonly type: 'close' };

/** What the recorder's thread tells; `steps` are those that a crash can no longer lose. */
export type ThreadEvent =
  | { readonly type: 'attached'; readonly recording: number }
  | { readonly type: 'committed'; readonly recording: number; readonly steps: number }
  | { readonly type: 'ended'; readonly recording: number; readonly steps: number }
  | {
      readonly type: 'failed';
      readonly recording: number;
      readonly steps: number;
      readonly failure: SessionFailure;
    };

/** The recorder's thread, seen from the main thread: one for a library, for any number of recordings. */
export class RecorderThread {
  private readonly worker: Worker;
  private readonly path: string;
  private readonly listeners = new Set<(event: ThreadEvent) => void>();
  private readonly exited: Promise<void>;

  /** `path` is the library's database file, which must exist. */
  constructor(path: string) {
    this.path = path;
    this.worker = new Worker(workerUrl(import.meta.url, 'recorder-worker'), {
      workerData: { path },
      name: 'recorder',
    });
    this.worker.on('message', (event: ThreadEvent) => this.tell(event));
    this.exited = new Promise((resolve) => this.worker.once('exit', () => resolve()));
  }

  private tell(event: ThreadEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  /** Calls `listener` with what happens from now on; the returned function ends that. */
  onEvent(listener: (event: ThreadEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes a recording over for writing; the channel goes to the thread the engine runs in. */
  attach(recording: number): Promise<Result<RecorderChannel>> {
    const { port1, port2 } = new MessageChannel();
    const counters = new SharedArrayBuffer(4 * COUNTERS);
    const answer = this.next(recording, ['attached', 'failed']);
    this.worker.postMessage({ type: 'attach', recording, port: port2, counters }, [port2]);
    return answer.then((event) => {
      if (event?.type === 'attached') return success({ port: port1, counters });
      port1.close();
      if (event?.type === 'failed') return { ok: false, failure: event.failure } as const;
      return failure('io', 'the recorder has ended', this.path);
    });
  }

  /** Waits until a recording is written to its end, or has failed. */
  ended(recording: number): Promise<ThreadEvent | undefined> {
    return this.next(recording, ['ended', 'failed']);
  }

  /** The next event of these kinds about a recording; undefined when the thread is gone first. */
  private next(
    recording: number,
    types: readonly ThreadEvent['type'][],
  ): Promise<ThreadEvent | undefined> {
    return new Promise((resolve) => {
      const stop = this.onEvent((event) => {
        if (event.recording !== recording || !types.includes(event.type)) return;
        stop();
        resolve(event);
      });
      void this.exited.then(() => {
        stop();
        resolve(undefined);
      });
    });
  }

  /** Commits everything and ends the thread. */
  async close(): Promise<void> {
    this.worker.postMessage({ type: 'close' });
    await this.exited;
  }
}
