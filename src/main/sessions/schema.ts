import type { Database } from './sqlite.ts';

/** "PFNL": a shared recording. "PFNW": a working library. */
export const SHARED_APPLICATION_ID = 0x50464e4c;
export const LIBRARY_APPLICATION_ID = 0x50464e57;

/** Newest `user_version` of a shared file that this build reads and the one it writes. */
export const SHARED_VERSION = 1;

/**
 * Tables a recording lives in, the same in a library and in a shared file. `tables` names the
 * fields rows are encoded by, `plugins` and `choices` are JSON, times are ISO 8601. `position` is
 * the step the session stands at; `choices` are those after the last chunk; `view` belongs to the
 * window and `summary` to the bench: opaque here.
 */
const RECORDING_TABLES = {
  recordings: `CREATE TABLE recordings (
    id INTEGER PRIMARY KEY,
    lab INTEGER,
    title TEXT NOT NULL,
    lab_name TEXT NOT NULL,
    lab_text TEXT NOT NULL,
    kernel TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL,
    status TEXT NOT NULL,
    steps INTEGER NOT NULL,
    final_hash TEXT,
    hash_format INTEGER NOT NULL,
    tables TEXT NOT NULL,
    plugins TEXT NOT NULL,
    choices TEXT NOT NULL,
    position INTEGER NOT NULL,
    view TEXT NOT NULL,
    summary TEXT NOT NULL
  )`,
  step_chunks: `CREATE TABLE step_chunks (
    recording INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (recording, first_seq)
  )`,
  late_returns: `CREATE TABLE late_returns (
    recording INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (recording, seq)
  )`,
  snapshots: `CREATE TABLE snapshots (
    recording INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (recording, seq)
  )`,
  bookmarks: `CREATE TABLE bookmarks (
    id INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    title TEXT NOT NULL
  )`,
  notes: `CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    text TEXT NOT NULL
  )`,
} as const;

/** Exactly what `sqlite_schema` of a shared file may say, by name. */
export const SHARED_TABLES: Readonly<Record<string, string>> = {
  ...RECORDING_TABLES,
  /** One row: SHA-256 over everything but the blobs, which carry checksums of their own. */
  share: `CREATE TABLE share (digest TEXT NOT NULL)`,
};

/** Library migrations: entry n takes `user_version` n to n + 1. Never edit one that was released. */
const LIBRARY_MIGRATIONS: readonly (readonly string[])[] = [
  [
    ...Object.values(RECORDING_TABLES),
    `CREATE TABLE labs (
      id INTEGER PRIMARY KEY,
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      created TEXT NOT NULL,
      changed TEXT NOT NULL
    )`,
    `CREATE TABLE layouts (name TEXT PRIMARY KEY, json TEXT NOT NULL)`,
  ],
];

/** Newest `user_version` of a library that this build knows. */
export const LIBRARY_VERSION = LIBRARY_MIGRATIONS.length;

/** Brings a library to the newest version, all or nothing. */
export function migrateLibrary(db: Database, migrations = LIBRARY_MIGRATIONS): void {
  db.transaction(() => {
    const from = db.pragma('user_version', { simple: true }) as number;
    for (const statements of migrations.slice(from)) {
      for (const sql of statements) db.exec(sql);
    }
    db.pragma(`application_id = ${LIBRARY_APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

/** Creates the tables of a shared file in an empty database. */
export function createShared(db: Database): void {
  for (const sql of Object.values(SHARED_TABLES)) db.exec(sql);
  db.pragma(`application_id = ${SHARED_APPLICATION_ID}`);
  db.pragma(`user_version = ${SHARED_VERSION}`);
}
