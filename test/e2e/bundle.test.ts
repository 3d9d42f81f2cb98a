import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runBatch } from '../../src/main/bench/batch/run.ts';
import type { BenchOptions, EngineReply, EngineRequest } from '../../src/main/bench/bench.ts';
import { WatchedThread } from '../../src/main/bench/supervisor/watched-thread.ts';
import type { CommandName } from '../../src/shared/bench/commands.ts';
import { buildIsStale } from '../../scripts/build.mjs';

const root = resolve(import.meta.dirname, '../..');
const data = mkdtempSync(join(tmpdir(), 'pfnlab-bundle-'));
const lab = {
  name: 'first-light.lab.yaml',
  text: readFileSync(join(root, 'labs/first-light.lab.yaml'), 'utf8'),
};

/** The engine's thread as Electron starts it: the bundled file, beside the bundled recorder. */
function startBundledEngine(): {
  ask(name: CommandName, input: object): Promise<unknown>;
  close(): Promise<void>;
} {
  const options: BenchOptions = { door: 'electron', folder: data, root };
  const listeners = new Set<(reply: EngineReply) => void>();
  let died: (error: Error) => void = () => undefined;
  const death = new Promise<never>((_, fail) => (died = fail));
  death.catch(() => undefined);
  const thread = new WatchedThread(pathToFileURL(join(root, 'out/main/engine-worker.js')), {
    data: { options },
    message: (reply) => listeners.forEach((listener) => listener(reply as EngineReply)),
    ended: (fault, code) => died(new Error(fault?.message ?? `it ended with ${code}`)),
  });
  const reply = (wanted: (reply: EngineReply) => boolean): Promise<EngineReply> => {
    const heard = new Promise<EngineReply>((done) => {
      const listen = (message: EngineReply): void => {
        if (!wanted(message)) return;
        listeners.delete(listen);
        done(message);
      };
      listeners.add(listen);
    });
    return Promise.race([heard, death]);
  };
  let id = 0;
  return {
    ask: async (name, input) => {
      id += 1;
      const mine = id;
      const answered = reply((message) => message.type === 'result' && message.id === mine);
      thread.post({ type: 'call', id: mine, name, input } satisfies EngineRequest);
      const message = await answered;
      if (message.type !== 'result' || !message.result.ok) throw new Error(JSON.stringify(message));
      return message.result.value;
    },
    close: async () => {
      const closed = reply(({ type }) => type === 'closed');
      thread.post({ type: 'close' } satisfies EngineRequest);
      await closed;
      await thread.terminate();
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
