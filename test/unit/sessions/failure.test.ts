import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { attempt, formatFailure } from '../../../src/main/sessions/failure.ts';
import { Database } from '../../../src/main/sessions/sqlite.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-failure-'));
  path = join(folder, 'x.db');
  const db = new Database(path);
  db.exec('CREATE TABLE t (x)');
  db.close();
});

afterEach(() => rmSync(folder, { recursive: true }));

test('writing to a database that can only be read is said to be that', () => {
  const db = new Database(path, { readonly: true });
  const result = attempt(path, () => db.exec('INSERT INTO t VALUES (1)'));
  db.close();
  if (result.ok) throw new Error('it was written');
  expect(formatFailure(result.failure)).toBe(
    `${path}: it cannot be written: the file or its folder is read-only`,
  );
});

test('a database that another writes to is busy', () => {
  const first = new Database(path);
  const second = new Database(path, { timeout: 0 });
  first.exec('BEGIN EXCLUSIVE');
  const result = attempt(path, () => second.exec('INSERT INTO t VALUES (1)'));
  expect(result).toMatchObject({ ok: false, failure: { code: 'busy', path } });
  first.close();
  second.close();
});

test('a file system error becomes a failure about the path', () => {
  const missing = join(folder, 'none');
  expect(attempt(missing, () => readFileSync(missing))).toEqual({
    ok: false,
    failure: { code: 'missing', message: 'there is no such file or folder', path: missing },
  });
});

test('an error of the program itself is no failure: it goes on up', () => {
  expect(() =>
    attempt(path, () => {
      throw new TypeError('a bug');
    }),
  ).toThrow('a bug');
});
