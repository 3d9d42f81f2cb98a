import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { Library } from '../../src/main/sessions/library.ts';
import { Recorder } from '../../src/main/sessions/recorder.ts';
import { RecorderClient } from '../../src/main/sessions/recorder-client.ts';
import { exportShared, openShared } from '../../src/main/sessions/share.ts';
import { logOf, programRun, type Run } from '../unit/sessions/synthetic-run.ts';

const RUNS = process.env['PFNLAB_LONG'] ? 400 : 60;

let folder: string;
let library: Library;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-recording-'));
  const opened = Library.open(folder);
  if (!opened.ok) throw new Error(opened.failure.message);
  library = opened.value;
});

afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

function newRecording(): number {
  return library.createRecording({
    title: 'random program',
    labName: 'random.lab.yaml',
    labText: 'pfnlab: 1',
    kernel: '6.12',
    plugins: [],
    madeBy: 'test',
  });
}

/** Records a run, handing steps on after every `flushEvery`. Returns the recording's id. */
function record({ driver, sinks }: Run, flushEvery: number): number {
  const id = newRecording();
  const recorder = Recorder.attach(library.db, library.path, id);
  if (!recorder.ok) throw new Error(recorder.failure.message);
  const client = new RecorderClient(recorder.value, {
    store: driver.world.store,
    choices: driver.choices,
  });
  sinks.push(client);
  while (driver.advance() === true) if (driver.steps % flushEvery === 0) client.flush();
  client.end(formatHash(driver.world.hash()));
  return id;
}

const op = fc.record({
  kind: fc.integer({ min: 0, max: 200 }),
  a: fc.integer({ min: 0, max: 5000 }),
  b: fc.integer({ min: 0, max: 3000 }),
});
const program = fc.array(fc.array(op, { maxLength: 25 }), { minLength: 1, maxLength: 5 });

test('a recording gives back every step of a random program, value types and hashes included', () => {
  fc.assert(
    fc.property(program, fc.integer({ min: 1, max: 40 }), (ops, flushEvery) => {
      const run = programRun(ops);
      const log = logOf(run);
      const id = record(run, flushEvery);
      const source = library.source(id);
      if (!source.ok) throw new Error(source.failure.message);
      expect(source.value.length).toBe(log.length);
      const live = new Cursor(log);
      const recorded = new Cursor(source.value);
      for (let seq = 1; seq <= log.length; seq += 1) {
        expect(source.value.step(seq)).toStrictEqual({ ...log.step(seq) });
        live.seek(seq);
        recorded.seek(seq);
        expect(recorded.hashText()).toBe(live.hashText());
      }
      recorded.seek(0);
      expect(recorded.world.store.size).toBe(0);
      expect(source.value.choices()).toEqual(run.driver.choices);
    }),
    { numRuns: RUNS },
  );
});

test('a recording follows its choices: the lab runs again under them to the same steps', () => {
  fc.assert(
    fc.property(program, (ops) => {
      const first = programRun(ops);
      const id = record(first, 10);
      const source = library.source(id);
      if (!source.ok) throw new Error(source.failure.message);
      const again = programRun(ops, source.value.choices());
      again.driver.runToEnd();
      expect(again.driver.world.hash()).toEqual(first.driver.world.hash());
    }),
    { numRuns: RUNS },
  );
});

test('a shared file holds the same steps as the recording it was made from', () => {
  fc.assert(
    fc.property(program, (ops) => {
      const run = programRun(ops);
      const log = logOf(run);
      const id = record(run, 15);
      const path = join(folder, 'shared.pfnlab');
      const exported = exportShared(library, id, path);
      expect(exported).toEqual({ ok: true, value: path });
      const opened = openShared(path);
      if (!opened.ok) throw new Error(opened.failure.message);
      const { source } = opened.value;
      expect(source.length).toBe(log.length);
      for (let seq = 1; seq <= log.length; seq += 1) {
        expect(source.step(seq)).toStrictEqual({ ...log.step(seq) });
      }
      opened.value.close();
    }),
    { numRuns: Math.ceil(RUNS / 4) },
  );
});
