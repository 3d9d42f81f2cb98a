import { isGeneratorFunction } from './frames.js';
import { loaded } from './guards.js';

/**
 * @typedef {object} Session one action or callback; its callers stand on the stack, the innermost
 *   function called on top
 * @property {number} id
 * @property {Generator | undefined} top
 * @property {Generator[]} stack
 * @property {unknown} out what the function that returned last gave
 * @property {number} errno what k.fail() made last, and why
 * @property {string} check
 * @property {number} random see random.js
 */

/** @type {Session} the session that runs, or ran last; others wait while actors take turns */
export let session;
/** @type {Map<number, Session>} */
const sessions = new Map();

/** @type {object} what models get */
let k;
/** @param {object} kernel */
export function serve(kernel) {
  k = kernel;
}

/** @type {Record<string, Record<string, unknown> | undefined>} */
let model;
/** @type {((k: object, args: unknown) => Generator)[]} */
const entries = [];

/** @param {unknown} fn @param {string} name @param {unknown} args @returns {Generator} */
export function begin(fn, name, args) {
  if (!isGeneratorFunction(fn)) throw new TypeError(name + ' is not a generator function');
  return fn(k, args);
}

function setAside() {
  if (session !== undefined && session.top !== undefined) sessions.set(session.id, session);
}

/** @param {number} id @param {number} entry @param {unknown} args @param {number} random */
export function open(id, entry, args, random) {
  if (session === undefined || session.top !== undefined) {
    setAside();
    session = { id, top: undefined, stack: [], out: undefined, errno: 0, check: '', random };
  } else {
    session.id = id;
    session.out = undefined;
    session.errno = 0;
    session.random = random;
  }
  session.top = entries[entry](k, args);
}

/** @param {number} id */
export function choose(id) {
  setAside();
  session = /** @type {Session} */ (sessions.get(id));
  sessions.delete(id);
}

/** @param {Record<string, typeof model> | null | undefined} models @param {string} id */
export function adopt(models, id) {
  loaded();
  const found = models === undefined || models === null ? undefined : models[id];
  if (typeof found !== 'object' || found === null) return 'it exports no models.' + id;
  model = found;
  return '';
}

/** @param {string} kind @param {string} name */
export function offers(kind, name) {
  const table = model[kind];
  const fn = typeof table === 'object' && table !== null ? table[name] : undefined;
  return isGeneratorFunction(fn);
}

/** @param {string} text an action or a callback, as JSON */
export function learnEntry(text) {
  /** @type {[string, string]} */
  const [kind, name] = JSON.parse(text);
  const fn = model[kind]?.[name];
  entries.push(isGeneratorFunction(fn) ? fn : (_, args) => begin(fn, name, args));
}
