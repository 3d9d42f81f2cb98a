/** Recording 1,000,000 steps through the recorder's thread, and seeking in the file, read cold. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../src/shared/world/step.ts';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { Library } from '../../src/main/sessions/library.ts';
import { ChannelPort } from '../../src/main/sessions/recorder-channel.ts';
import {
  RecorderClient,
  type RecorderClientOptions,
} from '../../src/main/sessions/recorder-client.ts';
import { RecorderThread } from '../../src/main/sessions/recorder-thread.ts';
import { exportShared, openShared } from '../../src/main/sessions/share.ts';
import { Store } from '../../src/main/engine/core/world/store.ts';
import { Seeded } from '../../src/main/engine/core/world/seeded.ts';
import { churnRun } from '../unit/sessions/synthetic-run.ts';

const STEPS = 1_000_000;
const SEEKS = 200;
const APPEND_GOAL = 300_000;
const SEEK_GOAL_MS = 100;

const folder = mkdtempSync(join(tmpdir(), 'pfnlab-bench-'));
const opened = Library.open(folder);
if (!opened.ok) throw new Error(opened.failure.message);
const library = opened.value;

const print = (what: string, value: string, ratio: string) =>
  process.stdout.write(`  ${what.padEnd(44)} ${value.padStart(14)}   ${ratio}\n`);
const rate = (steps: number, ms: number) => Math.round((steps / ms) * 1000);

/** The same run without a recorder, journal on: what recording costs is told against it. */
function unrecorded(): number {
  const { driver } = churnRun(STEPS);
  const began = performance.now();
  driver.runToEnd();
  return performance.now() - began;
}

interface Recording {
  readonly id: number;
  /** Milliseconds until the last step was handed over, and until all was committed. */
  readonly handed: number;
  readonly total: number;
}

/** Lets `feed` record through the recorder's thread; it returns the final hash. */
async function recorded(
  options: RecorderClientOptions,
  feed: (client: RecorderClient) => string,
): Promise<Recording> {
  const id = library.createRecording({
    title: 'churn',
    labName: 'churn.lab.yaml',
    labText: 'pfnlab: 1',
    kernel: '6.12',
    plugins: [],
    madeBy: 'bench',
  });
  const thread = new RecorderThread(library.path);
  const channel = await thread.attach(id);
  if (!channel.ok) throw new Error(channel.failure.message);
  const client = new RecorderClient(new ChannelPort(channel.value), options);
  const ended = thread.ended(id);
  const began = performance.now();
  const hash = feed(client);
  const handed = performance.now() - began;
  client.end(hash);
  await ended;
  const total = performance.now() - began;
  await thread.close();
  return { id, handed, total };
}

/** Steps that are there already, put into effect and recorded: what recording alone can take. */
async function appended(): Promise<Recording> {
  const run = churnRun(STEPS);
  const steps: Step[] = [];
  run.sinks.push({ step: (step) => void steps.push(step), returned: () => undefined });
  run.driver.runToEnd();
  const store = new Store();
  return recorded({ store }, (client) => {
    for (const step of steps) {
      for (const change of step.diff) store.apply(change);
      client.step(step);
    }
    client.flush();
    return formatHash(run.driver.world.hash());
  });
}

async function recordedRun(): Promise<Recording & { readonly hash: string }> {
  const { driver, sinks } = churnRun(STEPS);
  const recording = await recorded(
    { store: driver.world.store, choices: driver.choices },
    (client) => {
      sinks.push(client);
      driver.runToEnd();
      client.flush();
      return formatHash(driver.world.hash());
    },
  );
  return { ...recording, hash: formatHash(driver.world.hash()) };
}

unrecorded();
const plain = unrecorded();
const { id, handed, total, hash } = await recordedRun();
const append = await appended();
const steps = library.recording(id)?.steps ?? 0;
library.removeRecording(append.id);
print('run, not recorded', `${rate(steps, plain)} steps/s`, '');
print(
  'run, recorded, until the engine is done',
  `${rate(steps, handed)} steps/s`,
  `${(handed / plain).toFixed(2)} x the time of the run not recorded`,
);
print(
  'run, recorded, until all is committed',
  `${rate(steps, total)} steps/s`,
  `${(total / plain).toFixed(2)} x`,
);
print(
  'append ready steps, until all is committed',
  `${rate(steps, append.total)} steps/s`,
  `${(rate(steps, append.total) / APPEND_GOAL).toFixed(2)} x the ${APPEND_GOAL} to reach`,
);
library.db.exec('VACUUM');
library.db.pragma('wal_checkpoint(TRUNCATE)');
print('size of the file', `${(statSync(library.path).size / steps).toFixed(1)} B/step`, '');
const path = join(folder, 'churn.pfnlab');
const exportBegan = performance.now();
exportShared(library, id, path);
print('share as one file', `${(performance.now() - exportBegan).toFixed(0)} ms`, '');
const openBegan = performance.now();
const shared = openShared(path);
if (!shared.ok) throw new Error(shared.failure.message);
print(
  'open the shared file, checks included',
  `${(performance.now() - openBegan).toFixed(0)} ms`,
  '',
);
shared.value.close();
library.close();

/** Each seek by a source that has read nothing yet, from a library opened anew. */
function coldSeeks(): number[] {
  const seeded = new Seeded(11);
  const times: number[] = [];
  for (let made = 0; made < SEEKS; made += 1) {
    const to = made === 0 ? steps : 1 + seeded.below(steps);
    const began = performance.now();
    const again = Library.open(folder);
    if (!again.ok) throw new Error(again.failure.message);
    const source = again.value.source(id);
    if (!source.ok) throw new Error(source.failure.message);
    const cursor = new Cursor(source.value, to);
    times.push(performance.now() - began);
    if (made === 0 && cursor.hashText() !== hash) throw new Error('the last step has another hash');
    again.value.close();
  }
  return times.sort((a, b) => a - b);
}

const times = coldSeeks();
for (const [name, share] of [
  ['p50', 0.5],
  ['p99', 0.99],
] as const) {
  const ms = times[Math.ceil(times.length * share) - 1] ?? 0;
  const ratio = `${(SEEK_GOAL_MS / ms).toFixed(1)} x quicker than the ${SEEK_GOAL_MS} ms to reach`;
  print(`cold seek, ${name}`, `${ms.toFixed(1)} ms`, ratio);
}
rmSync(folder, { recursive: true });
