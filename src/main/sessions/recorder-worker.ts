/** Thread that writes recordings. Started by `RecorderThread`; see there for the messages. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { failureOf, SessionError } from './failure.ts';
import { COMMIT_EVERY, Recorder } from './recorder.ts';
import { COMMITTED, STOPPED, UNDER_WAY, type RecorderRequest } from './recorder-channel.ts';
import type { ThreadEvent, ThreadRequest } from './recorder-thread.ts';
import { Database } from './sqlite.ts';

const { path } = workerData as { path: string };
const host = parentPort;
if (!host) throw new Error('the recorder runs as a worker thread');

const say = (event: ThreadEvent) => host.postMessage(event);
const writers = new Set<Writer>();
let db: Database | undefined;

/** One recording: takes batches from its channel until the end, or until something fails. */
class Writer {
  private readonly id: number;
  private readonly recorder: Recorder;
  private readonly port: MessagePort;
  private readonly counters: Int32Array;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: number, recorder: Recorder, port: MessagePort, counters: Int32Array) {
    this.id = id;
    this.recorder = recorder;
    this.port = port;
    this.counters = counters;
    port.on('message', (request: RecorderRequest) => this.take(request));
    port.on('close', () => this.guard(() => this.abandon()));
  }

  private take(request: RecorderRequest): void {
    if (this.recorder.closed) return;
    if (request.type === 'end') {
      this.guard(() => {
        this.recorder.end(request.end);
        this.done();
        say({ type: 'ended', recording: this.id, steps: this.recorder.committed });
      });
      return;
    }
    const before = this.recorder.committedBatches;
    this.guard(() => this.recorder.send(request.batch));
    Atomics.sub(this.counters, UNDER_WAY, request.size);
    Atomics.notify(this.counters, UNDER_WAY);
    if (this.recorder.committedBatches !== before) this.tell();
    else this.timer ??= setTimeout(() => this.commit(), COMMIT_EVERY);
  }

  private commit(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.recorder.closed) return;
    this.guard(() => this.recorder.commit());
    this.tell();
  }

  private tell(): void {
    Atomics.store(this.counters, COMMITTED, this.recorder.committedBatches);
    Atomics.notify(this.counters, COMMITTED);
    say({ type: 'committed', recording: this.id, steps: this.recorder.committed });
  }

  /** Keeps what is there. */
  abandon(): void {
    if (this.recorder.closed) return;
    this.recorder.abandon();
    this.done();
    say({ type: 'ended', recording: this.id, steps: this.recorder.committed });
  }

  private done(): void {
    clearTimeout(this.timer);
    writers.delete(this);
    this.stop();
    this.port.close();
  }

  /** Lets an engine that waits for room go on. */
  stop(): void {
    Atomics.store(this.counters, STOPPED, 1);
    Atomics.notify(this.counters, UNDER_WAY);
    Atomics.notify(this.counters, COMMITTED);
  }

  private guard(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.stop();
      const { committed } = this.recorder;
      try {
        this.recorder.abandon();
      } catch {
        // What failed once fails again; the lock is released and the next start sees the rest.
      }
      this.done();
      say({ type: 'failed', recording: this.id, steps: committed, failure: told(error) });
    }
  }
}

function told(error: unknown) {
  try {
    return failureOf(error, path);
  } catch {
    return { code: 'io', message: `the recorder failed: ${String(error)}`, path } as const;
  }
}

function open(): Database {
  const opened = new Database(path, { fileMustExist: true });
  opened.pragma('trusted_schema = OFF');
  opened.pragma('synchronous = NORMAL');
  return opened;
}

host.on('message', (request: ThreadRequest) => {
  if (request.type === 'close') {
    for (const writer of [...writers]) writer.abandon();
    db?.close();
    host.close();
    return;
  }
  const { recording, port, counters } = request;
  try {
    db ??= open();
    const attached = Recorder.attach(db, path, recording);
    if (!attached.ok) throw new SessionError(attached.failure);
    writers.add(new Writer(recording, attached.value, port, new Int32Array(counters)));
    say({ type: 'attached', recording });
  } catch (error) {
    say({ type: 'failed', recording, steps: 0, failure: told(error) });
  }
});
