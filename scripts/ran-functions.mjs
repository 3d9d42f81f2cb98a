// Which modelled kernel functions ran in a test that bears their name, by what test/setup/ran.ts
// recorded of a run: no reading of sources, so a name that only stands in a test does not count.
import { functionsByName, knownAs } from './tested-functions.mjs';

/** @typedef {import('./kernel-functions.mjs').Definition} Definition */

/**
 * @typedef {object} RanTest what one test did
 * @property {string} file relative to the project
 * @property {string} title with those of the blocks around it
 * @property {boolean} passed
 * @property {boolean} asserted it expected something
 * @property {string[]} functions that made steps in it, and in its file outside of any test
 */

/**
 * @param {string} text a line of JSON a test
 * @returns {RanTest[]}
 */
export function readRan(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/**
 * @param {readonly Definition[]} definitions
 * @param {readonly RanTest[]} tests
 * @returns {Map<string, Definition[]>} the functions that made no step in a test that passed, expected
 *   something and says one of their names as a word, by name
 */
export function notRun(definitions, tests) {
  const counted = tests
    .filter(({ passed, asserted }) => passed && asserted)
    .map(({ title, functions }) => ({
      words: new Set(title.match(/[A-Za-z_]\w*/g)),
      functions: new Set(functions),
    }));
  const without = [...functionsByName(definitions)].filter(([, twins]) => {
    const titles = twins.flatMap(knownAs);
    return !counted.some(
      ({ words, functions }) =>
        titles.some((name) => words.has(name)) && titles.some((name) => functions.has(name)),
    );
  });
  return new Map(without);
}
