// with-node24.mjs [--in-caller-directory] PROGRAM [ARGUMENT...]
//
// Every npm script goes through here: it installs what is missing and runs PROGRAM (a path inside
// the project) on Node 24, whatever Node started npm. Nothing is printed on stdout, and the exit
// code is the program's own; 2 when the set-up failed.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { node24, runOnTerminal } from './node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string[]} argv
 * @returns {Promise<number>}
 */
async function main(argv) {
  const inCallerDirectory = argv[0] === '--in-caller-directory';
  const [program, ...args] = inCallerDirectory ? argv.slice(1) : argv;
  if (program === undefined) {
    return fail('usage: with-node24.mjs [--in-caller-directory] PROGRAM [ARGUMENT...]');
  }
  const problem = ensureDependencies(root);
  if (problem !== null) return fail(problem);
  const node = node24(root);
  if ('error' in node) return fail(node.error);
  // npm runs scripts in the project folder and keeps the folder the user stood in here.
  const callerDirectory = process.env.INIT_CWD ?? process.cwd();
  const cwd = inCallerDirectory ? callerDirectory : root;
  return runOnTerminal(node.path, [resolve(root, program), ...args], { cwd });
}

/**
 * @param {string} sentence
 * @returns {number}
 */
function fail(sentence) {
  process.stderr.write(`pfnlab: ${sentence}\n`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
