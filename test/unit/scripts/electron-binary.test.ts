import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  downloadElectron,
  findElectron,
  rememberedFailure,
} from '../../../scripts/electron-binary.mjs';
import { temporaryFolder, writeFiles } from './project.ts';

/** A project whose Electron has the given version and installer. */
function project(installer: string, version = '45.0.0'): string {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'node_modules/electron/package.json': JSON.stringify({ version }),
    'node_modules/electron/install.js': installer,
  });
  return folder;
}

const UNREACHABLE = `console.error('TypeError: fetch failed\\n    at f (a.js:1:1)'); process.exit(1);`;
const LIMIT_MS = 60_000;

describe('downloadElectron', () => {
  it('remembers why it failed, so that the next start does not wait again', async () => {
    const root = project(UNREACHABLE);
    expect(rememberedFailure(root)).toBeNull();
    expect(await downloadElectron(root, LIMIT_MS)).toBe('its server cannot be reached');
    expect(rememberedFailure(root)).toBe('its server cannot be reached');
  });

  it('forgets the failure of another version', async () => {
    const root = project(UNREACHABLE);
    await downloadElectron(root, LIMIT_MS);
    writeFiles(root, { 'node_modules/electron/package.json': '{"version":"46.0.0"}' });
    expect(rememberedFailure(root)).toBeNull();
  });

  it('forgets a failure once a download succeeds', async () => {
    const root = project(UNREACHABLE);
    await downloadElectron(root, LIMIT_MS);
    writeFiles(root, { 'node_modules/electron/install.js': '' });
    expect(await downloadElectron(root, LIMIT_MS)).toBeNull();
    expect(rememberedFailure(root)).toBeNull();
  });

  it('ends an installer that hangs', async () => {
    const root = project('setInterval(() => {}, 1000);');
    expect(await downloadElectron(root, 500)).toBe('no complete download within 0.5 s');
  });
});

describe('findElectron', () => {
  it('finds the downloaded executable, and nothing before the download', () => {
    const root = project('');
    expect(findElectron(root, {})).toBeNull();
    writeFiles(root, {
      'node_modules/electron/path.txt': 'electron',
      'node_modules/electron/dist/electron': '',
    });
    expect(findElectron(root, {})).toBe(join(root, 'node_modules/electron/dist/electron'));
  });

  it('is not fooled by a download that was interrupted', () => {
    const root = project('');
    writeFiles(root, { 'node_modules/electron/path.txt': 'electron' });
    expect(findElectron(root, {})).toBeNull();
  });

  it('looks in the folder ELECTRON_OVERRIDE_DIST_PATH names', () => {
    const root = project('');
    writeFiles(root, { 'mine/electron': '' });
    const env = { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'mine') };
    expect(findElectron(root, env)).toBe(join(root, 'mine', 'electron'));
  });
});
