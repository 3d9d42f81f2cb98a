import type { MessagePort, Transferable } from 'node:worker_threads';
import { batchSize, type BatchPort, type RecordingEnd, type StepBatch } from './step-batch.ts';

/** Most bytes between the engine and the recorder; past it the engine waits. */
export const MAX_UNDER_WAY = 8 * 1024 * 1024;

/** Places in the shared counters. */
export const UNDER_WAY = 0;
export const STOPPED = 1;

/** What the engine's thread needs to record; pass `port` in the transfer list. */
export interface RecorderChannel {
  readonly port: MessagePort;
  /** Two 32-bit counters: bytes under way, and whether the recorder stopped. */
  readonly counters: SharedArrayBuffer;
}

export type RecorderRequest =
  | { readonly type: 'batch'; readonly batch: StepBatch; readonly size: number }
  | { readonly type: 'end'; readonly end: RecordingEnd };

/**
 * The engine's end of a channel. `send` blocks the thread while too much is under way, so it
 * works from a loop that never returns to its event loop. Once the recorder has stopped (disk
 * full, library gone) batches go nowhere: who started the recorder is told why.
 */
export class ChannelPort implements BatchPort {
  private readonly port: MessagePort;
  private readonly counters: Int32Array;

  constructor({ port, counters }: RecorderChannel) {
    this.port = port;
    this.counters = new Int32Array(counters);
  }

  get stopped(): boolean {
    return Atomics.load(this.counters, STOPPED) !== 0;
  }

  send(batch: StepBatch): void {
    const size = batchSize(batch);
    for (;;) {
      const underWay = Atomics.load(this.counters, UNDER_WAY);
      if (this.stopped) return;
      // A batch larger than the bound goes alone.
      if (underWay === 0 || underWay + size <= MAX_UNDER_WAY) break;
      Atomics.wait(this.counters, UNDER_WAY, underWay);
    }
    Atomics.add(this.counters, UNDER_WAY, size);
    const buffers: Transferable[] = [];
    if (batch.chunk) buffers.push(batch.chunk.buffer as ArrayBuffer);
    if (batch.snapshot) buffers.push(batch.snapshot.data.buffer as ArrayBuffer);
    this.port.postMessage({ type: 'batch', batch, size } satisfies RecorderRequest, buffers);
  }

  end(end: RecordingEnd): void {
    this.port.postMessage({ type: 'end', end } satisfies RecorderRequest);
  }
}
