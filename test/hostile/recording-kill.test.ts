import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { Library } from '../../src/main/sessions/library.ts';
import { Seeded } from '../../src/main/engine/core/world/seeded.ts';
import { churnRun } from '../unit/sessions/synthetic-run.ts';

const POINTS = process.env['PFNLAB_LONG'] ? 100 : 3;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-kill-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function open(): Library {
  const library = Library.open(folder);
  if (!library.ok) throw new Error(library.failure.message);
  return library.value;
}

interface Progress {
  /** The child's clock in milliseconds, and the number of steps it had made. */
  readonly made: { at: number; steps: number }[];
  committed: number;
}

/**
 * Lets a child record and kills it with SIGKILL after `messages` of its progress messages, the
 * first of which is only counted once something was committed. Resolves when the process is gone.
 */
function recordAndKill(id: number, messages: number): Promise<Progress> {
  const child = fork(join(import.meta.dirname, 'recording-child.ts'), [folder, String(id)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const progress: Progress = { made: [], committed: 0 };
  let counted = 0;
  return new Promise((resolve, reject) => {
    child.on('message', (message: { made?: number; at?: number; committed?: number }) => {
      if (message.committed !== undefined) progress.committed = message.committed;
      if (message.made !== undefined) {
        progress.made.push({ at: message.at ?? 0, steps: message.made });
      }
      if (progress.committed > 0) counted += 1;
      if (counted >= messages) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(progress);
      else reject(new Error(`the child ended by itself with ${code}`));
    });
  });
}

/** Steps made a second or more before the last message. */
function madeASecondBefore({ made }: Progress): number {
  const end = made.at(-1)?.at ?? 0;
  return made.findLast(({ at }) => at <= end - 1000)?.steps ?? 0;
}

const seeded = new Seeded(POINTS);
const points = Array.from({ length: POINTS }, (_, index) => 1 + seeded.below(12) + (index % 3));

test.each(points)(
  'a recording killed at progress message %i reopens with every committed step',
  async (messages) => {
    const created = open();
    const id = created.createRecording({
      title: 'killed',
      labName: 'killed.lab.yaml',
      labText: 'pfnlab: 1',
      kernel: '6.12',
      plugins: [],
      madeBy: 'test',
    });
    created.close();

    const progress = await recordAndKill(id, messages);

    const library = open();
    const info = library.recording(id);
    const steps = info?.steps ?? 0;
    expect(info?.status).toBe('interrupted');
    expect(steps).toBeGreaterThanOrEqual(progress.committed);
    expect(steps).toBeGreaterThanOrEqual(madeASecondBefore(progress));

    const source = library.source(id);
    if (!source.ok) throw new Error(source.failure.message);
    const cursor = new Cursor(source.value, steps);
    const fresh = churnRun(100_000_000);
    fresh.driver.runToEnd(steps);
    expect(cursor.hashText()).toBe(formatHash(fresh.driver.world.hash()));
    library.close();
  },
);
