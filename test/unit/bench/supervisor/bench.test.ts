import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBench, type BenchFace } from '../../../../src/main/bench/bench.ts';
import type { WatchedThread } from '../../../../src/main/bench/supervisor/watched-thread.ts';
import type { BenchEvent } from '../../../../src/shared/bench/commands.ts';
import type { BenchState } from '../../../../src/shared/bench/state.ts';
import { ROOT, SMALL_LAB } from '../../shells/capture-terminal.ts';

let folder: string;
let bench: BenchFace;
let threads: WatchedThread[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pfnlab-engine-'));
  threads = [];
  const started = (thread: WatchedThread) => threads.push(thread);
  bench = await openBench({ door: 'web', folder, root: ROOT }, { started });
});

afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The next state that is told and fits. */
function state(fits: (state: BenchState) => boolean): Promise<BenchState> {
  return new Promise((resolve) => {
    const stop = bench.listen((event: BenchEvent) => {
      if (event.type !== 'state' || !fits(event.state)) return;
      stop();
      resolve(event.state);
    });
  });
}

async function openSmallLab(): Promise<BenchState> {
  const over = state(({ session }) => session?.running === false && session.saved);
  await bench.call('labOpen', { name: 'small.lab.yaml', text: SMALL_LAB });
  return over;
}

const kill = () => threads.at(-1)?.terminate();
const WHY = 'the engine stopped: its thread ended with 1';

describe('openBench, when the thread of the engine dies', () => {
  it('starts another, and opens the session again at the step where it stood', async () => {
    await openSmallLab();
    const atEnd = state(({ session }) => session?.at === session?.length);
    await bench.call('toEnd', {});
    const { session } = await atEnd;
    await bench.call('seek', { step: 7 });
    const again = state(({ engine_problem }) => engine_problem !== undefined);
    await kill();
    const { session: reopened, engine_problem } = await again;
    expect(engine_problem).toBe(WHY);
    expect(reopened).toMatchObject({ id: session?.id, at: 7, length: session?.length });
    expect(threads).toHaveLength(2);
    // It is the bench it was: the step after is the one that was made, with its state.
    expect(await bench.call('toEnd', {})).toMatchObject({ ok: true });
    expect(await bench.call('state', {})).toMatchObject({
      value: { session: { hash: session?.hash }, engine_problem: WHY },
    });
  });

  it('tells no longer of it once another session is open', async () => {
    await openSmallLab();
    const again = state(({ engine_problem }) => engine_problem !== undefined);
    await kill();
    await again;
    expect((await openSmallLab()).engine_problem).toBeUndefined();
  });

  it('tells whoever waits for an answer that there is none, and why', async () => {
    await bench.call('state', {});
    const waiting = bench.call('libraryList', {});
    await kill();
    expect(await waiting).toEqual({ ok: false, error: { code: 'engine-ended', message: WHY } });
  });

  it('gives up where each dies before it answers', async () => {
    for (let death = 0; death < 3; death += 1) await kill();
    expect(await bench.call('state', {})).toEqual({
      ok: false,
      error: { code: 'closed', message: expect.stringMatching(/^the engine stopped: /) },
    });
    expect(threads).toHaveLength(3);
  });
});

describe('openBench, closed', () => {
  it('is closed whatever its thread does: after the time it gets, it is ended', async () => {
    const hasty = await openBench({ door: 'web', folder, root: ROOT }, { close: 0 });
    const waiting = hasty.call('labOpen', { name: 'small.lab.yaml', text: SMALL_LAB });
    await hasty.close();
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'closed' } });
  });
});
