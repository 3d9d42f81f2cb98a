import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openBench } from '../../src/main/bench/bench.ts';
import type { WatchedThread } from '../../src/main/bench/supervisor/watched-thread.ts';
import { NOWHERE, toyFolder, toyLab, writeFiles } from '../unit/bench/plugins/toys.ts';
import { loadFolder, manifest, moduleWith, pluginFolder } from '../unit/plugins/model-run.ts';
import { LONG_BUILT_INS } from './plugin-attacks.ts';

/** Top levels that take no end in a loop of their own. */
const OWN_LOOPS = [
  'for (;;);',
  'for (;;) { try { for (;;); } catch {} }',
  'try { return 1; } finally { for (;;); }',
];

/** What is wrong with a plugin whose module runs this while it is loaded. */
async function problemsOf(body: string) {
  const source = moduleWith('return 1;', `const never = (() => { ${body} })();`);
  const result = await loadFolder(pluginFolder(manifest(), source));
  return result.ok ? [] : result.problems;
}

describe('a module that takes no end while it loads is ended by its fuel, in the thread that loads it', () => {
  it.each([...LONG_BUILT_INS, ...OWN_LOOPS])('%s', async (body) => {
    expect(await problemsOf(body)).toMatchObject([
      { code: 'module', message: 'ran too long without a request: an endless loop?' },
    ]);
  });
});

const data = mkdtempSync(join(tmpdir(), 'pfnlab-loading-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

describe('openBench, with a plugin that takes no end while it loads', () => {
  it('says so at its place each time, in one thread, and runs the other plugins', async () => {
    const never = writeFiles(toyFolder(), { 'index.js': `for (;;);\n${moduleWith('return 1;')}` });
    const plugins = [never, toyFolder({ id: 'org.example.other', model: 'other' })];
    const threads: WatchedThread[] = [];
    const bench = await openBench(
      { door: 'web', folder: data, root: NOWHERE, plugins },
      { started: (thread) => threads.push(thread) },
    );
    try {
      const open = (text: string) => bench.call('labOpen', { name: 'toy.lab.yaml', text });
      // More often than threads may die.
      for (let times = 0; times < 4; times += 1) {
        const message = expect.stringMatching(
          /its plugin does not load: .*index\.js:1:1: ran too long without a request/,
        );
        expect(await open(toyLab())).toMatchObject({
          ok: true,
          value: { opened: false, problems: [{ message }] },
        });
      }
      const other = toyLab().replace('model: toy', 'model: other');
      expect(await open(other)).toMatchObject({ ok: true, value: { opened: true } });
      expect(threads).toHaveLength(1);
    } finally {
      await bench.close();
    }
  });
});
