const { getPrototypeOf, keys, freeze, defineProperty } = Object;
const { apply, ownKeys, getOwnPropertyDescriptor } = Reflect;
const isArray = Array.isArray;

/** @type {Set<unknown>} */
const seen = new Set();

/**
 * Freezes `root` and all that can be reached from it. `what`: the name of a module's binding, which
 * may hold nothing that freezing leaves open to change.
 *
 * @param {unknown} root
 * @param {string} [what]
 */
function seal(root, what) {
  const open = [root];
  while (open.length > 0) {
    const o = open.pop();
    if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) continue;
    if (
      what !== undefined &&
      (o instanceof Map ||
        o instanceof Set ||
        o instanceof WeakMap ||
        o instanceof WeakSet ||
        o instanceof ArrayBuffer ||
        ArrayBuffer.isView(o))
    ) {
      throw new TypeError(
        what + ' could change after the module has loaded; keep state in registers',
      );
    }
    seen.add(o);
    for (const key of ownKeys(o)) {
      const d = getOwnPropertyDescriptor(o, key);
      if (d?.get !== undefined) open.push(d.get);
      if (d?.set !== undefined) open.push(d.set);
      if (d?.value !== undefined) open.push(d.value);
    }
    open.push(getPrototypeOf(o));
    freeze(o);
  }
}

// A built-in that walks an array-like of 2 ** 53 - 1 entries asks nobody whether it may go on. So
// the built-ins for arrays take arrays only, and not endlessly large ones.
//
// What a built-in does natively costs no fuel by itself. Those that walk a text, an array or a record
// are charged for its length, in turns of an empty loop: so fuel runs out at the same call everywhere,
// in a time that the length of one text bounds. Operators (+, ===, ** of large numbers, spread) stay
// uncharged.

/** @param {number} cost in characters that a built-in walks */
function charge(cost) {
  for (
    let left = cost > COST.most ? COST.most : cost;
    left >= COST.unitsPerTurn;
    left -= COST.unitsPerTurn
  );
}

/** @param {unknown} out */
function sizeOf(out) {
  return typeof out === 'string' ? out.length : isArray(out) ? out.length * COST.perEntry : 0;
}

/**
 * Puts a built-in in place of one that is charged for before it runs, and for what it gives.
 *
 * @param {object} owner
 * @param {string | symbol} name
 * @param {(self: any, args: any[]) => number} before
 */
function charged(owner, name, before) {
  const native = /** @type {Record<string | symbol, unknown>} */ (owner)[name];
  if (typeof native !== 'function') return;
  const { [/** @type {string} */ (name)]: guarded } = {
    /** @this {unknown} @param {any[]} args */
    [/** @type {string} */ (name)](...args) {
      charge(before(this, args));
      let done = false;
      try {
        const out = apply(native, this, args);
        done = true;
        charge(sizeOf(out));
        return out;
      } finally {
        // What it was doing is not known: mostly, it ran out of memory.
        if (!done) charge(COST.failedCall);
      }
    },
  };
  defineProperty(owner, name, { value: guarded });
}

/** @param {unknown} value */
function entriesOf(value) {
  return typeof value === 'string' || isArray(value)
    ? value.length * COST.perEntry
    : typeof value === 'object' && value !== null
      ? keys(value).length * COST.perName
      : 0;
}

let loading = true;
/** @param {Record<string, unknown>} names a module's bindings, frozen once it has run */
function keep(names) {
  if (!loading) throw new TypeError('the module has been loaded');
  for (const name of keys(names)) seal(names[name], name);
}

/** From now on nothing is frozen any more: the module has loaded. */
export function loaded() {
  loading = false;
}

/**
 * Freezes all a module can reach, takes away what would give it a clock or a way around, and keeps
 * built-ins from running on without asking whether they may.
 *
 * @param {object} k what models get
 */
export function guard(k) {
  /** @type {(string | symbol)[]} */
  const slow = ['sort', 'toSorted', 'join', 'toString', 'toLocaleString'];
  /** @type {(string | symbol)[]} */
  const cheap = ['constructor', 'push', 'pop'];
  for (const name of ownKeys(Array.prototype)) {
    if (cheap.includes(name)) continue;
    // Worked out here: a guarded built-in inside what guards it would call itself without end.
    const perEntry = (slow.includes(name) ? 20 : 1) * COST.perEntry;
    charged(Array.prototype, name, (array) => {
      if (!isArray(array)) throw new TypeError(String(name) + ' is for arrays only');
      if (array.length > COST.longestArray) {
        throw new RangeError('an array of more than ' + COST.longestArray + ' entries');
      }
      return array.length * perEntry;
    });
  }
  // A search compares from each place on: in the worst case the lengths multiply.
  /** @type {(string | symbol)[]} */
  const searches = ['indexOf', 'lastIndexOf', 'includes', 'split', 'replace', 'replaceAll'];
  /** @type {(string | symbol)[]} */
  const short = [
    ...['constructor', 'charAt', 'charCodeAt', 'codePointAt', 'at', 'toString', 'valueOf'],
  ];
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
  const typedArray = getPrototypeOf(Uint8Array).prototype;
  for (const name of ownKeys(typedArray)) {
    const d = getOwnPropertyDescriptor(typedArray, name);
    if (d?.value === undefined || name === 'constructor' || name === 'subarray') continue;
    charged(typedArray, name, (array) => (name === 'sort' ? array.length * 20 : array.length));
  }
  for (const name of ownKeys(Object)) {
    if (name !== 'is' && name !== 'getPrototypeOf') {
      charged(Object, name, (_, args) => entriesOf(args[0]) + entriesOf(args[1]));
    }
  }
  charged(Array, 'from', (_, [source]) => {
    const length = source === null || source === undefined ? 0 : +source.length;
    return length >= 0 ? length * COST.perEntry : 0;
  });
  charged(JSON, 'parse', (_, [text]) => (typeof text === 'string' ? text.length * 16 : 0));
  charged(JSON, 'stringify', (_, [value]) => entriesOf(value));
  const native = Array.prototype.concat;
  const { concat } = {
    /** @this {unknown} @param {unknown[]} args */
    concat(...args) {
      for (const arg of args) {
        if (
          typeof arg === 'object' &&
          arg !== null &&
          (!isArray(arg) || arg.length > COST.longestArray)
        ) {
          throw new TypeError('concat takes arrays and plain values');
        }
      }
      return apply(native, this, args);
    },
  };
  defineProperty(Array.prototype, 'concat', { value: concat });
  for (const [owner, names] of /** @type {[object, string[]][]} */ ([
    [Array.prototype, ['flat', 'flatMap']],
    [String, ['raw']],
    [
      globalThis,
      [
        ...['eval', 'Function', 'Promise', 'WeakRef', 'FinalizationRegistry', 'Proxy', 'RegExp'],
        ...['SharedArrayBuffer', 'Atomics', 'Date', 'performance', 'queueMicrotask', 'setTimeout'],
      ],
    ],
  ])) {
    for (const name of names) Reflect.deleteProperty(owner, name);
  }
  const kinds = [function () {}, function* () {}, async function () {}, async function* () {}];
  for (const code of kinds) {
    defineProperty(getPrototypeOf(code), 'constructor', { value: undefined });
  }
  defineProperty(globalThis, '__keep', { value: keep });
  seal(globalThis);
  seal(k);
}
