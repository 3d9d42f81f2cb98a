import type { MessagePort, Transferable } from 'node:worker_threads';
import { batchSize, type BatchPort, type RecordingEnd, type StepBatch } from './step-batch.ts';

/** Most bytes between the engine and the recorder; past it the engine waits. */
const MAX_UNDER_WAY = 8 * 1024 * 1024;

/**
 * Longest a batch may stay uncommitted while the engine goes on, in milliseconds. With the time a
 * step waits in the engine's own chunk it bounds what a crash can lose.
 */
const MAX_UNCOMMITTED = 600;

/** Places in the shared counters. */
export const UNDER_WAY = 0;
export const STOPPED = 1;
export const COMMITTED = 2;
export const COUNTERS = 3;

/** What the engine's thread needs to record; pass `port` in the transfer list. */
export interface RecorderChannel {
  readonly port: MessagePort;
  /** 32-bit counters: bytes under way, whether the recorder stopped, batches committed. */
  readonly counters: SharedArrayBuffer;
}

export type RecorderRequest =
  | { readonly type: 'batch'; readonly batch: StepBatch; readonly size: number }
  | { readonly type: 'end'; readonly end: RecordingEnd };

/**
 * The engine's end of a channel. `send` blocks the thread while too much is under way or what was
 * sent is not committed for long, so it works from a loop that never returns to its event loop. Once the recorder has stopped (disk
 * full, library gone) batches go nowhere: who started the recorder is told why.
 */
export class ChannelPort implements BatchPort {
  private readonly port: MessagePort;
  private readonly counters: Int32Array;
  /** When batch number `committed` and those after it were sent. */
  private sent: number[] = [];
  private committed = 0;

  constructor({ port, counters }: RecorderChannel) {
    this.port = port;
    this.counters = new Int32Array(counters);
  }

  get stopped(): boolean {
    return Atomics.load(this.counters, STOPPED) !== 0;
  }

  send(batch: StepBatch): void {
    const size = batchSize(batch);
    this.waitForCommit();
    this.waitForRoom(size);
    if (this.stopped) return;
    Atomics.add(this.counters, UNDER_WAY, size);
    this.sent.push(performance.now());
    const buffers: Transferable[] = [];
    if (batch.chunk) buffers.push(batch.chunk.buffer as ArrayBuffer);
    if (batch.snapshot) buffers.push(batch.snapshot.data.buffer as ArrayBuffer);
    this.port.postMessage({ type: 'batch', batch, size } satisfies RecorderRequest, buffers);
  }

  private waitForCommit(): void {
    while (!this.stopped) {
      const committed = Atomics.load(this.counters, COMMITTED);
      this.sent.splice(0, committed - this.committed);
      this.committed = committed;
      const oldest = this.sent[0];
      if (oldest === undefined || performance.now() - oldest < MAX_UNCOMMITTED) return;
      Atomics.wait(this.counters, COMMITTED, committed);
    }
  }

  /** A batch larger than the bound goes alone. */
  private waitForRoom(size: number): void {
    while (!this.stopped) {
      const underWay = Atomics.load(this.counters, UNDER_WAY);
      if (underWay === 0 || underWay + size <= MAX_UNDER_WAY) return;
      Atomics.wait(this.counters, UNDER_WAY, underWay);
    }
  }

  end(end: RecordingEnd): void {
    this.port.postMessage({ type: 'end', end } satisfies RecorderRequest);
  }
}
