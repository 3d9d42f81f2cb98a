import { readFileSync, statSync } from 'node:fs';
import { attempt, failure, success, type Result } from './failure.ts';
import {
  LIBRARY_APPLICATION_ID,
  SHARED_APPLICATION_ID,
  SHARED_TABLES,
  SHARED_VERSION,
} from './schema.ts';
import { Database } from './sqlite.ts';

/** Largest shared file that is read, in bytes. */
const MAX_SHARED_BYTES = 1024 * 1024 * 1024;

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER = 100;

/** Reads a shared file whole; what is no ordinary file, or too large, is not touched. */
export function readSharedFile(path: string): Result<Buffer> {
  const stat = attempt(path, () => statSync(path));
  if (!stat.ok) return stat;
  if (stat.value.isDirectory()) {
    return failure('not-a-file', 'it is a folder, not a .pfnlab file', path);
  }
  if (!stat.value.isFile()) return failure('not-a-file', 'it is not an ordinary file', path);
  if (stat.value.size > MAX_SHARED_BYTES) {
    return failure('too-large', 'it is larger than the 1 GiB a .pfnlab file may have', path);
  }
  return attempt(path, () => readFileSync(path));
}

/**
 * Opens a stranger's database from memory, after its header has been checked: no file of its
 * folder is read or written, whatever it says about journals. The caller closes it.
 */
export function openUntrusted(bytes: Buffer, path: string): Result<Database> {
  const header = checkHeader(bytes, path);
  if (!header.ok) return header;
  let db: Database | undefined;
  const checked = attempt(path, () => {
    db = new Database(bytes, { readonly: true });
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    return checkDatabase(db, path);
  });
  const result = checked.ok ? checked.value : checked;
  if (!result.ok || !db) {
    db?.close();
    return result.ok ? failure('io', 'it cannot be opened', path) : result;
  }
  return success(db);
}

/** https://www.sqlite.org/fileformat.html#the_database_header */
function checkHeader(bytes: Buffer, path: string): Result<undefined> {
  if (bytes.length === 0) return failure('not-a-recording', 'it is empty', path);
  if (bytes.length < HEADER || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    return failure('not-a-recording', 'it is not a .pfnlab file', path);
  }
  const application = bytes.readUInt32BE(68);
  if (application === LIBRARY_APPLICATION_ID) {
    const message = 'it is a pfnlab library, not a shared recording';
    return failure('not-a-recording', message, path);
  }
  if (application !== SHARED_APPLICATION_ID) {
    const message = 'it is a database of another program, not a pfnlab recording';
    return failure('not-a-recording', message, path);
  }
  const version = bytes.readUInt32BE(60);
  if (version > SHARED_VERSION) {
    const message = `made by a newer pfnlab (format ${version}, this one reads up to ${SHARED_VERSION})`;
    return failure('newer-version', message, path);
  }
  if (version === 0) return failure('corrupt', 'its format number is 0', path);
  const pageSize = bytes.readUInt16BE(16) === 1 ? 65_536 : bytes.readUInt16BE(16);
  const size = pageSize * bytes.readUInt32BE(28);
  if (bytes.length < size) {
    const message = `it is cut off: ${bytes.length} of ${size} bytes are there`;
    return failure('corrupt', message, path);
  }
  if (bytes[18] !== 1 || bytes[19] !== 1) {
    return failure('corrupt', 'it was not finished: its last changes are in another file', path);
  }
  return success(undefined);
}

/** The schema must be ours to the letter: then there is no trigger, view or expression in it. */
function checkDatabase(db: Database, path: string): Result<undefined> {
  const missing = new Set(Object.keys(SHARED_TABLES));
  const schema = db.prepare('SELECT type, name, tbl_name AS owner, sql FROM sqlite_schema');
  for (const found of schema.iterate()) {
    const { type, name, owner, sql } = found as Record<'type' | 'name' | 'owner' | 'sql', unknown>;
    const isKey = type === 'index' && sql === null && Object.hasOwn(SHARED_TABLES, String(owner));
    if (isKey) continue;
    if (type === 'table' && SHARED_TABLES[String(name)] === sql && missing.delete(String(name))) {
      continue;
    }
    const shown = `${String(type).slice(0, 16)} ${JSON.stringify(String(name).slice(0, 64))}`;
    return failure('corrupt', `it has a ${shown} that no pfnlab writes`, path);
  }
  for (const name of missing) return failure('corrupt', `it has no table ${name}`, path);
  if (db.pragma('integrity_check(1)', { simple: true }) !== 'ok') {
    return failure('corrupt', 'the database is damaged', path);
  }
  return success(undefined);
}
