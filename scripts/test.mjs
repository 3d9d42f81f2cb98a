// npm test [-- FILTER...]: every check of the repository. The last line is the count of passed,
// failed and skipped tests, where each check besides the test runner counts as one test.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';
import { runOnTerminal } from './node24.mjs';
import { runStages } from './stages.mjs';
import { addChecks, countTests, summaryLine } from './test-summary.mjs';
import { typecheckStage, WORLDS } from './typecheck.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = process.execPath;
const bin = (/** @type {string} */ path) => join(root, 'node_modules', path);

/** @type {import('./stages.mjs').Stage[]} */
const CHECKS = [
  { name: 'build', command: [node, join(root, 'scripts', 'build.mjs'), '--if-stale'] },
  { name: 'lint', command: [node, bin('eslint/bin/eslint.js'), '.'] },
  { name: 'format', command: [node, bin('prettier/bin/prettier.cjs'), '--check', '.'] },
  ...WORLDS.map(typecheckStage),
];

const chromium = ensureChromium();
if ('error' in chromium) process.stdout.write(`FAILED  Chromium: ${chromium.error}\n`);

const checks = [{ name: 'Chromium', ok: 'path' in chromium }, ...(await runStages(root, CHECKS))];

const { report, exitCode } = await runVitest(process.argv.slice(2));
const counts = addChecks(countTests(report, exitCode), checks);
const failedChecks = checks.filter((check) => !check.ok).map((check) => check.name);
if (failedChecks.length > 0) process.stdout.write(`failed: ${failedChecks.join(', ')}\n`);
process.stdout.write(`${summaryLine(counts)}\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/**
 * @param {string[]} filters
 * @returns {Promise<{ report: import('./test-summary.mjs').VitestReport | null, exitCode: number }>}
 */
async function runVitest(filters) {
  const file = join(root, '.cache', 'vitest.json');
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const args = [bin('vitest/vitest.mjs'), 'run', ...reporters, ...filters];
  const env = 'path' in chromium ? { PFNLAB_CHROMIUM: chromium.path } : {};
  const exitCode = await runOnTerminal(node, args, { cwd: root, env });
  try {
    return { report: JSON.parse(readFileSync(file, 'utf8')), exitCode };
  } catch {
    return { report: null, exitCode };
  }
}
