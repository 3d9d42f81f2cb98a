import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BenchState } from '../../src/shared/bench/state.ts';
import { openBench } from '../../src/main/bench/bench.ts';
import { openWebDoor } from '../../src/main/shells/web-server.ts';
import { findElectron } from '../../scripts/electron-binary.mjs';
import { CallerFolder, ROOT } from './shells/capture-terminal.ts';
import { enter, Window } from './shells/web-client.ts';

const LAB = 'first-light.lab.yaml';
const text = readFileSync(join(ROOT, 'labs', LAB), 'utf8');
const folder = new CallerFolder();
let hash: string;
let steps: number;

beforeAll(async () => {
  folder.write(LAB, text);
  const { out } = await folder.run('run', LAB, '--json');
  const state = JSON.parse(out) as { state_hash: string; steps: number };
  ({ state_hash: hash, steps } = state);
});
afterAll(() => folder.remove());

describe('the same lab has the same state hash', () => {
  test('at the command line, run after run', async () => {
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    const { out } = await folder.run('run', LAB, '--json');
    expect(JSON.parse(out)).toMatchObject({ state_hash: hash, steps });
  });

  test('through the web door, recorded on the way', async () => {
    const data = mkdtempSync(join(tmpdir(), 'pfnlab-doors-'));
    const bench = await openBench({ door: 'web', folder: data, root: ROOT });
    const door = await openWebDoor({ bench, folder: data, port: 0 });
    try {
      const window = await Window.open(door.port, { Cookie: await enter(door.issueAddress()) });
      const opened = await window.call('labOpen', { name: LAB, text });
      expect(opened).toMatchObject({ ok: true, value: { opened: true } });
      expect(await window.call('toEnd', {})).toMatchObject({ ok: true, value: { at: steps } });
      const answer = (await window.call('state', {})) as { value: BenchState };
      expect(answer.value.library_problem).toBeUndefined();
      expect(answer.value.session).toMatchObject({ at: steps, length: steps, hash });
      window.close();
    } finally {
      await door.close();
      await bench.close();
      rmSync(data, { recursive: true, force: true });
    }
  });

  test('in Electron', async ({ skip }) => {
    const binary = findElectron(ROOT, process.env);
    skip(binary === null, 'no Electron binary is downloaded here');
    skip(process.getuid?.() === 0, 'Chromium refuses its sandbox to root');
    const main = join(ROOT, 'out', 'main', 'index.js');
    skip(!existsSync(main), 'the Electron main process is not built');
    const data = mkdtempSync(join(tmpdir(), 'pfnlab-electron-'));
    try {
      const answer = await askElectron(binary as string, data);
      expect(answer.session).toMatchObject({ at: steps, length: steps, hash });
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });
});

/** Starts Electron with a port for the developer tools, and asks the bench from inside the page. */
async function askElectron(binary: string, data: string): Promise<BenchState> {
  const { chromium } = await import('playwright-core');
  const child = spawn(
    binary,
    [ROOT, '--remote-debugging-port=0', `--user-data-dir=${join(data, 'chromium')}`],
    { env: { ...process.env, PFNLAB_DATA: data }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += String(chunk);
        const match = /DevTools listening on (ws:\S+)/.exec(said);
        if (match) resolve(match[1] as string);
      });
      child.once('close', (code) => reject(new Error(`Electron ended with ${code}: ${said}`)));
    });
    const browser = await chromium.connectOverCDP(address);
    const [context] = browser.contexts();
    const page = context?.pages()[0] ?? (await context?.waitForEvent('page'));
    if (!page) throw new Error('Electron has no page');
    await page.waitForFunction(() => 'pfnlab' in globalThis);
    return await page.evaluate(
      async ([name, lab]) => {
        const { pfnlab } = globalThis as unknown as {
          pfnlab: { call(command: string, input: object): Promise<unknown> };
        };
        await pfnlab.call('labOpen', { name, text: lab });
        await pfnlab.call('toEnd', {});
        return ((await pfnlab.call('state', {})) as { value: BenchState }).value;
      },
      [LAB, text] as const,
    );
  } finally {
    const closed = once(child, 'close');
    if (child.exitCode === null && child.kill()) await closed;
  }
}
