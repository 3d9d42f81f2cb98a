import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureChromium, findChromium } from '../../../scripts/chromium.mjs';
import { temporaryFolder, writeFiles } from './project.ts';

/** A PATH of folders that hold the named commands; returns the folders and the PATH. */
function fakePath(...folders: string[][]): { paths: string[]; PATH: string } {
  const base = temporaryFolder();
  const paths = folders.map((commands, index) => {
    const folder = join(base, String(index));
    for (const command of commands) {
      writeFiles(folder, { [command]: '#!/bin/sh\n' });
      chmodSync(join(folder, command), 0o755);
    }
    return folder;
  });
  return { paths, PATH: paths.join(delimiter) };
}

const find = (env: NodeJS.ProcessEnv) => findChromium({ env, platform: 'linux' });

describe('findChromium', () => {
  it('takes what PFNLAB_CHROMIUM names before anything installed', () => {
    const { paths, PATH } = fakePath(['google-chrome'], ['my-browser']);
    const named = join(paths[1]!, 'my-browser');
    expect(find({ PATH, PFNLAB_CHROMIUM: named })).toEqual({ path: named });
  });

  it('does not fall back when PFNLAB_CHROMIUM names nothing that runs', () => {
    const { PATH } = fakePath(['google-chrome']);
    expect(find({ PATH, PFNLAB_CHROMIUM: '/no/such/browser' })).toEqual({
      error: 'PFNLAB_CHROMIUM is /no/such/browser, which is not an executable file.',
    });
  });

  it('prefers an installed Chrome to Chromium wherever they stand in PATH', () => {
    const { paths, PATH } = fakePath(['chromium-browser'], ['chromium'], ['google-chrome']);
    expect(find({ PATH })).toEqual({ path: join(paths[2]!, 'google-chrome') });
  });

  it('takes chromium, then chromium-browser', () => {
    const { paths, PATH } = fakePath(['chromium-browser'], ['chromium']);
    expect(find({ PATH })).toEqual({ path: join(paths[1]!, 'chromium') });
    expect(find({ PATH: paths[0] })).toEqual({ path: join(paths[0]!, 'chromium-browser') });
  });

  it('passes over a file that cannot be executed', () => {
    const { paths, PATH } = fakePath(['chromium'], ['chromium']);
    chmodSync(join(paths[0]!, 'chromium'), 0o644);
    expect(find({ PATH })).toEqual({ path: join(paths[1]!, 'chromium') });
  });

  it('names one command to run when no browser is installed', () => {
    const found = find({ PATH: '' });
    expect(found).toHaveProperty('error');
    expect((found as { error: string }).error).toMatch(/Install one \(.*\), or name one in/);
  });
});

describe('ensureChromium', () => {
  it('installs nothing when PFNLAB_CHROMIUM is wrong: the user chose a browser', () => {
    const env = { PATH: '', PFNLAB_CHROMIUM: '/no/such/browser' };
    expect(ensureChromium({ env, platform: 'linux' })).toHaveProperty('error');
  });
});
