import { SqliteError } from './sqlite.ts';

/** Kinds of failure, stable for tests and exit codes. */
export type FailureCode =
  | 'missing'
  | 'not-a-file'
  | 'not-a-folder'
  | 'unreadable'
  | 'read-only'
  | 'disk-full'
  | 'busy'
  | 'not-a-recording'
  | 'not-a-library'
  | 'newer-version'
  | 'corrupt'
  | 'too-large'
  | 'no-recording'
  | 'incomplete'
  | 'io';

/** Why a file could not be opened, read or written. */
export interface SessionFailure {
  readonly code: FailureCode;
  /** One human sentence, without the path. */
  readonly message: string;
  /** The file or folder it is about. */
  readonly path: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: SessionFailure };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure<T>(code: FailureCode, message: string, path: string): Result<T> {
  return { ok: false, failure: { code, message, path } };
}

/** `path: message` */
export function formatFailure({ path, message }: SessionFailure): string {
  return `${path}: ${message}`;
}

/** A failure on its way up from where no result can be returned, such as a seek. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly failure: SessionFailure;

  constructor(failure: SessionFailure) {
    super(formatFailure(failure));
    this.failure = failure;
  }
}

const SQLITE: readonly (readonly [RegExp, FailureCode, string])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'busy', 'another pfnlab is writing to it; close that one or try again'],
  [
    /^SQLITE_(READONLY|PERM|AUTH)/,
    'read-only',
    'it cannot be written: the file or its folder is read-only',
  ],
  [/^SQLITE_FULL/, 'disk-full', 'the disk is full'],
  [/^SQLITE_(CORRUPT|FORMAT)/, 'corrupt', 'the database is damaged'],
  [/^SQLITE_NOTADB/, 'not-a-library', 'it is not a database'],
  [/^SQLITE_CANTOPEN/, 'io', 'it cannot be opened'],
  [/^SQLITE_IOERR/, 'io', 'reading or writing it failed'],
  [/^SQLITE_TOOBIG/, 'too-large', 'a part of it is too large'],
];

const SYSTEM: Readonly<Record<string, readonly [FailureCode, string]>> = {
  ENOENT: ['missing', 'there is no such file or folder'],
  ENOTDIR: ['not-a-folder', 'a part of its path is not a folder'],
  EISDIR: ['not-a-file', 'it is a folder'],
  EACCES: ['unreadable', 'access is denied'],
  EPERM: ['unreadable', 'access is denied'],
  EROFS: ['read-only', 'its file system is read-only'],
  ENOSPC: ['disk-full', 'the disk is full'],
  EDQUOT: ['disk-full', 'the disk quota is used up'],
};

/** The failure behind an error of SQLite or the file system. Other errors are bugs: rethrown. */
export function failureOf(error: unknown, path: string): SessionFailure {
  if (error instanceof SessionError) return error.failure;
  if (error instanceof SqliteError) {
    const known = SQLITE.find(([pattern]) => pattern.test(error.code));
    if (known) return { code: known[1], message: known[2], path };
    return { code: 'io', message: `the database says: ${error.message}`, path };
  }
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && error instanceof Error && 'syscall' in error) {
    const [kind, message] = SYSTEM[code] ?? ['io', `the system says ${code}`];
    return { code: kind, message, path };
  }
  throw error;
}

/** Runs `body`; an error of SQLite or the file system becomes a failure about `path`. */
export function attempt<T>(path: string, body: () => T): Result<T> {
  try {
    return success(body());
  } catch (error) {
    return { ok: false, failure: failureOf(error, path) };
  }
}
