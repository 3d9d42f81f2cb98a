// build.mjs [--if-stale]: bundles the Electron main process, its preload and the renderer into out/.
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOnTerminal } from './node24.mjs';

const STAMP = '.cache/build-stamp';

/** What the bundles are made of. */
const INPUTS = {
  tools: ['electron.vite.config.ts', 'package-lock.json', 'tsconfig.base.json'],
  main: ['src/main', 'src/preload'],
  renderer: ['src/renderer'],
  shared: ['src/shared'],
};

/** @typedef {keyof typeof INPUTS} Part */

const PARTS = /** @type {Part[]} */ (Object.keys(INPUTS));

/**
 * Whether out/ is missing or was built from other sources than those now on disk. Contents are
 * compared, not times: a checkout or a copy changes times without changing anything.
 *
 * @param {string} root the project folder
 * @param {readonly Part[]} [parts] the parts that matter to the caller; all by default
 * @returns {boolean}
 */
export function buildIsStale(root, parts = PARTS) {
  if (!existsSync(join(root, 'out', 'renderer', 'index.html'))) return true;
  try {
    const stamp = JSON.parse(readFileSync(join(root, STAMP), 'utf8'));
    return parts.some((part) => stamp[part] !== hashOf(root, part));
  } catch {
    return true;
  }
}

/**
 * @param {string} root the project folder
 * @returns {Promise<number>} the bundler's exit code; 2 when the folder cannot be written
 */
export async function build(root) {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    process.stderr.write(`pfnlab: cannot build: ${root} is not writable.\n`);
    return 2;
  }
  const before = Object.fromEntries(PARTS.map((part) => [part, hashOf(root, part)]));
  rmSync(join(root, STAMP), { force: true });
  const bundler = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const args = [bundler, 'build', '--logLevel', 'warn'];
  const code = await runOnTerminal(process.execPath, args, { cwd: root });
  if (code === 0) {
    mkdirSync(join(root, '.cache'), { recursive: true });
    // The sources as they were when the bundler started: an edit made meanwhile counts as newer.
    writeFileSync(join(root, STAMP), JSON.stringify(before));
  }
  return code;
}

/**
 * @param {string} root
 * @param {Part} part
 * @returns {string}
 */
function hashOf(root, part) {
  const hash = createHash('sha256');
  for (const file of INPUTS[part].flatMap((input) => filesOf(join(root, input)))) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path a file or a folder
 * @returns {string[]} sorted; empty when nothing is there
 */
function filesOf(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const onlyIfStale = process.argv.includes('--if-stale');
  process.exitCode = onlyIfStale && !buildIsStale(root) ? 0 : await build(root);
}
