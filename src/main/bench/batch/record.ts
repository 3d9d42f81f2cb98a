import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Choice } from '../../engine/core/world/actors.ts';
import type { Store } from '../../engine/core/world/store.ts';
import {
  attempt,
  formatFailure,
  SessionError,
  type SessionFailure,
} from '../../sessions/failure.ts';
import { Library, type NewRecording } from '../../sessions/library.ts';
import { RecorderClient } from '../../sessions/recorder-client.ts';
import { Recorder } from '../../sessions/recorder.ts';
import { sharedBytes, writeWhole } from '../../sessions/share.ts';
import type { OpenSession } from '../session/open-session.ts';
import type { Recorder as RunRecorder, Recording } from '../session/recordings.ts';
import { saveSession } from '../session/save.ts';

/**
 * Records a run into a library of its own, in a temporary folder, from which one `.pfnlab` file
 * is written. `close` removes the folder, whatever happened.
 */
export class BatchRecording implements RunRecorder {
  private readonly folder: string;
  private readonly library: Library;

  private constructor(folder: string, library: Library) {
    this.folder = folder;
    this.library = library;
  }

  /** A sentence where there is no room for temporary files. */
  static open(): BatchRecording | { readonly problem: string } {
    const folder = attempt(tmpdir(), () => mkdtempSync(join(tmpdir(), 'pfnlab-')));
    if (!folder.ok) return { problem: formatFailure(folder.failure) };
    const library = Library.open(folder.value);
    if (library.ok) return new BatchRecording(folder.value, library.value);
    rmSync(folder.value, { recursive: true, force: true });
    return { problem: formatFailure(library.failure) };
  }

  record(about: NewRecording, store: Store, choices: readonly Choice[]): Promise<Recording> {
    const id = this.library.createRecording(about);
    const recorder = Recorder.attach(this.library.db, this.library.path, id);
    if (!recorder.ok) throw new SessionError(recorder.failure);
    const client = new RecorderClient(recorder.value, { store, choices });
    return Promise.resolve({
      id,
      step: (step) => client.step(step),
      returned: (event) => client.returned(event),
      end: (hash) => Promise.resolve(client.end(hash)),
    });
  }

  /** Writes the finished run to `path`, which appears whole or not at all. */
  write(open: OpenSession, path: string): SessionFailure | undefined {
    saveSession(this.library, open);
    const bytes = sharedBytes(this.library, Number(open.id));
    const written = bytes.ok ? writeWhole(path, bytes.value) : bytes;
    return written.ok ? undefined : written.failure;
  }

  close(): void {
    this.library.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
