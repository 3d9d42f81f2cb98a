import { rmSync } from 'node:fs';
import { Database, SqliteError } from './sqlite.ts';

/**
 * Says that a recording is being written, for as long as the process lives: an exclusive lock on
 * a small database beside the library. The system gives it up with the process, however it ends.
 */
export class RecorderLock {
  private readonly path: string;
  private readonly db: Database;

  private constructor(path: string, db: Database) {
    this.path = path;
    this.db = db;
  }

  /** Undefined when somebody else holds it. */
  static take(library: string, recording: number): RecorderLock | undefined {
    const path = `${library}-recording-${recording}.lock`;
    const db = new Database(path, { timeout: 0 });
    try {
      db.pragma('journal_mode = OFF');
      db.exec('BEGIN EXCLUSIVE');
      return new RecorderLock(path, db);
    } catch (error) {
      db.close();
      if (error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
      throw error;
    }
  }

  release(): void {
    rmSync(this.path, { force: true });
    this.db.close();
  }
}
