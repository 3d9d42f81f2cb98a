import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { copyRecording } from './copy-recording.ts';
import { attempt, SessionError, type Result } from './failure.ts';
import type { Bookmark, Library, Note } from './library.ts';
import { RecordingSource } from './recording-source.ts';
import type { RecordingInfo } from './recording-row.ts';
import { createShared } from './schema.ts';
import { openUntrusted, readSharedFile } from './shared-file.ts';
import { Database } from './sqlite.ts';

/** A recording out of a shared file, copied into a database of its own in memory. */
export interface SharedRecording {
  readonly info: RecordingInfo;
  readonly source: RecordingSource;
  readonly bookmarks: readonly Bookmark[];
  readonly notes: readonly Note[];
  close(): void;
}

/** One recording of a library as the bytes of a `.pfnlab` file. */
export function sharedBytes(library: Library, recording: number): Result<Buffer> {
  return attempt(library.path, () => {
    const db = new Database(':memory:');
    try {
      createShared(db);
      db.transaction(() => {
        const { digest } = library.db.transaction(() =>
          copyRecording(library.db, recording, db, library.path),
        )();
        db.prepare('INSERT INTO share (digest) VALUES (?)').run(digest);
      })();
      return db.serialize();
    } finally {
      db.close();
    }
  });
}

/**
 * Writes one recording to `path`, which appears whole or not at all; what stood there before is
 * replaced. Returns the path.
 */
export function exportShared(library: Library, recording: number, path: string): Result<string> {
  const bytes = sharedBytes(library, recording);
  return bytes.ok ? writeWhole(path, bytes.value) : bytes;
}

/**
 * Writes a file under another name first, so that nobody ever sees half of it.
 *
 * @param mode of the new file, before the umask
 */
export function writeWhole(path: string, bytes: Uint8Array, mode = 0o666): Result<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const written = attempt(path, () => {
    const file = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    return path;
  });
  if (!written.ok) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The failure to write is the one to tell.
    }
  }
  return written;
}

/** Opens a `.pfnlab` file from anybody, for reading and stepping. */
export function openShared(path: string): Result<SharedRecording> {
  const bytes = readSharedFile(path);
  return bytes.ok ? openSharedBytes(bytes.value, path) : bytes;
}

/** Like `openShared`, from the file's bytes; `name` is what messages call it. */
export function openSharedBytes(bytes: Buffer, name: string): Result<SharedRecording> {
  const db = new Database(':memory:');
  const opened = attempt(name, () => {
    createShared(db);
    const id = takeOver(bytes, name, db);
    const source = RecordingSource.over(db, id, name);
    if (!source.ok) throw new SessionError(source.failure);
    const marks = (table: string, column: string) =>
      db.prepare(`SELECT id, seq, ${column} FROM ${table} ORDER BY seq, id`).all();
    return {
      info: source.value.info,
      source: source.value,
      bookmarks: marks('bookmarks', 'title') as Bookmark[],
      notes: marks('notes', 'text') as Note[],
      close: () => void db.close(),
    };
  });
  if (!opened.ok) db.close();
  return opened;
}

/** Takes the recording of a shared file over into a library; returns its id there. */
export function importShared(library: Library, bytes: Buffer, name: string): Result<number> {
  return attempt(name, () => takeOver(bytes, name, library.db));
}

function takeOver(bytes: Buffer, name: string, to: Database): number {
  const untrusted = openUntrusted(bytes, name);
  if (!untrusted.ok) throw new SessionError(untrusted.failure);
  const from = untrusted.value;
  const fail = (message: string): never => {
    throw new SessionError({ code: 'corrupt', message, path: name });
  };
  try {
    const ids = from.prepare('SELECT id FROM recordings LIMIT 2').pluck().all();
    if (ids.length !== 1) fail('it does not hold exactly one recording');
    return to
      .transaction(() => {
        const { id, digest } = copyRecording(from, ids[0] as number, to, name);
        const stated = from.prepare('SELECT digest FROM share').pluck().all();
        if (stated.length !== 1 || stated[0] !== digest) fail('its texts were changed or damaged');
        return id;
      })
      .immediate();
  } finally {
    from.close();
  }
}
