// npm run untested: the modelled kernel functions that no test bears the name of, by folder. With
// --write the list that may only shrink (test/fixtures/untested-functions.txt) loses what is tested.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { kernelFunctions } from './kernel-functions.mjs';
import { functionsByName, untested } from './tested-functions.mjs';

const LIST = new URL('../test/fixtures/untested-functions.txt', import.meta.url);

const all = kernelFunctions();
const without = untested(all);
if (process.argv.includes('--write')) {
  const kept = readFileSync(LIST, 'utf8').split('\n');
  // By any of its names: which is the newest changes with the kernels that are modelled.
  const names = new Set([...without.values()].flat().flatMap((one) => one.names));
  writeFileSync(LIST, kept.filter((name) => name === '' || names.has(name)).join('\n'));
}
const folders = Map.groupBy([...without], ([, [first]]) => dirname(first?.file ?? ''));
for (const [folder, functions] of folders) {
  console.log(`${folder}: ${functions.length}`);
  for (const [name, twins] of functions) {
    console.log(`  ${name}  ${twins.map(({ file, line }) => `${file}:${line}`).join(', ')}`);
  }
}
const count = functionsByName(all).size;
console.log(`${without.size} of ${count} modelled functions have no test that bears their name`);
