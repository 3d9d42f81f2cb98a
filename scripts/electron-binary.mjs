// The Electron executable: found, or downloaded in one attempt whose failure is remembered.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Nobody who typed `npm start` waits longer than this for a download that may never come. */
export const UNASKED_DOWNLOAD_MS = 15_000;
/** Who asked for Electron by name waits for a slow line. */
export const ASKED_DOWNLOAD_MS = 600_000;

/**
 * @param {string} root the project folder
 * @param {NodeJS.ProcessEnv} env ELECTRON_OVERRIDE_DIST_PATH names a folder with another build
 * @returns {string | null} null when it is not downloaded
 */
export function findElectron(root, env) {
  const folder = join(root, 'node_modules', 'electron');
  const name = readOrNull(join(folder, 'path.txt'));
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH;
  const path = dist ? join(dist, name ?? 'electron') : name && join(folder, 'dist', name);
  return path && existsSync(path) ? path : null;
}

/**
 * Why the last download failed, if it was this version's. Another version is another attempt.
 *
 * @param {string} root the project folder
 * @returns {string | null}
 */
export function rememberedFailure(root) {
  try {
    const memory = JSON.parse(readFileSync(memoryFile(root), 'utf8'));
    return memory.version === electronVersion(root) ? String(memory.reason) : null;
  } catch {
    return null;
  }
}

/**
 * Downloads the binary with Electron's own installer (which checks its checksum).
 *
 * @param {string} root the project folder
 * @param {number} limitMs the installer is ended after this time
 * @returns {Promise<string | null>} why it failed, also remembered; null when it is there
 */
export async function downloadElectron(root, limitMs) {
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const reason = await runInstaller(installer, limitMs);
  try {
    remember(root, reason);
  } catch {
    // A folder we cannot write to only costs the next start another attempt.
  }
  return reason;
}

/**
 * @param {string} root
 * @param {string | null} reason null forgets
 */
function remember(root, reason) {
  const file = memoryFile(root);
  if (reason === null) return rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ version: electronVersion(root), reason }));
}

/**
 * @param {string} installer
 * @param {number} limitMs
 * @returns {Promise<string | null>}
 */
function runInstaller(installer, limitMs) {
  const child = spawn(process.execPath, [installer], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(null);
      else if (signal) resolve(`no complete download within ${limitMs / 1000} s`);
      else resolve(reasonOf(stderr) ?? `the installer ended with code ${code}`);
    });
  });
}

/**
 * The installer prints a stack trace; its first line is the error.
 *
 * @param {string} stderr
 * @returns {string | undefined}
 */
function reasonOf(stderr) {
  const line = stderr
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one !== '');
  return line?.includes('fetch failed') ? 'its server cannot be reached' : line;
}

/**
 * @param {string} root
 * @returns {string}
 */
function electronVersion(root) {
  const manifest = join(root, 'node_modules', 'electron', 'package.json');
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

/**
 * @param {string} root
 * @returns {string}
 */
function memoryFile(root) {
  return join(root, '.cache', 'electron-download.json');
}

/**
 * @param {string} file
 * @returns {string | null}
 */
function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
