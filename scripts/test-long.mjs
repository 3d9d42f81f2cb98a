// npm run test:long [-- MINUTES [FILTER...]] [--seed N]: the property and hostile tests with more
// runs, round after round, each with a new seed, for as many minutes as are given (one round where
// none are). The seed of each round is printed first; with `--seed` there is one round, with that.
// On failure the lines that replay it follow, and the exit code is 1.
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOnTerminal } from './node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {{ minutes: number, seed: number | undefined, filters: string[] }} Asked */

/**
 * @param {readonly string[]} argv
 * @returns {Asked | { error: string }}
 */
export function readArguments(argv) {
  const rest = [...argv];
  const at = rest.indexOf('--seed');
  const [, text] = at < 0 ? [] : rest.splice(at, 2);
  const seed = text === undefined ? undefined : Number(text);
  if (at >= 0 && !(Number.isInteger(seed) && Math.abs(seed ?? 0) < 2 ** 31)) {
    return { error: `--seed wants a whole number, got ${text ?? 'nothing'}` };
  }
  const minutes = /^\d+(\.\d+)?$/.test(rest[0] ?? '') ? Number(rest.shift()) : 0;
  const unknown = rest.find((word) => word.startsWith('-'));
  if (unknown !== undefined) return { error: `unknown option ${unknown}` };
  return { minutes, seed, filters: rest.length > 0 ? rest : ['test/property', 'test/hostile'] };
}

/**
 * One line a failed test: what makes it fail again.
 *
 * @param {import('./test-summary.mjs').VitestReport | null} report
 * @param {number} seed
 * @param {string} folder the project
 * @returns {string[]}
 */
export function replayLines(report, seed, folder) {
  const lines = (report?.testResults ?? [])
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => `npm run test:long -- --seed ${seed} ${relative(folder, name)}`);
  return lines.length > 0 ? lines : [`npm run test:long -- --seed ${seed}`];
}

/**
 * @param {number} seed
 * @param {string[]} filters
 * @returns {Promise<number>} the exit code of the test runner
 */
async function round(seed, filters) {
  const file = join(root, '.cache', 'vitest-long.json');
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  process.stdout.write(`seed ${seed}\n`);
  const exitCode = await runOnTerminal(
    process.execPath,
    [
      ...[join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'unit'],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
      ...['--testTimeout=1800000', ...filters],
    ],
    { cwd: root, env: { PFNLAB_LONG: '1', PFNLAB_SEED: String(seed) } },
  );
  if (exitCode === 0 || exitCode > 128) return exitCode;
  let report = null;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // It ended before it could write one: the whole round is to be replayed.
  }
  process.stdout.write(`failed with seed ${seed}; again with\n`);
  for (const line of replayLines(report, seed, root)) process.stdout.write(`  ${line}\n`);
  return exitCode;
}

/**
 * @param {Asked} asked
 * @returns {Promise<number>} the exit code
 */
async function main({ minutes, seed, filters }) {
  const until = performance.now() + minutes * 60_000;
  let rounds = 0;
  let failed = 0;
  do {
    rounds += 1;
    const exitCode = await round(seed ?? randomInt(2 ** 31), filters);
    if (exitCode > 128) return exitCode;
    if (exitCode !== 0) failed += 1;
  } while (seed === undefined && performance.now() < until);
  process.stdout.write(`rounds: ${rounds}, failed: ${failed}\n`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) {
  const asked = readArguments(process.argv.slice(2));
  if ('error' in asked) {
    process.stderr.write(`pfnlab: ${asked.error}\n`);
    process.exitCode = 2;
  } else {
    process.exitCode = await main(asked);
  }
}
