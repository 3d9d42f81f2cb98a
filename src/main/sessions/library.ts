import { join } from 'node:path';
import { HASH_FORMAT } from '../engine/core/world/hash.ts';
import { tablesText } from './codec/recorded-tables.ts';
import { attempt, failure, success, type Result } from './failure.ts';
import { makeFolder } from './make-folder.ts';
import { RecorderLock } from './recorder-lock.ts';
import { RecordingSource } from './recording-source.ts';
import {
  findRecording,
  infoOf,
  insertRecording,
  type PluginRef,
  type RecordingInfo,
} from './recording-row.ts';
import { LIBRARY_APPLICATION_ID, LIBRARY_VERSION, migrateLibrary } from './schema.ts';
import { Database } from './sqlite.ts';

/** Name of the library inside its folder. */
export const LIBRARY_FILE = 'library.pfnlabdb';

export interface SavedLab {
  readonly id: number;
  readonly title: string;
  readonly text: string;
  /** ISO 8601. */
  readonly created: string;
  readonly changed: string;
}

export interface Bookmark {
  readonly id: number;
  readonly seq: number;
  readonly title: string;
}

export interface Note {
  readonly id: number;
  readonly seq: number;
  readonly text: string;
}

/** What is known before a recording's first step. */
export interface NewRecording {
  readonly title: string;
  readonly labName: string;
  readonly labText: string;
  readonly kernel: string;
  readonly plugins: readonly PluginRef[];
  /** Program and version. */
  readonly madeBy: string;
  readonly lab?: number;
}

/**
 * The working library: one SQLite database (WAL) in a folder. Several processes may have it open.
 * Its methods throw SqliteError where the disk fails; `attempt` turns that into a failure.
 */
export class Library {
  /** The database file. */
  readonly path: string;
  readonly db: Database;

  private constructor(path: string, db: Database) {
    this.path = path;
    this.db = db;
  }

  /** Opens or creates the library in a folder, and marks recordings nobody writes any more. */
  static open(folder: string): Result<Library> {
    const path = join(folder, LIBRARY_FILE);
    const made = attempt(folder, () => makeFolder(folder));
    if (!made.ok) return made;
    let db: Database | undefined;
    const opened = attempt(path, () => {
      db = new Database(path);
      return Library.prepare(path, db);
    });
    const result = opened.ok ? opened.value : opened;
    if (!result.ok) db?.close();
    return result;
  }

  private static prepare(path: string, db: Database): Result<Library> {
    const application = db.pragma('application_id', { simple: true }) as number;
    const version = db.pragma('user_version', { simple: true }) as number;
    const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
    if (application !== LIBRARY_APPLICATION_ID && (application !== 0 || tables > 0)) {
      return failure('not-a-library', 'it is a database, but not a pfnlab library', path);
    }
    if (version > LIBRARY_VERSION) {
      const message = `made by a newer pfnlab (library ${version}, this one reads up to ${LIBRARY_VERSION})`;
      return failure('newer-version', message, path);
    }
    db.pragma('trusted_schema = OFF');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    if (version < LIBRARY_VERSION) migrateLibrary(db);
    const library = new Library(path, db);
    library.findInterrupted();
    return success(library);
  }

  private findInterrupted(): void {
    const running = this.db.prepare(`SELECT id FROM recordings WHERE status = 'running'`).pluck();
    for (const id of running.all() as number[]) {
      const lock = RecorderLock.take(this.path, id);
      if (!lock) continue;
      this.db.prepare(`UPDATE recordings SET status = 'interrupted' WHERE id = ?`).run(id);
      lock.release();
    }
  }

  close(): void {
    this.db.close();
  }

  /** Saves a lab file; with an `id`, over the one saved before. */
  saveLab(lab: { id?: number; title: string; text: string }): number {
    const now = new Date().toISOString();
    if (lab.id !== undefined) {
      const update = this.db.prepare(
        'UPDATE labs SET title = ?, text = ?, changed = ? WHERE id = ?',
      );
      if (update.run(lab.title, lab.text, now, lab.id).changes === 1) return lab.id;
    }
    const insert = this.db.prepare(
      'INSERT INTO labs (title, text, created, changed) VALUES (?, ?, ?, ?)',
    );
    return Number(insert.run(lab.title, lab.text, now, now).lastInsertRowid);
  }

  /** Saved labs, the last changed first. */
  labs(): SavedLab[] {
    return this.db.prepare('SELECT * FROM labs ORDER BY changed DESC, id DESC').all() as SavedLab[];
  }

  removeLab(id: number): void {
    this.db.prepare('DELETE FROM labs WHERE id = ?').run(id);
  }

  /**
   * Makes place for a recording and returns its id. It counts as interrupted until a `Recorder`
   * takes it over.
   */
  createRecording(recording: NewRecording): number {
    const now = new Date().toISOString();
    return insertRecording(this.db, {
      lab: recording.lab ?? null,
      title: recording.title,
      lab_name: recording.labName,
      lab_text: recording.labText,
      kernel: recording.kernel,
      made_by: recording.madeBy,
      created: now,
      changed: now,
      status: 'interrupted',
      steps: 0,
      final_hash: null,
      hash_format: HASH_FORMAT,
      tables: tablesText(),
      plugins: JSON.stringify(recording.plugins),
      choices: '[]',
      position: 0,
      view: '',
      summary: '',
    });
  }

  /** Recordings, the last changed first. */
  recordings(): RecordingInfo[] {
    const ids = this.db.prepare('SELECT id FROM recordings ORDER BY changed DESC, id DESC').pluck();
    return (ids.all() as number[]).flatMap((id) => this.recording(id) ?? []);
  }

  recording(id: number): RecordingInfo | undefined {
    const row = findRecording(this.db, id);
    return row && infoOf(row);
  }

  removeRecording(id: number): void {
    this.db.transaction(() => {
      for (const table of ['step_chunks', 'late_returns', 'snapshots', 'bookmarks', 'notes']) {
        this.db.prepare(`DELETE FROM ${table} WHERE recording = ?`).run(id);
      }
      this.db.prepare('DELETE FROM recordings WHERE id = ?').run(id);
    })();
  }

  /** Saves where the session stands and how its window looks; what is left out stays. */
  saveSession(
    id: number,
    state: { title?: string; position?: number; view?: string; summary?: string },
  ): void {
    const { title = null, position = null, view = null, summary = null } = state;
    const changed = new Date().toISOString();
    this.db
      .prepare(
        `UPDATE recordings SET changed = @changed, title = coalesce(@title, title),
           position = coalesce(@position, position), view = coalesce(@view, view),
           summary = coalesce(@summary, summary) WHERE id = @id`,
      )
      .run({ id, changed, title, position, view, summary });
  }

  /** The recording's steps, read as they are asked for. Closing it leaves the library open. */
  source(id: number): Result<RecordingSource> {
    return RecordingSource.over(this.db, id, this.path);
  }

  bookmarks(recording: number): Bookmark[] {
    const select = this.db.prepare(
      'SELECT id, seq, title FROM bookmarks WHERE recording = ? ORDER BY seq, id',
    );
    return select.all(recording) as Bookmark[];
  }

  addBookmark(recording: number, seq: number, title: string): number {
    const insert = this.db.prepare(
      'INSERT INTO bookmarks (recording, seq, title) VALUES (?, ?, ?)',
    );
    return Number(insert.run(recording, seq, title).lastInsertRowid);
  }

  removeBookmark(id: number): void {
    this.db.prepare('DELETE FROM bookmarks WHERE id = ?').run(id);
  }

  notes(recording: number): Note[] {
    const select = this.db.prepare(
      'SELECT id, seq, text FROM notes WHERE recording = ? ORDER BY seq, id',
    );
    return select.all(recording) as Note[];
  }

  addNote(recording: number, seq: number, text: string): number {
    const insert = this.db.prepare('INSERT INTO notes (recording, seq, text) VALUES (?, ?, ?)');
    return Number(insert.run(recording, seq, text).lastInsertRowid);
  }

  removeNote(id: number): void {
    this.db.prepare('DELETE FROM notes WHERE id = ?').run(id);
  }

  /** A layout of the window by name, as JSON; undefined before it was saved. */
  layout(name: string): string | undefined {
    return this.db.prepare('SELECT json FROM layouts WHERE name = ?').pluck().get(name) as
      string | undefined;
  }

  saveLayout(name: string, json: string): void {
    this.db.prepare('INSERT OR REPLACE INTO layouts (name, json) VALUES (?, ?)').run(name, json);
  }
}
