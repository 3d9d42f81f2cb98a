import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { runBatch } from '../../src/main/bench/batch/run.ts';
import type { EngineReply, EngineRequest } from '../../src/main/bench/bench.ts';
import { buildIsStale } from '../../scripts/build.mjs';

const root = resolve(import.meta.dirname, '../..');
const data = mkdtempSync(join(tmpdir(), 'pfnlab-bundle-'));
const lab = {
  name: 'first-light.lab.yaml',
  text: readFileSync(join(root, 'labs/first-light.lab.yaml'), 'utf8'),
};

/** The engine's thread as Electron starts it: the bundled file, beside the bundled recorder. */
function startBundledEngine(): {
  ask(name: string, input: object): Promise<unknown>;
  close(): Promise<void>;
} {
  const worker = new Worker(join(root, 'out/main/engine-worker.js'), {
    workerData: { door: 'electron', folder: data, root },
  });
  let id = 0;
  const reply = (wanted: (reply: EngineReply) => boolean): Promise<EngineReply> =>
    new Promise((done, fail) => {
      const listen = (message: EngineReply): void => {
        if (!wanted(message)) return;
        worker.off('message', listen);
        done(message);
      };
      worker.on('message', listen);
      worker.once('error', fail);
    });
  return {
    ask: async (name, input) => {
      id += 1;
      const mine = id;
      const answered = reply((message) => message.type === 'result' && message.id === mine);
      worker.postMessage({
        type: 'call',
        id: mine,
        name: name as never,
        input,
      } satisfies EngineRequest);
      const message = await answered;
      if (message.type !== 'result' || !message.result.ok) throw new Error(JSON.stringify(message));
      return message.result.value;
    },
    close: async () => {
      const closed = reply(({ type }) => type === 'closed');
      worker.postMessage({ type: 'close' } satisfies EngineRequest);
      await closed;
      await worker.terminate();
    },
  };
}

describe('the bundle Electron runs', () => {
  afterAll(() => rmSync(data, { recursive: true, force: true }));

  it('is built from the sources as they are', () => {
    expect(buildIsStale(root)).toBe(false);
  });

  it('runs and records a lab in its threads, and comes to the hash the command line has', async () => {
    const engine = startBundledEngine();
    await engine.ask('labOpen', lab);
    await engine.ask('toEnd', {});
    const state = (await engine.ask('state', {})) as {
      session: { id: string; hash: string; length: number };
      library_problem?: string;
    };
    await engine.close();
    const batch = await runBatch(lab.name, lab.text, root);
    if (!batch.ok) throw new Error(batch.problems.join('\n'));
    expect(state.library_problem).toBeUndefined();
    expect(state.session.id).toBe('1');
    expect(state.session.hash).toBe(batch.value.session.hash());
  });
});
