// node scripts/kernel-names.mjs VERSION=TREE...: which names of modelled functions the sources of kernels
// have, each release with its unpacked tree. Writes test/fixtures/kernel-names.json: one character a
// release, in their order: 1 it has the name, 0 it has not.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelFunctions } from './kernel-functions.mjs';

const FIXTURE = new URL('../test/fixtures/kernel-names.json', import.meta.url);
const WORD = /[A-Za-z_]\w*/g;

/** @type {{ releases: string[], names: Record<string, string> }} */
const before = JSON.parse(readFileSync(FIXTURE, 'utf8'));
const modelled = kernelFunctions().flatMap(({ names }) => names);
const wanted = new Set([...Object.keys(before.names), ...modelled]);
const sources = process.argv.slice(2).map((one) => one.split('='));
const found = sources.map(([, tree]) => namesIn(tree ?? ''));
const names = [...wanted]
  .filter((name) => /^[A-Za-z_]\w*$/.test(name))
  .sort()
  .map((name) => [name, found.map((has) => (has.has(name) ? '1' : '0')).join('')])
  // What none of them has stands in no file that was read.
  .filter(([, has]) => has?.includes('1'));
const releases = sources.map(([version]) => version);
const text = JSON.stringify({ releases, names: Object.fromEntries(names) }, undefined, 2);
writeFileSync(FIXTURE, `${text}\n`);
console.log(`${names.length} names in ${releases.join(', ')}`);

/** @param {string} tree @returns {Set<string>} the wanted names that stand in a C file of it */
function namesIn(tree) {
  /** @type {Set<string>} */
  const has = new Set();
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.[ch]$/.test(entry.name)) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'latin1');
    for (const word of text.match(WORD) ?? []) if (wanted.has(word)) has.add(word);
  }
  return has;
}
