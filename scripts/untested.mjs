// npm run untested: the modelled kernel functions that no test bears the name of, by folder. With
// --write the list that may only shrink (test/fixtures/untested-functions.txt) loses what is tested.
// With --run the files with tests of such names run, and a function counts where it made a step in a
// test of its name; this fails where one that is not on the list did not.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelFunctions } from './kernel-functions.mjs';
import { runOnTerminal } from './node24.mjs';
import { notRun, readRan } from './ran-functions.mjs';
import { filesOfTitles, functionsByName, untested } from './tested-functions.mjs';

/** @typedef {import('./kernel-functions.mjs').Definition} Definition */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LIST = join(ROOT, 'test/fixtures/untested-functions.txt');

const all = kernelFunctions();
const count = functionsByName(all).size;
const listed = readFileSync(LIST, 'utf8').split('\n');

if (process.argv.includes('--run')) {
  const ran = await runTests();
  const without = notRun(all, ran);
  show(without);
  const unlisted = [...without].filter(
    ([, twins]) => !twins.some(({ names }) => names.some((name) => listed.includes(name))),
  );
  console.log(
    `${without.size} of ${count} modelled functions made no step in a test of their name`,
  );
  if (unlisted.length > 0) {
    console.log(`not in ${LIST}: ${unlisted.map(([name]) => name).join(', ')}`);
    process.exitCode = 1;
  }
} else {
  const without = untested(all);
  if (process.argv.includes('--write')) {
    // By any of its names: which is the newest changes with the kernels that are modelled.
    const names = new Set([...without.values()].flat().flatMap((one) => one.names));
    writeFileSync(LIST, listed.filter((name) => name === '' || names.has(name)).join('\n'));
  }
  show(without);
  console.log(`${without.size} of ${count} modelled functions have no test that bears their name`);
}

/** @param {Map<string, Definition[]>} functions by name */
function show(functions) {
  const folders = Map.groupBy([...functions], ([, [first]]) => dirname(first?.file ?? ''));
  for (const [folder, inside] of folders) {
    console.log(`${folder}: ${inside.length}`);
    for (const [name, twins] of inside) {
      console.log(`  ${name}  ${twins.map(({ file, line }) => `${file}:${line}`).join(', ')}`);
    }
  }
}

/** @returns {Promise<import('./ran-functions.mjs').RanTest[]>} what each unit test did */
async function runTests() {
  const file = join(ROOT, '.cache', 'ran.jsonl');
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const projects = ['--project', 'unit', '--project', 'sandbox'];
  const args = [vitest, 'run', ...projects, '--reporter=dot', ...filesOfTitles(all)];
  const exitCode = await runOnTerminal(process.execPath, args, {
    cwd: ROOT,
    env: { PFNLAB_RAN: file },
  });
  if (exitCode !== 0) console.log('some tests failed: what they ran does not count');
  return readRan(readFileSync(file, 'utf8'));
}
