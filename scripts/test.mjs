// npm test [-- FILTER...]: every check of the repository. The last line is the count of passed,
// failed and skipped tests, where each check besides the test runner counts as one test.
//
// The end-to-end tests drive one browser at a time and mostly wait for it: they run beside the checks,
// the other tests on all cores after them.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';
import { runOnTerminal } from './node24.mjs';
import { runStages } from './stages.mjs';
import { addChecks, addCounts, countTests, summaryLine } from './test-summary.mjs';
import { typecheckStage, WORLDS } from './typecheck.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = process.execPath;
const bin = (/** @type {string} */ path) => join(root, 'node_modules', path);

/** @type {import('./stages.mjs').Stage[]} */
const CHECKS = [
  { name: 'lint', command: [node, bin('eslint/bin/eslint.js'), '.'] },
  { name: 'format', command: [node, bin('prettier/bin/prettier.cjs'), '--check', '.'] },
  ...WORLDS.map(typecheckStage),
];
/** @type {import('./stages.mjs').Stage} */
const BUILD = { name: 'build', command: [node, join(root, 'scripts', 'build.mjs'), '--if-stale'] };

const chromium = ensureChromium();
if ('error' in chromium) process.stdout.write(`FAILED  Chromium: ${chromium.error}\n`);

const filters = process.argv.slice(2);
const checks = [{ name: 'Chromium', ok: 'path' in chromium }, ...(await runStages(root, [BUILD]))];
const [endToEnd, checked] = await Promise.all([
  runVitest(['e2e'], filters),
  runStages(root, CHECKS, Math.max(1, availableParallelism() - 1)),
]);
checks.push(...checked);
const others = await runVitest(['sandbox', 'unit'], filters);

const tests = addCounts(endToEnd, others);
if (tests.passed + tests.failed + tests.skipped === 0) tests.failed = 1;
const counts = addChecks(tests, checks);
const failedChecks = checks.filter((check) => !check.ok).map((check) => check.name);
if (failedChecks.length > 0) process.stdout.write(`failed: ${failedChecks.join(', ')}\n`);
process.stdout.write(`${summaryLine(counts)}\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/**
 * @param {string[]} projects of vitest.config.ts
 * @param {string[]} filters
 * @returns {Promise<import('./test-summary.mjs').Counts>}
 */
async function runVitest(projects, filters) {
  const file = join(root, '.cache', `vitest-${projects.join('-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const args = [
    ...[bin('vitest/vitest.mjs'), 'run', '--passWithNoTests'],
    ...projects.flatMap((name) => ['--project', name]),
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filters],
  ];
  const env = 'path' in chromium ? { PFNLAB_CHROMIUM: chromium.path } : {};
  const exitCode = await runOnTerminal(node, args, { cwd: root, env });
  try {
    return countTests(JSON.parse(readFileSync(file, 'utf8')), exitCode);
  } catch {
    return countTests(null, exitCode);
  }
}
