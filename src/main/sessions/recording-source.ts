import { Store } from '../engine/core/world/store.ts';
import type { StepSource } from '../engine/core/world/timeline.ts';
import type { Step } from '../../shared/world/step.ts';
import { ByteReader, DecodeError } from './codec/byte-reader.ts';
import { unpack } from './codec/packed.ts';
import { parseTables, type RecordedTable } from './codec/recorded-tables.ts';
import { readSnapshot } from './codec/snapshot-codec.ts';
import {
  applyReturn,
  readChunk,
  readOutcome,
  type Chunk,
  type RecordedChoice,
} from './codec/step-codec.ts';
import { attempt, failure, SessionError, success, type Result } from './failure.ts';
import { choiceList, findRecording, infoOf, type RecordingInfo } from './recording-row.ts';
import type { Database } from './sqlite.ts';

/** Decoded chunks and snapshots kept; a chunk is about a thousand steps. */
const CHUNKS_KEPT = 48;
const SNAPSHOTS_KEPT = 8;

/**
 * The steps of a recording in a database, decoded as they are asked for. What cannot be read
 * throws a SessionError that says which chunk and which steps.
 */
export class RecordingSource implements StepSource {
  readonly info: RecordingInfo;
  private readonly db: Database;
  private readonly path: string;
  private readonly tables: readonly RecordedTable[];
  private readonly chunks = new Map<number, Chunk>();
  private readonly snapshots = new Map<number, Store>();
  private readonly nearest;
  private current: Chunk | undefined;
  private known: number;

  private constructor(
    db: Database,
    path: string,
    info: RecordingInfo,
    tables: readonly RecordedTable[],
  ) {
    this.db = db;
    this.path = path;
    this.info = info;
    this.tables = tables;
    this.known = info.steps;
    this.nearest = db
      .prepare(
        'SELECT seq FROM snapshots WHERE recording = ? AND seq <= ? ORDER BY seq DESC LIMIT 1',
      )
      .pluck();
  }

  /** Opens recording `id` of an open database; `path` is what messages name. */
  static over(db: Database, id: number, path: string): Result<RecordingSource> {
    const read = attempt(path, () => findRecording(db, id));
    if (!read.ok) return read;
    if (!read.value) return failure('no-recording', `there is no recording ${id} in it`, path);
    try {
      const tables = parseTables(read.value.tables);
      return success(new RecordingSource(db, path, infoOf(read.value), tables));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return failure('corrupt', `recording ${id} cannot be read: ${error.message}`, path);
    }
  }

  get length(): number {
    return this.known;
  }

  /** Looks again how many steps are committed, for a recording that is still being written. */
  refresh(): number {
    const steps = this.query<number>('SELECT steps FROM recordings WHERE id = ?', this.info.id);
    if (steps !== undefined && steps !== this.known) {
      this.known = steps;
      // A chunk read before may lack returns that came since.
      this.chunks.clear();
      this.current = undefined;
    }
    return this.known;
  }

  step(seq: number): Step {
    const { current } = this;
    if (current) {
      const step = current.steps[seq - current.first];
      if (step) return step;
    }
    if (!Number.isInteger(seq) || seq < 1 || seq > this.known) {
      throw new RangeError(`no step ${seq}: the run has ${this.known}`);
    }
    this.current = this.chunkAt(seq);
    return this.current.steps[seq - this.current.first] as Step;
  }

  /** The store is only fetched when it is asked for: most seeks go on from where they are. */
  snapshotBefore(seq: number): { seq: number; store: Store } {
    const found = this.guard(() => this.nearest.get(this.info.id, seq)) as number | undefined;
    const at = found ?? 0;
    const fetch = () => this.snapshot(at);
    return {
      seq: at,
      get store() {
        return fetch();
      },
    };
  }

  /** The scheduler's choices, for running the lab again in the same order. */
  choices(): RecordedChoice[] {
    const choices: RecordedChoice[] = [];
    for (let seq = 1; seq <= this.known;) {
      const chunk = this.chunkAt(seq);
      choices.push(...chunk.choices);
      seq = chunk.first + chunk.steps.length;
    }
    const row = findRecording(this.db, this.info.id);
    if (row) choices.push(...choiceList.parse(JSON.parse(row.choices)));
    return choices;
  }

  private query<T>(sql: string, ...values: number[]): T | undefined {
    return this.guard(
      () =>
        this.db
          .prepare(sql)
          .pluck()
          .get(...values) as T | undefined,
    );
  }

  private guard<T>(body: () => T): T {
    const result = attempt(this.path, body);
    if (!result.ok) throw new SessionError(result.failure);
    return result.value;
  }

  private unreadable(what: string, why: string): never {
    const message = `${what} cannot be read: ${why}`;
    throw new SessionError({ code: 'corrupt', message, path: this.path });
  }

  private chunkAt(seq: number): Chunk {
    for (const chunk of this.chunks.values()) {
      if (seq >= chunk.first && seq < chunk.first + chunk.steps.length) {
        keep(this.chunks, chunk.first, chunk, CHUNKS_KEPT);
        return chunk;
      }
    }
    const { id } = this.info;
    const row = this.guard(
      () =>
        this.db
          .prepare(
            `SELECT first_seq AS first, last_seq AS last, data FROM step_chunks
             WHERE recording = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1`,
          )
          .get(id, seq) as { first: number; last: number; data: Buffer } | undefined,
    );
    if (!row || row.last < seq) return this.unreadable(`step ${seq}`, 'no chunk holds it');
    const { first, last, data } = row;
    const what = () => `chunk ${this.chunkNumber(first)} (steps ${first}-${last})`;
    let chunk: Chunk;
    try {
      chunk = readChunk(unpack(data), this.tables, first, last - first + 1);
    } catch (error) {
      if (error instanceof DecodeError) return this.unreadable(what(), error.message);
      throw error;
    }
    this.addLateReturns(chunk, last);
    keep(this.chunks, first, chunk, CHUNKS_KEPT);
    return chunk;
  }

  private chunkNumber(first: number): number {
    return (
      this.query<number>(
        'SELECT count(*) FROM step_chunks WHERE recording = ? AND first_seq <= ?',
        this.info.id,
        first,
      ) ?? 0
    );
  }

  private addLateReturns({ first, steps }: Chunk, last: number): void {
    const rows = this.guard(
      () =>
        this.db
          .prepare('SELECT seq, data FROM late_returns WHERE recording = ? AND seq BETWEEN ? AND ?')
          .all(this.info.id, first, last) as { seq: number; data: Buffer }[],
    );
    for (const { seq, data } of rows) {
      try {
        applyReturn(steps[seq - first] as Step, readOutcome(new ByteReader(unpack(data)), seq));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.unreadable(`the return of step ${seq}`, error.message);
      }
    }
  }

  private snapshot(seq: number): Store {
    const cached = this.snapshots.get(seq);
    if (cached) return cached;
    if (seq === 0) return new Store();
    const data = this.guard(
      () =>
        this.db
          .prepare('SELECT data FROM snapshots WHERE recording = ? AND seq = ?')
          .pluck()
          .get(this.info.id, seq) as Buffer,
    );
    try {
      const store = readSnapshot(unpack(data), this.tables, seq);
      keep(this.snapshots, seq, store, SNAPSHOTS_KEPT);
      return store;
    } catch (error) {
      if (error instanceof DecodeError) {
        return this.unreadable(`the snapshot after step ${seq}`, error.message);
      }
      throw error;
    }
  }
}

/** Puts an entry at the young end of a cache and drops the oldest where it is full. */
function keep<K, V>(cache: Map<K, V>, key: K, value: V, limit: number): void {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size > limit) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  }
}
