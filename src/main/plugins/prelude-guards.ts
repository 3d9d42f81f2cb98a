/** Entries of an array that built-ins still walk. */
export const LONGEST_ARRAY = 1_000_000;

/** Characters that a built-in walks in a good while less than a turn of an empty loop takes. */
export const UNITS_PER_TURN = 256;
/** What an entry of an array and a name of a record cost, in characters. */
export const PER_ENTRY = 4;
export const PER_NAME = 256;
/** More than all fuel of a segment: what multiplies to more costs no more. */
export const MOST_CHARGED = 2 ** 30;
/** Charged for a call that threw. */
export const FAILED_CALL = 2 ** 20;

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
//
// What a built-in does natively costs no fuel by itself. Those that walk a text, an array or a record
// are charged for its length, in turns of an empty loop: so fuel runs out at the same call everywhere,
// in a time that the length of one text bounds. Operators (+, ===, ** of large numbers, spread) stay
// uncharged.
const apply = Reflect.apply;
function charge(cost) {
  for (let left = cost > ${MOST_CHARGED} ? ${MOST_CHARGED} : cost; left >= ${UNITS_PER_TURN}; left -= ${UNITS_PER_TURN});
}
function sizeOf(out) {
  return typeof out === 'string' ? out.length : isArray(out) ? out.length * ${PER_ENTRY} : 0;
}
function charged(owner, name, before) {
  const native = owner[name];
  if (typeof native !== 'function') return;
  const { [name]: guarded } = { [name](...args) {
    charge(before(this, args));
    let done = false;
    try {
      const out = apply(native, this, args);
      done = true;
      charge(sizeOf(out));
      return out;
    } finally {
      // What it was doing is not known: mostly, it ran out of memory.
      if (!done) charge(${FAILED_CALL});
    }
  } };
  defineProperty(owner, name, { value: guarded });
}
const slow = ['sort', 'toSorted', 'join', 'toString', 'toLocaleString'];
for (const name of ownKeys(Array.prototype)) {
  if (['constructor', 'push', 'pop'].includes(name)) continue;
  // Worked out here: a guarded built-in inside what guards it would call itself without end.
  const perEntry = (slow.includes(name) ? 20 : 1) * ${PER_ENTRY};
  charged(Array.prototype, name, (array) => {
    if (!isArray(array)) throw new TypeError(String(name) + ' is for arrays only');
    if (array.length > ${LONGEST_ARRAY}) throw new RangeError('an array of more than ${LONGEST_ARRAY} entries');
    return array.length * perEntry;
  });
}
// A search compares from each place on: in the worst case the lengths multiply.
const searches = ['indexOf', 'lastIndexOf', 'includes', 'split', 'replace', 'replaceAll'];
const short = ['constructor', 'charAt', 'charCodeAt', 'codePointAt', 'at', 'toString', 'valueOf'];
for (const name of ownKeys(String.prototype)) {
  if (name === 'length' || short.includes(name)) continue;
  const search = searches.includes(name);
  charged(String.prototype, name, (text, args) => {
    if (typeof text !== 'string') throw new TypeError(String(name) + ' is for texts only');
    if (typeof args[0] === 'object' && args[0] !== null) args[0] = String(args[0]);
    const length = typeof args[0] === 'string' ? args[0].length : 0;
    if (search) return text.length * (length < 1 ? 1 : length);
    if (name === 'repeat') return text.length * +args[0];
    return name === 'padStart' || name === 'padEnd' ? +args[0] : text.length + length;
  });
}
const TypedArray = getPrototypeOf(Uint8Array);
for (const name of ownKeys(TypedArray.prototype)) {
  const d = getOwnPropertyDescriptor(TypedArray.prototype, name);
  if (d.value === undefined || name === 'constructor' || name === 'subarray') continue;
  charged(TypedArray.prototype, name, (array) => (name === 'sort' ? array.length * 20 : array.length));
}
const entriesOf = (value) =>
  typeof value === 'string' || isArray(value) ? value.length * ${PER_ENTRY}
    : typeof value === 'object' && value !== null ? keys(value).length * ${PER_NAME} : 0;
for (const name of ownKeys(Object)) {
  if (name !== 'is' && name !== 'getPrototypeOf') {
    charged(Object, name, (_, args) => entriesOf(args[0]) + entriesOf(args[1]));
  }
}
charged(Array, 'from', (_, [source]) => {
  const length = source === null || source === undefined ? 0 : +source.length;
  return length >= 0 ? length * ${PER_ENTRY} : 0;
});
charged(JSON, 'parse', (_, [text]) => (typeof text === 'string' ? text.length * 16 : 0));
charged(JSON, 'stringify', (_, [value]) => entriesOf(value));
const concat = Array.prototype.concat;
defineProperty(Array.prototype, 'concat', { value: { concat(...args) {
  for (const arg of args) {
    if (typeof arg === 'object' && arg !== null && (!isArray(arg) || arg.length > ${LONGEST_ARRAY})) {
      throw new TypeError('concat takes arrays and plain values');
    }
  }
  return apply(concat, this, args);
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
