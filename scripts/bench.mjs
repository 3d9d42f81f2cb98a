// npm run bench [-- NAME...]: runs the benchmarks under test/bench, one after the other. Each is a
// program of its own, so that one's heap does not slow the next.
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOnTerminal } from './node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = globSync('test/bench/**/*.bench.ts', { cwd: root }).sort();
const nameOf = (/** @type {string} */ path) => basename(path, '.bench.ts');
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !programs.some((path) => nameOf(path) === name));
if (unknown.length > 0) {
  const names = programs.map(nameOf).join(', ');
  process.stderr.write(`pfnlab: no benchmark ${unknown.join(', ')}; there are ${names}\n`);
  process.exit(2);
}

let worst = 0;
for (const path of programs) {
  if (asked.length > 0 && !asked.includes(nameOf(path))) continue;
  process.stdout.write(`\n${nameOf(path)}\n`);
  // --expose-gc lets a benchmark measure memory after a collection, not before one; the young
  // generation is as large as in the engine's thread (src/main/bench/bench.ts).
  const flags = ['--expose-gc', '--max-semi-space-size=64'];
  const code = await runOnTerminal(process.execPath, [...flags, join(root, path)], { cwd: root });
  worst = Math.max(worst, code);
}
process.exitCode = worst;
