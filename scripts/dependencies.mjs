// Answers one question quickly, "does node_modules hold what the lock file says?", and repairs it
// with `npm ci`. Runs on any Node from 18 on and imports no package: it is what installs them.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage & Record<string, unknown>> }} LockFile */

const LOCK_WAIT_MS = 500;

/**
 * Why an install is needed, or null when nothing is missing.
 *
 * npm leaves a copy of the lock file inside node_modules when an install completes, and `npm ci`
 * removes that copy first: comparing with it also detects an install that was interrupted.
 *
 * @param {string} root the project folder
 * @returns {string | null}
 */
export function missingDependencies(root) {
  const wanted = readJson(join(root, 'package-lock.json'));
  if (!wanted?.packages) return 'package-lock.json cannot be read';
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (!installed?.packages) return 'nothing is installed yet';
  const manifest = readJson(join(root, 'package.json'));
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const asked = JSON.stringify(manifest?.[kind] ?? {});
    if (asked !== JSON.stringify(wanted.packages['']?.[kind] ?? {})) {
      return `package.json and package-lock.json disagree about ${kind}`;
    }
  }
  for (const [path, locked] of Object.entries(wanted.packages)) {
    if (path === '' || locked.link) continue;
    const found = installed.packages[path];
    if (!found) {
      // A package for another operating system is listed in the lock file and never installed.
      if (locked.optional) continue;
      return `${path} is missing`;
    }
    if (found.version !== locked.version || found.integrity !== locked.integrity) {
      return `${path} is ${found.version}, the lock file says ${locked.version}`;
    }
  }
  return null;
}

/**
 * Installs what the lock file says, if anything is missing. Progress goes to stderr, so that a
 * command's data on stdout stays clean. Two commands started at once install once.
 *
 * @param {string} root the project folder
 * @returns {string | null} a sentence when it failed
 */
export function ensureDependencies(root) {
  if (missingDependencies(root) === null) return null;
  try {
    accessSync(root, constants.W_OK);
  } catch {
    return `cannot install the dependencies: ${root} is not writable.`;
  }
  const release = takeInstallLock(root);
  try {
    const reason = missingDependencies(root);
    if (reason === null) return null;
    process.stderr.write(`pfnlab: installing dependencies with npm ci (${reason})\n`);
    return npmCi(root) ?? stillMissing(root);
  } finally {
    release();
  }
}

/**
 * @param {string} root
 * @returns {string | null}
 */
function npmCi(root) {
  // NODE_ENV=production or an `omit` setting of the user would leave the tools out.
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const run = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (run.error) return `npm could not be started (${run.error.message}).`;
  if (run.status === 0) return null;
  return `npm ci failed (see above). Run "npm ci" in ${root} once it can reach the registry.`;
}

/**
 * @param {string} root
 * @returns {string | null}
 */
function stillMissing(root) {
  const reason = missingDependencies(root);
  return reason === null ? null : `npm ci succeeded, yet ${reason}.`;
}

/**
 * @param {string} root
 * @returns {() => void} releases the lock
 */
function takeInstallLock(root) {
  const folder = join(root, '.cache');
  const file = join(folder, 'install.lock');
  mkdirSync(folder, { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    if (!isAlive(readPid(file))) rmSync(file, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS);
  }
}

/**
 * @param {string} file
 * @returns {number}
 */
function readPid(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 * @returns {boolean}
 */
function isErrno(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}

/**
 * @param {string} file
 * @returns {any} undefined when the file is absent or not JSON
 */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
