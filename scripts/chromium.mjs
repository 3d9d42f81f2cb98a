// Finds the Chromium that end-to-end tests drive, and installs it where that is one command.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** In the order they are looked for along PATH. */
const COMMANDS = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];

const MAC_APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const APT_INSTALL = 'apt-get update && apt-get install -y --no-install-recommends chromium';

/** @typedef {{ path: string } | { error: string }} Found */
/** @typedef {{ env: NodeJS.ProcessEnv, platform: string }} Host */

/**
 * The browser to use: PFNLAB_CHROMIUM, else an installed Chrome or Chromium.
 *
 * @param {Host} [host]
 * @returns {Found} an error when PFNLAB_CHROMIUM names nothing that runs, or nothing is installed
 */
export function findChromium(host = process) {
  const named = host.env.PFNLAB_CHROMIUM;
  if (named) {
    if (isExecutable(named)) return { path: named };
    return { error: `PFNLAB_CHROMIUM is ${named}, which is not an executable file.` };
  }
  const folders = (host.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
  if (host.platform === 'darwin') candidates.push(...MAC_APPLICATIONS);
  const path = candidates.find(isExecutable);
  if (path !== undefined) return { path };
  return {
    error: `no Chrome or Chromium found. Install one (${installCommand(host.platform)}), or name one in PFNLAB_CHROMIUM.`,
  };
}

/**
 * As findChromium, after installing Debian's package where we are root on Debian. The package
 * manager's output goes to stderr.
 *
 * @param {Host} [host]
 * @returns {Found}
 */
export function ensureChromium(host = process) {
  const found = findChromium(host);
  if ('path' in found || host.env.PFNLAB_CHROMIUM || !canUseApt()) return found;
  process.stderr.write(`pfnlab: installing Chromium for the end-to-end tests: ${APT_INSTALL}\n`);
  const run = spawnSync('sh', ['-c', APT_INSTALL], {
    stdio: ['ignore', 2, 2],
    env: { ...host.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (run.status === 0) return findChromium(host);
  return { error: `Chromium could not be installed (see above). Run: ${APT_INSTALL}` };
}

/**
 * @param {string} platform
 * @returns {string} the one command to run
 */
function installCommand(platform) {
  if (platform === 'darwin') return 'brew install --cask chromium';
  if (existsSync('/usr/bin/apt-get')) return `sudo sh -c "${APT_INSTALL}"`;
  if (existsSync('/usr/bin/dnf')) return 'sudo dnf install chromium';
  return 'with your package manager';
}

/** Debian's chromium is a real package; Ubuntu's is a wrapper around a snap and would not run. */
function canUseApt() {
  return (
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')
  );
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
