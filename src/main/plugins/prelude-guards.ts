/** Entries of an array that built-ins still walk. */
export const LONGEST_ARRAY = 1_000_000;
/**
 * The part of the prelude that freezes all a module can reach, takes away what would give it a clock
 * or a way around, and keeps built-ins from running on without asking whether they may.
 */
export const GUARDS = `const seen = new Set();
function seal(root, what) {
  const open = [root];
  while (open.length > 0) {
    const o = open.pop();
    if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) continue;
    if (what !== undefined && (o instanceof Map || o instanceof Set || o instanceof WeakMap ||
        o instanceof WeakSet || o instanceof ArrayBuffer || ArrayBuffer.isView(o))) {
      throw new TypeError(what + ' could change after the module has loaded; keep state in registers');
    }
    seen.add(o);
    for (const key of ownKeys(o)) {
      const d = getOwnPropertyDescriptor(o, key);
      if (d.get !== undefined) open.push(d.get);
      if (d.set !== undefined) open.push(d.set);
      if (d.value !== undefined) open.push(d.value);
    }
    open.push(getPrototypeOf(o));
    freeze(o);
  }
}
let loading = true;
function keep(names) {
  if (!loading) throw new TypeError('the module has been loaded');
  for (const name of keys(names)) seal(names[name], name);
}

// A built-in that walks an array-like of 2 ** 53 - 1 entries asks nobody whether it may go on. So
// the built-ins for arrays take arrays only, and not endlessly large ones.
function guard(owner, name) {
  const native = owner[name];
  const { [name]: guarded } = { [name](...args) {
    if (!isArray(this)) throw new TypeError(String(name) + ' is for arrays only');
    if (this.length > ${LONGEST_ARRAY}) throw new RangeError('an array of more than ${LONGEST_ARRAY} entries');
    return Reflect.apply(native, this, args);
  } };
  defineProperty(owner, name, { value: guarded });
}
for (const name of ownKeys(Array.prototype)) {
  if (typeof Array.prototype[name] === 'function' && !['constructor', 'push', 'pop'].includes(name)) {
    guard(Array.prototype, name);
  }
}
const concat = Array.prototype.concat;
defineProperty(Array.prototype, 'concat', { value: { concat(...args) {
  for (const arg of args) {
    if (typeof arg === 'object' && arg !== null && (!isArray(arg) || arg.length > ${LONGEST_ARRAY})) {
      throw new TypeError('concat takes arrays and plain values');
    }
  }
  return Reflect.apply(concat, this, args);
} }.concat });
delete Array.prototype.flat;
delete Array.prototype.flatMap;
delete String.raw;

for (const code of [function () {}, function* () {}, async function () {}, async function* () {}]) {
  defineProperty(getPrototypeOf(code), 'constructor', { value: undefined });
}
for (const name of ['eval', 'Function', 'Promise', 'WeakRef', 'FinalizationRegistry', 'Proxy', 'RegExp',
  'SharedArrayBuffer', 'Atomics', 'Date', 'performance', 'queueMicrotask', 'setTimeout']) delete globalThis[name];
defineProperty(globalThis, '__keep', { value: keep });
seal(globalThis);
seal(k);`;
