import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, formatFailure, type SessionFailure } from '../../sessions/failure.ts';
import { Library } from '../../sessions/library.ts';
import type { PluginRef } from '../../sessions/recording-row.ts';
import { RecorderClient } from '../../sessions/recorder-client.ts';
import { Recorder } from '../../sessions/recorder.ts';
import { sharedBytes, writeWhole } from '../../sessions/share.ts';
import { machinePicture } from '../session/picture.ts';
import type { BatchRun } from './run.ts';
import type { LabExecution } from '../session/execution.ts';
import { verdictView, violationViews } from '../session/verdict-views.ts';
import type { StepListener } from '../session/session.ts';
import { writeSummary } from '../session/summary.ts';
import { MADE_BY } from '../version.ts';

/** What a recording says of where it comes from. */
export interface RecordedFrom {
  readonly name: string;
  readonly text: string;
}

/**
 * Records a run into a library of its own, in a temporary folder, from which one `.pfnlab` file
 * is written. `close` removes the folder, whatever happened.
 */
export class BatchRecording {
  private readonly folder: string;
  private readonly library: Library;
  private id = 0;
  private client: RecorderClient | undefined;

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

  /** Takes a run over before its first step. */
  begin({ lab, run, driver }: LabExecution, from: RecordedFrom): StepListener {
    this.id = this.library.createRecording({
      title: lab.title === '' ? from.name : lab.title,
      labName: from.name,
      labText: from.text,
      kernel: lab.kernel.version,
      plugins: originsOf(run),
      madeBy: MADE_BY,
    });
    const recorder = Recorder.attach(this.library.db, this.library.path, this.id);
    if (!recorder.ok) throw new Error(formatFailure(recorder.failure));
    const { store } = driver.world;
    this.client = new RecorderClient(recorder.value, { store, choices: driver.choices });
    return this.client;
  }

  /** Writes the finished run to `path`, which appears whole or not at all. */
  write({ execution, session, verdicts }: BatchRun, path: string): SessionFailure | undefined {
    this.client?.end(execution.hash());
    session.expectations = verdicts.map(verdictView);
    session.violations = violationViews(execution);
    const { stopped } = execution;
    const about = { operations: execution.operations(), session, stopped };
    const ranges = execution.lab.devices.map(({ range }) => ({
      start: range?.start,
      end: range && range.start + range.size - 1n,
    }));
    const summary = writeSummary(about, machinePicture(session.facts, ranges));
    this.library.saveSession(this.id, { position: session.length, summary });
    const bytes = sharedBytes(this.library, this.id);
    const written = bytes.ok ? writeWhole(path, bytes.value) : bytes;
    return written.ok ? undefined : written.failure;
  }

  close(): void {
    this.library.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The plugins the run's devices came from, each once. */
function originsOf({ devices }: LabExecution['run']): PluginRef[] {
  const origins = new Map<string, PluginRef>();
  for (const { model } of devices.values()) {
    const { id, version, sha256 } = model.origin;
    origins.set(id, { id, version, sha256 });
  }
  return [...origins.values()];
}
