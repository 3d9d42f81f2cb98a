// npm run check -- PATH...: of a file or folder, what npm test would say about it first: the types of
// the worlds that see it, lint, and its tests (those that import it, or bear its name). Types and
// lint keep what they found in .cache.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runStages } from './stages.mjs';
import { typecheckStage } from './typecheck.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** By where a path lies, longest first: the worlds that see it first. Tests import most of main. */
const SEEN_BY = /** @type {const} */ ([
  ['src/main/engine', ['engine', 'tests']],
  ['src/main/plugins/sandbox', ['sandbox', 'tests']],
  ['src/main', ['main', 'tests']],
  ['src/shared', ['engine', 'renderer', 'tests']],
  ['src/preload', ['preload']],
  ['src/renderer', ['renderer', 'tests']],
  ['plugins', ['plugins']],
  ['', ['tests']],
]);

/** Where a test imports from, as written. */
const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']*)'/g;

/**
 * @param {string} path relative to the project
 * @returns {readonly string[]}
 */
export function worldsOf(path) {
  const seen = SEEN_BY.find(([folder]) => within(path, folder));
  return seen?.[1] ?? [];
}

/**
 * Unit tests that import something of the path, and tests whose folder or file is named after it.
 *
 * @param {string} folder the project
 * @param {string} path relative to it
 * @returns {string[]} relative to the project
 */
export function testsOf(folder, path) {
  const name = basename(path).replace(/\.[^.]*$/, '');
  return globSync('test/{unit,conformance,property,hostile}/**/*.test.ts', { cwd: folder })
    .filter((file) => {
      if (within(file, path)) return true;
      const named = file.split(sep).some((part) => part.replace(/\.test\.ts$/, '') === name);
      return named || (within(file, 'test/unit') && imports(folder, file, path));
    })
    .sort();
}

/**
 * @param {string} folder
 * @param {string} file
 * @param {string} path
 */
function imports(folder, file, path) {
  const text = readFileSync(join(folder, file), 'utf8');
  return [...text.matchAll(IMPORT)].some(([, target]) =>
    within(join(dirname(file), target ?? ''), path),
  );
}

/**
 * @param {string} path
 * @param {string} folder '' for the project
 */
function within(path, folder) {
  return folder === '' || path === folder || path.startsWith(`${folder}${sep}`);
}

/**
 * @param {readonly string[]} asked
 * @returns {Promise<number>} the exit code
 */
async function main(asked) {
  const paths = asked.map((path) => relative(root, resolve(root, path)));
  if (paths.length === 0) return refuse('usage: npm run check -- PATH...');
  const gone = paths.find((path) => path.startsWith('..') || !existsSync(join(root, path)));
  if (gone !== undefined) return refuse(`${gone}: no such file or folder of the project`);

  const bin = (/** @type {string} */ path) => join(root, 'node_modules', path);
  const tests = [...new Set(paths.flatMap((path) => testsOf(root, path)))];
  const linted = paths.filter(
    (path) => statSync(path).isDirectory() || /\.(ts|js|mjs|vue)$/.test(path),
  );
  const eslint = [bin('eslint/bin/eslint.js'), '--cache', '--cache-location', '.cache/eslint/'];
  const prettier = [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn'];
  const node = process.execPath;
  /** @type {import('./stages.mjs').Stage[]} */
  const stages = [...new Set(paths.flatMap(worldsOf))].reverse().map(typecheckStage);
  if (tests.length > 0) {
    const command = [bin('vitest/vitest.mjs'), 'run', ...tests];
    const name = `${tests.length} test file${tests.length === 1 ? '' : 's'}`;
    stages.splice(1, 0, { name, command: [node, ...command] });
  } else {
    process.stdout.write('no test imports it or bears its name\n');
  }
  if (linted.length > 0) stages.push({ name: 'lint', command: [node, ...eslint, ...linted] });
  stages.push({ name: 'format', command: [node, ...prettier, ...paths] });
  const results = await runStages(root, stages);
  return results.every(({ ok }) => ok) ? 0 : 1;
}

/**
 * @param {string} sentence
 * @returns {number}
 */
function refuse(sentence) {
  process.stderr.write(`pfnlab: ${sentence}\n`);
  return 2;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
