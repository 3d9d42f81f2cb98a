import BetterSqlite3 from 'better-sqlite3';

/** The one place that names the SQLite binding. */
export const Database = BetterSqlite3;
export type Database = BetterSqlite3.Database;
export const SqliteError = BetterSqlite3.SqliteError;
