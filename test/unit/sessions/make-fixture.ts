/**
 * node test/unit/sessions/make-fixture.ts FILE.pfnlab: writes the recording that is frozen as
 * test/fixtures/recordings/v1.pfnlab. A released fixture is never made again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatHash } from '../../../src/main/engine/core/world/hash.ts';
import { formatFailure } from '../../../src/main/sessions/failure.ts';
import { Library } from '../../../src/main/sessions/library.ts';
import { Recorder } from '../../../src/main/sessions/recorder.ts';
import { RecorderClient } from '../../../src/main/sessions/recorder-client.ts';
import { exportShared } from '../../../src/main/sessions/share.ts';
import { programRun, type Op, type Run } from './synthetic-run.ts';

/** Every kind of operation, two actors that wait for each other, nested calls, late returns. */
export function fixtureRun(): Run {
  const ops = (from: number): Op[] =>
    Array.from({ length: 60 }, (_, index) => ({
      kind: (from + index * 7) % 97,
      a: (index * 131 + from) % 5000,
      b: (index * 37) % 3000,
    }));
  return programRun([ops(1), ops(22), ops(5), ops(40), ops(3), ops(14)]);
}

if (import.meta.main) {
  const target = process.argv[2] ?? 'fixture.pfnlab';
  const folder = mkdtempSync(join(tmpdir(), 'pfnlab-fixture-'));
  const library = Library.open(folder);
  if (!library.ok) throw new Error(formatFailure(library.failure));
  const id = library.value.createRecording({
    title: 'every kind of step',
    labName: 'fixture.lab.yaml',
    labText: 'pfnlab: 1\ntitle: every kind of step\n',
    kernel: '6.12',
    plugins: [{ id: 'org.example.gone', version: '1.0.0', sha256: '0123456789abcdef'.repeat(4) }],
    madeBy: 'pfnlab 0.1.0',
  });
  const recorder = Recorder.attach(library.value.db, library.value.path, id);
  if (!recorder.ok) throw new Error(formatFailure(recorder.failure));
  const { driver, sinks } = fixtureRun();
  const { choices } = driver;
  const client = new RecorderClient(recorder.value, { store: driver.world.store, choices });
  sinks.push(client);
  while (driver.advance() === true) if (driver.steps % 100 === 0) client.flush();
  client.end(formatHash(driver.world.hash()));
  library.value.saveSession(id, { position: 77, view: '{"panes":["map"]}' });
  library.value.addBookmark(id, 33, 'a bookmark');
  library.value.addNote(id, 34, 'a note');
  const written = exportShared(library.value, id, target);
  if (!written.ok) throw new Error(formatFailure(written.failure));
  process.stdout.write(`${target}: ${driver.steps} steps, ${formatHash(driver.world.hash())}\n`);
  library.value.close();
  rmSync(folder, { recursive: true });
}
