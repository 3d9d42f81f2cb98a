// Where Node 24 is, and how a program of this repository is run on it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Node runs the TypeScript sources itself, without flags, from this major version on. */
export const REQUIRED_MAJOR = 24;

/**
 * The Node 24 executable: the one installed from the lock file, or the running one where no
 * packaged Node exists for this platform and it is new enough.
 *
 * @param {string} root the project folder
 * @param {{ platform: string, arch: string, version: string, execPath: string }} [host]
 * @returns {{ path: string } | { error: string }}
 */
export function node24(root, host = process) {
  const platform = host.platform === 'win32' ? 'win' : host.platform;
  const executable = host.platform === 'win32' ? 'node.exe' : 'node';
  const folder = `node-${platform}-${host.arch}`;
  const packaged = join(root, 'node_modules', folder, 'bin', executable);
  if (existsSync(packaged)) return { path: packaged };
  const major = Number(host.version.replace(/^v/, '').split('.')[0]);
  if (major >= REQUIRED_MAJOR) return { path: host.execPath };
  return {
    error:
      `no packaged Node ${REQUIRED_MAJOR} for ${host.platform}-${host.arch}; ` +
      `install Node ${REQUIRED_MAJOR} or newer (this is ${host.version}).`,
  };
}

/**
 * Runs a program on the terminal's own stdin, stdout and stderr until it ends.
 *
 * @param {string} executable
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options `env` is added to our environment
 * @returns {Promise<number>} its exit code; 128 + n when signal n ended it, as a shell reports it
 */
export function runOnTerminal(executable, args, options) {
  const env = { ...process.env, ...options.env };
  const child = spawn(executable, args, { cwd: options.cwd, env, stdio: 'inherit' });
  const forward = forwardSignals(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      forward.stop();
      resolve(signal ? 128 + (SIGNAL_NUMBERS[signal] ?? 0) : (code ?? 1));
    });
  });
}

/** @type {Partial<Record<NodeJS.Signals, number>>} */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGTERM: 15 };

/**
 * A terminal sends Ctrl-C to the whole group, so SIGINT is only survived here: the child decides
 * what it means. The others are sent to us alone and are passed on.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function forwardSignals(child) {
  const ignore = () => {};
  const onTerm = () => child.kill('SIGTERM');
  const onHangup = () => child.kill('SIGHUP');
  process.on('SIGINT', ignore);
  process.on('SIGTERM', onTerm);
  process.on('SIGHUP', onHangup);
  return {
    stop() {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', onTerm);
      process.off('SIGHUP', onHangup);
    },
  };
}
