import type { Step, StepReturn } from '../../shared/world/step.ts';
import type { Store } from '../engine/core/world/store.ts';
import { ByteWriter } from './codec/byte-writer.ts';
import { writeSnapshot } from './codec/snapshot-codec.ts';
import { ChunkWriter, writeOutcome, type RecordedChoice } from './codec/step-codec.ts';
import type { BatchPort } from './step-batch.ts';

/** A chunk ends at this many steps or bytes, whichever is first. */
const CHUNK_STEPS = 1024;
const CHUNK_BYTES = 256 * 1024;

/** Longest a step waits for company, in milliseconds, unless it is said otherwise. */
const CHUNK_AGE = 100;

/** Steps between two looks at the clock. */
const CLOCK_EVERY = 16;

/** Steps between two snapshots at least; where snapshots are large, they are as rare as to double the file. */
const SNAPSHOT_STEPS = 4096;

export interface RecorderClientOptions {
  /** The store the steps have changed by the time they are told. */
  readonly store: Store;
  /** The driver's list of choices, which grows as it runs. */
  readonly choices?: readonly RecordedChoice[];
  /**
   * Steps the recording holds already: a run that is made once more to go on where it stood
   * tells them again, and they are not recorded twice.
   */
  readonly recorded?: number;
  /** Longest a step waits for company, in milliseconds; Infinity: until a chunk is full, or flush(). */
  readonly chunkAge?: number;
}

/**
 * The engine's side of a recording: a sink for steps that encodes them and hands them on in
 * chunks. Steps are encoded at once, so later changes to a step object do no harm.
 */
export class RecorderClient {
  private readonly port: BatchPort;
  private readonly store: Store;
  private readonly choices: readonly RecordedChoice[];
  private readonly recorded: number;
  private readonly chunkAge: number;
  private chunk: ChunkWriter;
  private late: { seq: number; data: Uint8Array }[] = [];
  private choicesDone = 0;
  private seq: number;
  private begun = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private snapshotAt: number;
  private snapshotBytes = 0;
  private bytesSince = 0;

  constructor(port: BatchPort, options: RecorderClientOptions) {
    this.port = port;
    this.store = options.store;
    this.choices = options.choices ?? [];
    this.recorded = options.recorded ?? 0;
    this.chunkAge = options.chunkAge ?? CHUNK_AGE;
    this.seq = this.recorded;
    this.snapshotAt = this.recorded;
    this.chunk = new ChunkWriter(this.recorded + 1);
  }

  /** Takes a step a driver has just made. */
  step(step: Step): void {
    if (step.seq <= this.recorded) {
      this.choicesDone = this.choices.length;
      return;
    }
    const { chunk } = this;
    this.takeChoices();
    chunk.step(step);
    this.seq = step.seq;
    const { steps } = chunk;
    if (steps === 1) this.begin();
    if (steps >= CHUNK_STEPS || chunk.bytes >= CHUNK_BYTES) this.flush();
    else if (steps % CLOCK_EVERY === 0 && this.isOld()) this.flush();
  }

  returned(event: StepReturn): void {
    if (event.end < this.recorded) return;
    if (event.seq >= this.chunk.first) {
      this.chunk.returned(event);
      return;
    }
    const out = new ByteWriter(64);
    writeOutcome(out, event);
    this.late.push({ seq: event.seq, data: out.take() });
    if (this.chunk.steps === 0) this.begin();
  }

  private isOld(): boolean {
    return performance.now() - this.begun >= this.chunkAge;
  }

  /** For an engine that stands still between steps: nothing waits longer than the chunk's age. */
  private begin(): void {
    this.begun = performance.now();
    if (this.chunkAge === Infinity) return;
    this.timer ??= setTimeout(() => this.flush(), this.chunkAge).unref();
  }

  private takeChoices(): void {
    for (; this.choicesDone < this.choices.length; this.choicesDone += 1) {
      this.chunk.choice(this.choices[this.choicesDone] as RecordedChoice);
    }
  }

  /** Hands on what was told so far. Blocks while too much is under way. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { chunk, late } = this;
    if (chunk.steps === 0 && late.length === 0) return;
    const count = chunk.steps;
    const bytes = count > 0 ? chunk.take() : undefined;
    this.bytesSince += bytes?.length ?? 0;
    const snapshot = count > 0 ? this.snapshot() : undefined;
    this.late = [];
    if (count > 0) this.chunk = new ChunkWriter(this.seq + 1);
    this.port.send({ first: chunk.first, count, chunk: bytes, late, snapshot });
  }

  private snapshot(): { seq: number; data: Uint8Array } | undefined {
    if (this.seq - this.snapshotAt < SNAPSHOT_STEPS || this.bytesSince < this.snapshotBytes) {
      return undefined;
    }
    const data = writeSnapshot(this.store, this.seq);
    this.snapshotAt = this.seq;
    this.bytesSince = 0;
    if (!data) return undefined;
    this.snapshotBytes = data.length;
    return { seq: this.seq, data };
  }

  /** The run is over: with its hash it is complete, without it was broken off. */
  end(hash: string | undefined): void {
    this.flush();
    this.port.end({ hash, choices: this.choices.slice(this.choicesDone) });
  }
}
