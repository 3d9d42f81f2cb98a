import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatHash } from '../../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../../src/main/engine/core/world/timeline.ts';
import { Library, LIBRARY_FILE } from '../../../src/main/sessions/library.ts';
import { Recorder } from '../../../src/main/sessions/recorder.ts';
import { ChannelPort } from '../../../src/main/sessions/recorder-channel.ts';
import { RecorderClient } from '../../../src/main/sessions/recorder-client.ts';
import { RecorderThread } from '../../../src/main/sessions/recorder-thread.ts';
import { importShared, openSharedBytes, sharedBytes } from '../../../src/main/sessions/share.ts';
import type { RecordingSource } from '../../../src/main/sessions/recording-source.ts';
import { workerUrl } from '../../../src/main/sessions/worker-url.ts';
import { churnRun, logOf } from './synthetic-run.ts';

let folder: string;
let library: Library;

function open(): Library {
  const opened = Library.open(folder);
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-sessions-'));
  library = open();
});

afterEach(() => {
  if (library.db.open) library.close();
  rmSync(folder, { recursive: true });
});

const plugin = { id: 'org.pfnlab.nvdimm', version: '1.0.0', sha256: '0'.repeat(64) };

function create(): number {
  return library.createRecording({
    title: 'churn',
    labName: 'churn.lab.yaml',
    labText: 'pfnlab: 1',
    kernel: '6.12',
    plugins: [plugin],
    madeBy: 'pfnlab 0.1.0',
  });
}

function attach(id: number): Recorder {
  const recorder = Recorder.attach(library.db, library.path, id);
  if (!recorder.ok) throw new Error(recorder.failure.message);
  return recorder.value;
}

function source(id: number): RecordingSource {
  const found = library.source(id);
  if (!found.ok) throw new Error(found.failure.message);
  return found.value;
}

/** Records `count` steps of churn to the end and returns the recording and its hash. */
function recordAll(count: number): { id: number; hash: string } {
  const id = create();
  const { driver, sinks } = churnRun(count);
  const client = new RecorderClient(attach(id), { store: driver.world.store });
  sinks.push(client);
  driver.runToEnd();
  const hash = formatHash(driver.world.hash());
  client.end(hash);
  return { id, hash };
}

describe('a recording', () => {
  test('is complete, with its hash, when the run has ended', () => {
    const { id, hash } = recordAll(3000);
    expect(library.recording(id)).toMatchObject({
      status: 'complete',
      steps: 3001,
      finalHash: hash,
      plugins: [plugin],
      madeBy: 'pfnlab 0.1.0',
    });
  });

  test('gives a call its return although that came chunks later', () => {
    const { id } = recordAll(3000);
    expect(source(id).step(1)).toMatchObject({ fn: 'churn', ret: 3000, end: 3001 });
  });

  test('reopens at the step and with the hash the session was left at', () => {
    const { id } = recordAll(6000);
    const before = new Cursor(source(id), 4321).hashText();
    library.saveSession(id, { position: 4321, view: '{"panes":[]}' });
    library.close();
    library = open();
    const info = library.recording(id);
    expect(info).toMatchObject({ position: 4321, view: '{"panes":[]}', status: 'complete' });
    expect(new Cursor(source(id), info?.position).hashText()).toBe(before);
  });

  test('broken off goes on where it stood when the run is made again', () => {
    const whole = churnRun(5000);
    const log = logOf(whole);
    whole.driver.runToEnd();

    const id = create();
    const first = churnRun(5000);
    const broken = attach(id);
    const client = new RecorderClient(broken, { store: first.driver.world.store });
    first.sinks.push(client);
    first.driver.runToEnd(2500);
    client.end(undefined);
    expect(library.recording(id)).toMatchObject({ status: 'interrupted', steps: 2500 });

    const again = churnRun(5000);
    const goingOn = new RecorderClient(attach(id), {
      store: again.driver.world.store,
      recorded: 2500,
    });
    again.sinks.push(goingOn);
    again.driver.runToEnd();
    goingOn.end(formatHash(again.driver.world.hash()));
    const recorded = source(id);
    expect(recorded.length).toBe(log.length);
    for (const seq of [1, 2500, 2501, 5001]) {
      expect(recorded.step(seq)).toStrictEqual({ ...log.step(seq) });
    }
    expect(new Cursor(recorded, 5001).hashText()).toBe(new Cursor(log, 5001).hashText());
  });

  test('has one writer at a time', () => {
    const id = create();
    attach(id);
    expect(Recorder.attach(library.db, library.path, id)).toMatchObject({
      ok: false,
      failure: { code: 'busy' },
    });
  });

  test('is left alone while it is written, when the library is opened again', () => {
    const id = create();
    const recorder = attach(id);
    open().close();
    expect(library.recording(id)?.status).toBe('running');
    recorder.abandon();
    expect(library.recording(id)?.status).toBe('interrupted');
  });

  test('goes with its chunks, snapshots and marks when it is removed', () => {
    const { id } = recordAll(5000);
    library.addBookmark(id, 3, 'here');
    library.removeRecording(id);
    expect(library.recordings()).toEqual([]);
    for (const table of ['step_chunks', 'late_returns', 'snapshots', 'bookmarks']) {
      expect(library.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    }
  });
});

describe("the recorder's thread", () => {
  test('commits what an engine in a closed loop makes, and tells the end', async () => {
    const id = create();
    const thread = new RecorderThread(library.path);
    const channel = await thread.attach(id);
    if (!channel.ok) throw new Error(channel.failure.message);
    const { driver, sinks } = churnRun(20_000);
    const client = new RecorderClient(new ChannelPort(channel.value), {
      store: driver.world.store,
    });
    sinks.push(client);
    driver.runToEnd();
    const ended = thread.ended(id);
    const hash = formatHash(driver.world.hash());
    client.end(hash);
    expect(await ended).toEqual({ type: 'ended', recording: id, steps: 20_001 });
    await thread.close();
    expect(new Cursor(source(id), 20_001).hashText()).toBe(hash);
  });

  test('keeps what came when the engine goes without a word', async () => {
    const id = create();
    const thread = new RecorderThread(library.path);
    const channel = await thread.attach(id);
    if (!channel.ok) throw new Error(channel.failure.message);
    const { driver, sinks } = churnRun(2000);
    const client = new RecorderClient(new ChannelPort(channel.value), {
      store: driver.world.store,
    });
    sinks.push(client);
    driver.runToEnd();
    client.flush();
    const ended = thread.ended(id);
    channel.value.port.close();
    expect(await ended).toMatchObject({ type: 'ended', steps: 2001 });
    await thread.close();
    expect(library.recording(id)?.status).toBe('interrupted');
  });

  test('says why it cannot take a recording over', async () => {
    const thread = new RecorderThread(library.path);
    expect(await thread.attach(77)).toEqual({
      ok: false,
      failure: {
        code: 'no-recording',
        message: 'there is no recording 77 in it',
        path: join(folder, LIBRARY_FILE),
      },
    });
    await thread.close();
  });

  test('says when the library can no longer be written, and lets the engine go on', async () => {
    const id = create();
    const thread = new RecorderThread(library.path);
    const channel = await thread.attach(id);
    if (!channel.ok) throw new Error(channel.failure.message);
    library.db.exec('DROP TABLE step_chunks');
    const { driver, sinks } = churnRun(400_000);
    const port = new ChannelPort(channel.value);
    sinks.push(new RecorderClient(port, { store: driver.world.store }));
    const ended = thread.ended(id);
    driver.runToEnd();
    expect(await ended).toMatchObject({ type: 'failed', failure: { code: 'io' } });
    expect(port.stopped).toBe(true);
    await thread.close();
  });

  test('starts from the .ts file in the sources and from the .js file in the bundle', () => {
    expect(workerUrl('file:///x/sessions/recorder-thread.ts', 'w').href).toBe(
      'file:///x/sessions/w.ts',
    );
    expect(workerUrl('file:///x/out/main/index.js', 'w').href).toBe('file:///x/out/main/w.js');
  });
});

describe('a shared recording', () => {
  test('carries the lab, the view, bookmarks, notes and plugins', () => {
    const { id } = recordAll(100);
    library.saveSession(id, { position: 40, view: '{"dark":true}', summary: '{"zones":1}' });
    library.addBookmark(id, 7, 'seven');
    library.addNote(id, 8, 'a remark');
    const bytes = sharedBytes(library, id);
    if (!bytes.ok) throw new Error(bytes.failure.message);
    const shared = openSharedBytes(bytes.value, 'x.pfnlab');
    if (!shared.ok) throw new Error(shared.failure.message);
    expect(shared.value.info).toMatchObject({
      labText: 'pfnlab: 1',
      labName: 'churn.lab.yaml',
      position: 40,
      view: '{"dark":true}',
      summary: '{"zones":1}',
      plugins: [plugin],
    });
    expect(shared.value.bookmarks).toMatchObject([{ seq: 7, title: 'seven' }]);
    expect(shared.value.notes).toMatchObject([{ seq: 8, text: 'a remark' }]);
    shared.value.close();
  });

  test('can be taken over into a library, and nothing of it when it is damaged', () => {
    const { id, hash } = recordAll(3000);
    const bytes = sharedBytes(library, id);
    if (!bytes.ok) throw new Error(bytes.failure.message);
    const taken = importShared(library, bytes.value, 'x.pfnlab');
    if (!taken.ok) throw new Error(taken.failure.message);
    expect(new Cursor(source(taken.value), 3001).hashText()).toBe(hash);

    const cut = importShared(library, bytes.value.subarray(0, 8192), 'x.pfnlab');
    expect(cut).toMatchObject({ ok: false, failure: { code: 'corrupt', path: 'x.pfnlab' } });
    expect(library.recordings().length).toBe(2);
  });
});

describe('the library', () => {
  test('keeps labs, the last changed first', () => {
    const id = library.saveLab({ title: 'one', text: 'pfnlab: 1' });
    expect(library.saveLab({ id, title: 'two', text: 'pfnlab: 1' })).toBe(id);
    expect(library.labs()).toMatchObject([{ id, title: 'two' }]);
    library.removeLab(id);
    expect(library.labs()).toEqual([]);
  });

  test('keeps layouts, bookmarks and notes over a restart', () => {
    const { id } = recordAll(10);
    library.saveLayout('main', '{}');
    const bookmark = library.addBookmark(id, 2, 'b');
    const note = library.addNote(id, 3, 'n');
    library.close();
    library = open();
    expect(library.layout('main')).toBe('{}');
    expect(library.layout('other')).toBeUndefined();
    expect(library.bookmarks(id)).toEqual([{ id: bookmark, seq: 2, title: 'b' }]);
    expect(library.notes(id)).toEqual([{ id: note, seq: 3, text: 'n' }]);
    library.removeBookmark(bookmark);
    library.removeNote(note);
    expect([...library.bookmarks(id), ...library.notes(id)]).toEqual([]);
  });
});
