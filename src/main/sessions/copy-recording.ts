import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DecodeError } from './codec/byte-reader.ts';
import { MAX_UNPACKED } from './codec/packed.ts';
import { parseTables } from './codec/recorded-tables.ts';
import { MAX_CHUNK_STEPS } from './codec/step-codec.ts';
import { SessionError, type FailureCode } from './failure.ts';
import { insertRecording, MAX_TEXT, recordingRow, type RecordingRow } from './recording-row.ts';
import type { Database } from './sqlite.ts';

const MAX_MARKS = 100_000;

const seq = z.int().min(1);
const blob = z.instanceof(Buffer);
const chunkRow = z.strictObject({ first_seq: seq, last_seq: seq, data: blob });
const blobRow = z.strictObject({ seq, data: blob });
const bookmarkRow = z.strictObject({ seq: z.int().min(0), title: z.string().max(4096) });
const noteRow = z.strictObject({ seq: z.int().min(0), text: z.string().max(MAX_TEXT) });

interface Marks {
  readonly bookmarks: readonly z.infer<typeof bookmarkRow>[];
  readonly notes: readonly z.infer<typeof noteRow>[];
}

/**
 * Copies recording `id` into another database, row by row, and returns its id there. Every row is
 * checked as if it came from a stranger; blobs are only bounded, they are decoded when they are
 * read. Throws a SessionError about `path`, the file copied from; the caller has a transaction.
 */
export function copyRecording(
  from: Database,
  id: number,
  to: Database,
  path: string,
): { readonly id: number; readonly digest: string } {
  const source = new Rows(from, id, path);
  const row = source.recording();
  const marks = source.marks(row.steps);
  const target = insertRecording(to, { ...row, lab: null });
  const put = (table: string, columns: string) => {
    const places = columns.replace(/\w+/g, '?');
    const insert = to.prepare(`INSERT INTO ${table} (recording, ${columns}) VALUES (?, ${places})`);
    return (...values: unknown[]) => insert.run(target, ...values);
  };
  const putChunk = put('step_chunks', 'first_seq, last_seq, data');
  for (const { first_seq, last_seq, data } of source.chunks(row.steps)) {
    putChunk(first_seq, last_seq, data);
  }
  for (const table of ['late_returns', 'snapshots'] as const) {
    const putBlob = put(table, 'seq, data');
    for (const { seq: at, data } of source.blobs(table, row.steps)) putBlob(at, data);
  }
  const putBookmark = put('bookmarks', 'seq, title');
  for (const { seq: at, title } of marks.bookmarks) putBookmark(at, title);
  const putNote = put('notes', 'seq, text');
  for (const { seq: at, text } of marks.notes) putNote(at, text);
  return { id: target, digest: digestOf(row, marks) };
}

/** SHA-256 over the texts and numbers of a recording; blobs carry checksums of their own. */
function digestOf({ id: _id, lab: _lab, ...row }: RecordingRow, marks: Marks): string {
  const content = [Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)), marks];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** The rows of one recording, checked one by one. */
class Rows {
  private readonly db: Database;
  private readonly id: number;
  private readonly path: string;

  constructor(db: Database, id: number, path: string) {
    this.db = db;
    this.id = id;
    this.path = path;
  }

  private fail(message: string, code: FailureCode = 'corrupt'): never {
    throw new SessionError({ code, message, path: this.path });
  }

  private check<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
    const parsed = shape.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    return this.fail(`${what} is wrong: ${issue?.path.join('.') || 'row'}: ${issue?.message}`);
  }

  recording(): RecordingRow {
    const found = this.db.prepare('SELECT * FROM recordings WHERE id = ?').get(this.id);
    if (found === undefined) return this.fail('there is no such recording in it', 'no-recording');
    const row = this.check(recordingRow, found, 'its description');
    try {
      parseTables(row.tables);
    } catch (error) {
      if (error instanceof DecodeError) this.fail(error.message);
      throw error;
    }
    if (row.position > row.steps) this.fail(`it stands at step ${row.position} of ${row.steps}`);
    // Nobody writes the copy.
    return row.status === 'running' ? { ...row, status: 'interrupted' } : row;
  }

  marks(steps: number): Marks {
    const bookmarks = this.list('bookmarks', 'seq, title', bookmarkRow);
    const notes = this.list('notes', 'seq, text', noteRow);
    for (const { seq: at } of [...bookmarks, ...notes]) {
      if (at > steps) this.fail(`a bookmark or note is at step ${at} of ${steps}`);
    }
    return { bookmarks, notes };
  }

  private list<T>(table: string, columns: string, shape: z.ZodType<T>): T[] {
    const rows = this.db
      .prepare(`SELECT ${columns} FROM ${table} WHERE recording = ? ORDER BY seq, id LIMIT ?`)
      .all(this.id, MAX_MARKS + 1);
    if (rows.length > MAX_MARKS) this.fail(`it has over ${MAX_MARKS} ${table}`);
    return rows.map((row) => this.check(shape, row, `a row of ${table}`));
  }

  /** Chunks in order; together they hold steps 1 to `steps` without a gap. */
  *chunks(steps: number): Iterable<z.infer<typeof chunkRow>> {
    this.boundBlobs('step_chunks');
    const select = this.db.prepare(
      'SELECT first_seq, last_seq, data FROM step_chunks WHERE recording = ? ORDER BY first_seq',
    );
    let last = 0;
    for (const found of select.iterate(this.id)) {
      const row = this.check(chunkRow, found, `the chunk after step ${last}`);
      if (row.first_seq !== last + 1 || row.last_seq < row.first_seq) {
        this.fail(
          `the chunk after step ${last} says it holds steps ${row.first_seq}-${row.last_seq}`,
        );
      }
      if (row.last_seq - last > MAX_CHUNK_STEPS) {
        this.fail(`the chunk after step ${last} holds over ${MAX_CHUNK_STEPS} steps`);
      }
      last = row.last_seq;
      yield row;
    }
    if (last !== steps) this.fail(`it says it has ${steps} steps, its chunks hold ${last}`);
  }

  *blobs(table: 'late_returns' | 'snapshots', steps: number): Iterable<z.infer<typeof blobRow>> {
    this.boundBlobs(table);
    const select = this.db.prepare(
      `SELECT seq, data FROM ${table} WHERE recording = ? ORDER BY seq`,
    );
    for (const found of select.iterate(this.id)) {
      const row = this.check(blobRow, found, `a row of ${table}`);
      if (row.seq > steps) this.fail(`a row of ${table} is about step ${row.seq} of ${steps}`);
      yield row;
    }
  }

  /** Looks at lengths before anything of such a length is read. */
  private boundBlobs(table: string): void {
    const large = this.db
      .prepare(`SELECT count(*) FROM ${table} WHERE length(data) > ?`)
      .pluck()
      .get(MAX_UNPACKED) as number;
    if (large > 0) this.fail(`a row of ${table} is too large`, 'too-large');
  }
}
