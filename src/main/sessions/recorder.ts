import { tablesText } from './codec/recorded-tables.ts';
import { pack } from './codec/packed.ts';
import { failure, success, type Result } from './failure.ts';
import { RecorderLock } from './recorder-lock.ts';
import { choiceList, findRecording } from './recording-row.ts';
import type { Database } from './sqlite.ts';
import type { BatchPort, RecordingEnd, StepBatch } from './step-batch.ts';

/** Longest a batch stays uncommitted, in milliseconds. */
export const COMMIT_EVERY = 250;

interface PackedBatch {
  readonly first: number;
  readonly last: number;
  readonly chunk: Buffer | undefined;
  readonly late: readonly { readonly seq: number; readonly data: Buffer }[];
  readonly snapshot: { readonly seq: number; readonly data: Buffer } | undefined;
}

/**
 * Appends to one recording of a library. Batches are compressed as they come and written together
 * in one short transaction, so that others who write to the library hardly wait. Whoever drives it
 * calls `commit` when no batch comes for a while.
 */
export class Recorder implements BatchPort {
  private readonly db: Database;
  private readonly id: number;
  private readonly lock: RecorderLock;
  private readonly write: (batches: readonly PackedBatch[]) => void;
  private pending: PackedBatch[] = [];
  private steps: number;
  private committedSteps: number;
  private committedCount = 0;
  private oldest = 0;
  private isClosed = false;

  private constructor(db: Database, id: number, lock: RecorderLock, steps: number) {
    this.db = db;
    this.id = id;
    this.lock = lock;
    this.steps = steps;
    this.committedSteps = steps;
    const insertChunk = db.prepare('INSERT INTO step_chunks VALUES (?, ?, ?, ?)');
    const insertLate = db.prepare('INSERT OR REPLACE INTO late_returns VALUES (?, ?, ?)');
    const insertSnapshot = db.prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)');
    const update = db.prepare('UPDATE recordings SET steps = ?, changed = ? WHERE id = ?');
    this.write = db.transaction((batches: readonly PackedBatch[]) => {
      for (const { first, last, chunk, late, snapshot } of batches) {
        if (chunk) insertChunk.run(id, first, last, chunk);
        for (const { seq, data } of late) insertLate.run(id, seq, data);
        if (snapshot) insertSnapshot.run(id, snapshot.seq, snapshot.data);
      }
      update.run(this.steps, new Date().toISOString(), id);
    }).immediate;
  }

  /** Takes a recording over; what it holds stays and is gone on from. Throws SqliteError. */
  static attach(db: Database, path: string, id: number): Result<Recorder> {
    const row = findRecording(db, id);
    if (!row) return failure('no-recording', `there is no recording ${id} in it`, path);
    if (row.tables !== tablesText()) {
      const message = `recording ${id} was made by another version and cannot be gone on with`;
      return failure('incomplete', message, path);
    }
    const lock = RecorderLock.take(path, id);
    if (!lock) return failure('busy', `recording ${id} is being written by another pfnlab`, path);
    db.prepare(
      `UPDATE recordings SET status = 'running', final_hash = NULL, choices = '[]' WHERE id = ?`,
    ).run(id);
    return success(new Recorder(db, id, lock, row.steps));
  }

  /** Steps that a crash can no longer lose. */
  get committed(): number {
    return this.committedSteps;
  }

  /** How many batches that were. */
  get committedBatches(): number {
    return this.committedCount;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  send(batch: StepBatch): void {
    if (batch.count > 0 && batch.first !== this.steps + 1) {
      throw new Error(`batch from step ${batch.first} cannot follow step ${this.steps}`);
    }
    if (this.pending.length === 0) this.oldest = performance.now();
    this.steps += batch.count;
    this.pending.push({
      first: batch.first,
      last: this.steps,
      chunk: batch.chunk && pack(batch.chunk),
      late: batch.late.map(({ seq, data }) => ({ seq, data: pack(data) })),
      snapshot: batch.snapshot && { seq: batch.snapshot.seq, data: pack(batch.snapshot.data) },
    });
    if (performance.now() - this.oldest >= COMMIT_EVERY) this.commit();
  }

  /** Makes everything sent so far safe. */
  commit(): void {
    if (this.pending.length === 0) return;
    this.write(this.pending);
    this.committedCount += this.pending.length;
    this.pending = [];
    this.committedSteps = this.steps;
  }

  end({ hash, choices }: RecordingEnd): void {
    this.commit();
    const status = hash === undefined ? 'interrupted' : 'complete';
    this.db
      .prepare('UPDATE recordings SET status = ?, final_hash = ?, choices = ? WHERE id = ?')
      .run(status, hash ?? null, JSON.stringify(choiceList.parse(choices)), this.id);
    this.release();
  }

  /** Ends without a word from the engine: what came is kept and counts as interrupted. */
  abandon(): void {
    if (this.isClosed) return;
    try {
      if (this.db.open) this.end({ hash: undefined, choices: [] });
    } finally {
      this.release();
    }
  }

  private release(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.lock.release();
  }
}
