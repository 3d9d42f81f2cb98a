import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { ByteWriter } from '../../src/main/sessions/codec/byte-writer.ts';
import { HEADER_SIZE } from '../../src/main/sessions/codec/step-codec.ts';
import { SessionError, type SessionFailure } from '../../src/main/sessions/failure.ts';
import { Library, LIBRARY_FILE } from '../../src/main/sessions/library.ts';
import { Recorder } from '../../src/main/sessions/recorder.ts';
import { RecorderClient } from '../../src/main/sessions/recorder-client.ts';
import { exportShared, openShared } from '../../src/main/sessions/share.ts';
import { Database } from '../../src/main/sessions/sqlite.ts';
import { churnRun } from '../unit/sessions/synthetic-run.ts';

const FLIPS = process.env['PFNLAB_LONG'] ? 5000 : 150;

let folder: string;
let library: Library;
let recording: number;
let good: Buffer;
let path: string;
let finalHash: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-hostile-'));
  const opened = Library.open(join(folder, 'library'));
  if (!opened.ok) throw new Error(opened.failure.message);
  library = opened.value;
  recording = library.createRecording({
    title: 'churn',
    labName: 'churn.lab.yaml',
    labText: 'pfnlab: 1\ntitle: churn',
    kernel: '6.12',
    plugins: [{ id: 'org.pfnlab.nvdimm', version: '1.0.0', sha256: 'a'.repeat(64) }],
    madeBy: 'test',
  });
  const recorder = Recorder.attach(library.db, library.path, recording);
  if (!recorder.ok) throw new Error(recorder.failure.message);
  const { driver, sinks } = churnRun(5000);
  const client = new RecorderClient(recorder.value, {
    store: driver.world.store,
    chunkAge: Infinity,
  });
  sinks.push(client);
  for (let made = 0; driver.advance() === true; made += 1) if (made % 512 === 511) client.flush();
  finalHash = formatHash(driver.world.hash());
  client.end(finalHash);
  const exported = exportShared(library, recording, join(folder, 'good.pfnlab'));
  if (!exported.ok) throw new Error(exported.failure.message);
  good = readFileSync(exported.value);
});

afterAll(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  path = join(folder, 'bad.pfnlab');
});

/** The failure of opening what `bytes` says, which must be one human sentence. */
function refusal(bytes: Uint8Array | string): SessionFailure {
  writeFileSync(path, bytes);
  return refusalOf(path);
}

function refusalOf(file: string): SessionFailure {
  const opened = openShared(file);
  if (opened.ok) throw new Error('it was opened');
  expect(opened.failure.path).toBe(file);
  expect(opened.failure.message).not.toMatch(/\n| at .*:\d+|Error/);
  return opened.failure;
}

/** The good file after SQL in the hands of its author. */
function altered(...sql: string[]): Buffer {
  const db = new Database(Buffer.from(good));
  db.unsafeMode(true);
  for (const statement of sql) db.exec(statement);
  const bytes = db.serialize();
  db.close();
  return bytes;
}

/** Reads every step there is, back and forth; returns what stopped it, if anything did. */
function readAll(file: string): SessionFailure | undefined {
  const opened = openShared(file);
  if (!opened.ok) return opened.failure;
  const { source, close } = opened.value;
  try {
    const cursor = new Cursor(source);
    cursor.seek(source.length);
    if (cursor.hashText() !== finalHash) return { code: 'corrupt', message: 'hash', path: file };
    for (let at = 1; at <= source.length; at += 1) source.step(at);
    cursor.seek(0);
    return undefined;
  } catch (error) {
    if (error instanceof SessionError) return error.failure;
    throw error;
  } finally {
    close();
  }
}

describe('a .pfnlab file that is none', () => {
  test('random bytes', () => {
    const bytes = Buffer.alloc(20_000, 0);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.imul(at, 2654435761) >>> 24;
    expect(refusal(bytes).message).toBe('it is not a .pfnlab file');
  });

  test('an empty file', () => {
    expect(refusal('').message).toBe('it is empty');
  });

  test('a text file', () => {
    expect(refusal('pfnlab: 1\ntitle: a lab\n').message).toBe('it is not a .pfnlab file');
  });

  test('a database of another program', () => {
    const db = new Database(':memory:');
    db.exec('CREATE TABLE places (url TEXT)');
    expect(refusal(db.serialize())).toMatchObject({
      code: 'not-a-recording',
      message: 'it is a database of another program, not a pfnlab recording',
    });
    db.close();
  });

  test('a working library', () => {
    library.db.pragma('wal_checkpoint(TRUNCATE)');
    expect(refusal(readFileSync(library.path)).message).toBe(
      'it is a pfnlab library, not a shared recording',
    );
  });

  test('a file that is not there', () => {
    expect(refusalOf(join(folder, 'nowhere.pfnlab'))).toMatchObject({
      code: 'missing',
      message: 'there is no such file or folder',
    });
  });

  test('a folder', () => {
    expect(refusalOf(folder).message).toBe('it is a folder, not a .pfnlab file');
  });

  test('a device', () => {
    expect(refusalOf('/dev/zero').message).toBe('it is not an ordinary file');
  });
});

describe('a .pfnlab file of a stranger', () => {
  test('the unharmed file opens, without its plugin, at its last step with its hash', () => {
    writeFileSync(path, good);
    expect(readAll(path)).toBeUndefined();
  });

  test('one of a newer version says which is needed', () => {
    expect(refusal(altered('PRAGMA user_version = 2'))).toMatchObject({
      code: 'newer-version',
      message: 'made by a newer pfnlab (format 2, this one reads up to 1)',
    });
  });

  test.each([1, 99, 100, 4095, 4096, 10_000])('one cut off after %i bytes', (length) => {
    expect(refusal(good.subarray(0, length)).message).toMatch(/cut off|not a \.pfnlab/);
  });

  test('one left with a write-ahead log', () => {
    const bytes = Buffer.from(good);
    bytes[18] = 2;
    bytes[19] = 2;
    expect(refusal(bytes).message).toMatch(/last changes are in another file/);
  });

  test.each([
    ['trigger', 'CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END'],
    ['view', 'CREATE VIEW v AS SELECT * FROM recordings'],
    ['table', 'CREATE VIRTUAL TABLE v USING fts5(text)'],
    ['table', 'CREATE TABLE more (x)'],
    ['index', 'CREATE INDEX i ON notes (abs(seq))'],
  ])('one with a %s that no pfnlab writes: %s', (kind, sql) => {
    expect(refusal(altered(sql)).message).toMatch(new RegExp(`^it has a ${kind} "`));
  });

  test('one where a view stands in for a table', () => {
    const sql = ['DROP TABLE notes', 'CREATE VIEW notes AS SELECT 1 AS id'];
    expect(refusal(altered(...sql)).message).toMatch(/^it has a view "notes"/);
  });

  test('one without a table', () => {
    expect(refusal(altered('DROP TABLE notes')).message).toBe('it has no table notes');
  });

  test('one whose texts were changed', () => {
    expect(refusal(altered(`UPDATE recordings SET lab_text = 'rm -rf /'`)).message).toBe(
      'its texts were changed or damaged',
    );
  });

  test.each([
    ['steps', `UPDATE recordings SET steps = 12`, /its chunks hold/],
    ['status', `UPDATE recordings SET status = 'finished'`, /description is wrong: status/],
    ['plugins', `UPDATE recordings SET plugins = '[{"id":1}]'`, /not a list of plugins/],
    ['tables', `UPDATE recordings SET tables = '[{"name":"x","fields":["a"]}]'`, /has a table x/],
    ['title', `UPDATE recordings SET title = x'00'`, /description is wrong: title/],
    ['position', `UPDATE recordings SET position = 99999999`, /stands at step 99999999/],
    ['chunk', `UPDATE step_chunks SET data = 'text' WHERE first_seq = 1`, /chunk after step 0/],
    ['gap', `DELETE FROM step_chunks WHERE first_seq = 1`, /chunk after step 0/],
    ['bookmark', `INSERT INTO bookmarks VALUES (1, 1, 99999999, 'x')`, /a bookmark or note is at/],
    ['recording', `DELETE FROM recordings`, /exactly one recording/],
  ])('one with a wrong %s', (_what, sql, message) => {
    expect(refusal(altered(sql)).message).toMatch(message);
  });

  test('one with two chunks changed places is read up to there', () => {
    const bytes = altered(
      `CREATE TEMP TABLE swap AS SELECT data FROM step_chunks WHERE first_seq = 513`,
      `UPDATE step_chunks SET data = (SELECT data FROM step_chunks WHERE first_seq = 1025)
         WHERE first_seq = 513`,
      `UPDATE step_chunks SET data = (SELECT data FROM swap) WHERE first_seq = 1025`,
    );
    writeFileSync(path, bytes);
    expect(readAll(path)?.message).toBe(
      'chunk 2 (steps 513-1024) cannot be read: it belongs to another place',
    );
  });

  test('one with a damaged chunk names the chunk and its steps', () => {
    const chunk = `(SELECT data FROM step_chunks WHERE first_seq = 1025)`;
    const sql = `UPDATE step_chunks SET data = CAST(substr(${chunk}, 1, 900) || x'5555'
      || substr(${chunk}, 903) AS BLOB) WHERE first_seq = 1025`;
    writeFileSync(path, altered(sql));
    expect(readAll(path)?.message).toMatch(/^chunk 3 \(steps 1025-1536\) cannot be read: /);
  });

  test('one with a chunk that unfolds without end is stopped', () => {
    const bomb = deflateSync(Buffer.alloc(200 * 1024 * 1024)).toString('hex');
    writeFileSync(path, altered(`UPDATE step_chunks SET data = x'${bomb}' WHERE first_seq = 1`));
    expect(readAll(path)?.message).toBe(
      'chunk 1 (steps 1-512) cannot be read: it unfolds to more than 64 MiB',
    );
  });

  test('one with a chunk of endless records is stopped', () => {
    const out = new ByteWriter();
    out.skip(HEADER_SIZE);
    out.header((view) => {
      view.setUint8(0, 1);
      view.setUint8(1, 1);
      view.setUint32(2, 512, true);
      view.setFloat64(8, 1, true);
    });
    for (let made = 0; made < 3_000_000; made += 1) out.varint(2);
    const hex = deflateSync(out.take()).toString('hex');
    writeFileSync(path, altered(`UPDATE step_chunks SET data = x'${hex}' WHERE first_seq = 1`));
    expect(readAll(path)?.message).toMatch(/^chunk 1 \(steps 1-512\) cannot be read: /);
  });

  test('one with any byte flipped opens as it was, or says in one sentence why not', () => {
    const stride = Math.max(1, Math.floor(good.length / FLIPS));
    for (let at = 0; at < good.length; at += stride) {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, bytes);
      expect(readAll(path)?.message ?? 'fine').toMatch(/^[^\n]+$/);
    }
  });
});

describe('a place that cannot be written', () => {
  test('sharing below a file says that a part of the path is no folder', () => {
    writeFileSync(join(folder, 'file'), '');
    const target = join(folder, 'file', 'x.pfnlab');
    expect(exportShared(library, recording, target)).toEqual({
      ok: false,
      failure: {
        code: 'not-a-folder',
        message: 'a part of its path is not a folder',
        path: target,
      },
    });
  });

  test('sharing over a folder leaves no half file behind', () => {
    const target = join(folder, 'taken');
    mkdirSync(target, { recursive: true });
    const before = readdirSync(folder).sort();
    expect(exportShared(library, recording, target)).toMatchObject({ ok: false });
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test('a library below a file says so', () => {
    writeFileSync(join(folder, 'plain'), '');
    const opened = Library.open(join(folder, 'plain', 'library'));
    expect(opened).toMatchObject({ ok: false, failure: { code: 'not-a-folder' } });
  });

  test('a library in a file system without files says so', () => {
    const opened = Library.open('/proc/pfnlab');
    expect(opened.ok).toBe(false);
    if (!opened.ok) expect(opened.failure.message).toMatch(/no such file|read-only|access/);
  });
});

describe('a library that is damaged', () => {
  const inFolder = (name: string, bytes: Uint8Array | string) => {
    const home = join(folder, name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, LIBRARY_FILE), bytes);
    return home;
  };
  const refused = (home: string) => {
    const opened = Library.open(home);
    if (opened.ok) throw new Error('it was opened');
    return opened.failure;
  };

  test('text in its place is left alone and named', () => {
    const home = inFolder('text', 'not a database at all, but longer than a header\n'.repeat(9));
    expect(refused(home)).toMatchObject({ code: 'not-a-library', message: 'it is not a database' });
    expect(readFileSync(join(home, LIBRARY_FILE), 'utf8')).toMatch(/^not a database/);
  });

  test('a database of another program is left alone', () => {
    const db = new Database(':memory:');
    db.exec('CREATE TABLE places (url TEXT)');
    const home = inFolder('other', db.serialize());
    db.close();
    expect(refused(home).message).toBe('it is a database, but not a pfnlab library');
  });

  test('one of a newer version says which is needed', () => {
    library.db.pragma('wal_checkpoint(TRUNCATE)');
    const home = inFolder('newer', readFileSync(library.path));
    const db = new Database(join(home, LIBRARY_FILE));
    db.pragma('user_version = 7');
    db.close();
    expect(refused(home)).toMatchObject({
      code: 'newer-version',
      message: 'made by a newer pfnlab (library 7, this one reads up to 1)',
    });
  });

  test('one whose pages are overwritten is damaged', () => {
    library.db.pragma('wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(library.path);
    bytes.fill(0x5a, 100, 4096);
    expect(refused(inFolder('corrupt', bytes)).code).toBe('corrupt');
  });
});
