const { getPrototypeOf, keys, freeze, defineProperty } = Object;
const { ownKeys, getOwnPropertyDescriptor } = Reflect;

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

let loading = true;
/** @param {Record<string, unknown>} names a module's bindings, frozen once it has run */
export function keep(names) {
  if (!loading) throw new TypeError('the module has been loaded');
  for (const name of keys(names)) seal(names[name], name);
}

/** From now on nothing is frozen any more: the module has loaded. */
export function loaded() {
  loading = false;
}

/**
 * Freezes all a module can reach, and takes away what would give it a clock or a way around. What
 * built-ins do natively is counted below JavaScript, so they are left as they are.
 *
 * @param {object} k what models get
 */
export function guard(k) {
  for (const name of [
    ...['eval', 'Function', 'Promise', 'WeakRef', 'FinalizationRegistry', 'Proxy', 'RegExp'],
    ...['SharedArrayBuffer', 'Atomics', 'Date', 'performance', 'queueMicrotask', 'setTimeout'],
  ]) {
    Reflect.deleteProperty(globalThis, name);
  }
  const kinds = [function () {}, function* () {}, async function () {}, async function* () {}];
  for (const code of kinds) {
    defineProperty(getPrototypeOf(code), 'constructor', { value: undefined });
  }
  seal(globalThis);
  seal(k);
}
