import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureDependencies, missingDependencies } from '../../../scripts/dependencies.mjs';
import { root, temporaryFolder, writeFiles } from './project.ts';

const MANIFEST = { dependencies: { left: '1.0.0' } };
const LEFT = { version: '1.0.0', integrity: 'sha512-left' };
const OTHER_SYSTEM = { version: '2.0.0', integrity: 'sha512-other', optional: true };
const LOCK = {
  packages: {
    '': MANIFEST,
    'node_modules/left': LEFT,
    'node_modules/other-system': OTHER_SYSTEM,
  },
};

/** A project folder whose files are the given values; a key that is absent is a missing file. */
function project(files: { manifest?: object; lock?: object; installed?: object }): string {
  const folder = temporaryFolder();
  writeFiles(folder, { 'package.json': JSON.stringify(files.manifest ?? MANIFEST) });
  if (files.lock) writeFiles(folder, { 'package-lock.json': JSON.stringify(files.lock) });
  if (files.installed) {
    const content = JSON.stringify({ packages: files.installed });
    writeFiles(folder, { 'node_modules/.package-lock.json': content });
  }
  return folder;
}

describe('missingDependencies', () => {
  it('finds nothing missing when every package of the lock file is installed', () => {
    const folder = project({ lock: LOCK, installed: { 'node_modules/left': LEFT } });
    expect(missingDependencies(folder)).toBeNull();
  });

  it('says that nothing is installed after a clone, or after an interrupted npm ci', () => {
    expect(missingDependencies(project({ lock: LOCK }))).toBe('nothing is installed yet');
  });

  it('names a package that is missing', () => {
    const folder = project({ lock: LOCK, installed: {} });
    expect(missingDependencies(folder)).toBe('node_modules/left is missing');
  });

  it('names a package that is installed in another version', () => {
    const installed = { 'node_modules/left': { ...LEFT, version: '0.9.0' } };
    expect(missingDependencies(project({ lock: LOCK, installed }))).toBe(
      'node_modules/left is 0.9.0, the lock file says 1.0.0',
    );
  });

  it('sees a dependency that package.json has and the lock file does not', () => {
    const manifest = { dependencies: { left: '1.0.0', right: '1.0.0' } };
    const folder = project({ manifest, lock: LOCK, installed: { 'node_modules/left': LEFT } });
    expect(missingDependencies(folder)).toBe(
      'package.json and package-lock.json disagree about dependencies',
    );
  });
});

describe('ensureDependencies', () => {
  it('installs nothing and says nothing when nothing is missing', () => {
    const folder = project({ lock: LOCK, installed: { 'node_modules/left': LEFT } });
    expect(ensureDependencies(folder)).toBeNull();
  });

  it('stops a command with 2 and one sentence when npm ci fails, and keeps stdout clean', () => {
    const folder = project({ lock: LOCK });
    cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
    const npm = join(folder, 'bin', 'npm');
    writeFiles(folder, { 'bin/npm': '#!/bin/sh\necho out of reach\nexit 1\n', 'program.mjs': '' });
    chmodSync(npm, 0o755);
    const result = spawnSync(
      process.execPath,
      [join(folder, 'scripts', 'with-node24.mjs'), 'program.mjs'],
      {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` },
      },
    );
    expect(result.status).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr.split('\n')).toEqual([
      'pfnlab: installing dependencies with npm ci (nothing is installed yet)',
      'out of reach',
      `pfnlab: npm ci failed (see above). Run "npm ci" in ${folder} once it can reach the registry.`,
      '',
    ]);
  });

  it('is not stopped by the lock of an installer that died', () => {
    const folder = project({ lock: LOCK });
    cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
    const installed = JSON.stringify({ packages: { 'node_modules/left': LEFT } });
    writeFiles(folder, {
      'installed.json': installed,
      'bin/npm': `#!/bin/sh\nmkdir -p node_modules && cp installed.json node_modules/.package-lock.json\n`,
      'program.mjs': `console.log('ran');`,
    });
    chmodSync(join(folder, 'bin', 'npm'), 0o755);
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFiles(folder, { '.cache/install.lock': String(dead) });
    const result = spawnSync(
      process.execPath,
      [join(folder, 'scripts', 'with-node24.mjs'), 'program.mjs'],
      {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` },
      },
    );
    expect(result.stdout).toBe('ran\n');
    expect(result.status).toBe(0);
  });
});
