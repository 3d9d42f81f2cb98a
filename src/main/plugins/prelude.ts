import { ERRNO } from './errno.ts';

/** Slots (8 bytes) of the buffer that values cross in, both ways. */
export const MAILBOX_SLOTS = 8192;

/** Kernel functions a model may have entered at a time, one inside the other. */
export const MAX_FRAMES = 64;

/** Entries of an array that built-ins still walk. */
export const LONGEST_ARRAY = 1_000_000;

/** Strings up to this length are numbered once and then cross as a number. */
export const KEPT_TEXT = 64;
export const KEPT_TEXTS = 4096;

/** Tags before a value in the mailbox. */
export const TAG = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  int64: 4,
  uint64: 5,
  list: 6,
  record: 7,
  text: 8,
  nothing: 9,
  /** A record whose names, in this order, crossed before. */
  shaped: 10,
} as const;

/** What the host asks of the VM, in slot 0. */
export const OP = { start: 1, result: 2, go: 3 } as const;
/** What the VM answers, in slot 0; `odd` is a request whose arguments are not the known ones. */
export const EVENT = { request: 10, enter: 11, leave: 12, done: 13, trap: 14, odd: 15 } as const;
export const FIRST_EVENT = EVENT.request;
/** What a model reaches directly, in slot 0. */
export const ACCESS = { read: 1, write: 2, log: 3, note: 4, era: 5, config: 6 } as const;

/**
 * Runs in every VM before the model's module: builds `k`, freezes everything a module can reach,
 * and returns the functions the host calls. Values cross in a shared buffer of 8-byte slots,
 * because a call across the border costs ten times what a slot costs.
 */
export const PRELUDE = `(function (host, buffer, seed, services, errnos, facts, arch) {
'use strict';
const F = new Float64Array(buffer), B = new BigInt64Array(buffer), U = new BigUint64Array(buffer);
const MIN64 = -(2n ** 63n), MAX63 = 2n ** 63n, MAX64 = 2n ** 64n;
const FunctionOfGenerators = Object.getPrototypeOf(function* () {});
const { getPrototypeOf, keys, freeze, defineProperty } = Object;
const { ownKeys, getOwnPropertyDescriptor } = Reflect;
const isArray = Array.isArray;

let at = 0, writing = false;
const numbered = new Map();
const incoming = [];
let once = [];
const shapes = [];

function putText(text) {
  let id = numbered.get(text);
  if (id === undefined) {
    if (text.length <= ${KEPT_TEXT} && numbered.size < ${KEPT_TEXTS}) {
      id = host.text(text, true);
      numbered.set(text, id);
    } else id = host.text(text, false);
  }
  F[at++] = id;
}
function put(v, depth) {
  if (at >= ${MAILBOX_SLOTS - 8}) throw new RangeError('the value is too large to leave the model');
  switch (typeof v) {
    case 'number':
      if (v !== v || v === Infinity || v === -Infinity) throw new RangeError(v + ' cannot leave the model');
      F[at] = ${TAG.number}; F[at + 1] = v === 0 ? 0 : v; at += 2; return;
    case 'string': F[at++] = ${TAG.text}; putText(v); return;
    case 'boolean': F[at++] = v ? ${TAG.true} : ${TAG.false}; return;
    case 'undefined': F[at++] = ${TAG.nothing}; return;
    case 'bigint':
      if (v >= MIN64 && v < MAX63) { F[at] = ${TAG.int64}; B[at + 1] = v; at += 2; return; }
      if (v >= 0n && v < MAX64) { F[at] = ${TAG.uint64}; U[at + 1] = v; at += 2; return; }
      throw new RangeError('a bigint of more than 64 bits cannot leave the model');
    case 'object':
      if (v === null) { F[at++] = ${TAG.null}; return; }
      if (depth > 12) throw new RangeError('the value is nested too deeply to leave the model');
      if (isArray(v)) {
        const n = v.length;
        F[at] = ${TAG.list}; F[at + 1] = n; at += 2;
        for (let i = 0; i < n; i++) put(v[i] === undefined ? null : v[i], depth + 1);
        return;
      }
      {
        const place = at + 1;
        F[at] = ${TAG.record}; at += 2;
        let n = 0;
        const names = keys(v);
        for (let i = 0; i < names.length; i++) {
          const value = v[names[i]];
          if (value === undefined) continue;
          putText(names[i]); put(value, depth + 1); n++;
        }
        F[place] = n;
      }
      return;
    default: throw new TypeError('a ' + typeof v + ' cannot leave the model');
  }
}
function takeText() {
  const id = F[at++];
  return id < 0 ? once[-1 - id] : incoming[id];
}
function take() {
  const tag = F[at++];
  if (tag === ${TAG.number}) return F[at++];
  if (tag === ${TAG.shaped}) {
    const names = shapes[F[at++]], record = {};
    for (let i = 0; i < names.length; i++) record[names[i]] = take();
    return record;
  }
  switch (tag) {
    case ${TAG.null}: return null;
    case ${TAG.false}: return false;
    case ${TAG.true}: return true;
    case ${TAG.int64}: return B[at++];
    case ${TAG.uint64}: return U[at++];
    case ${TAG.text}: return takeText();
    case ${TAG.list}: {
      const n = F[at++], list = [];
      for (let i = 0; i < n; i++) list[i] = take();
      return list;
    }
    case ${TAG.record}: {
      const n = F[at++], record = {};
      for (let i = 0; i < n; i++) {
        const key = takeText(), value = take();
        if (key === '__proto__') defineProperty(record, key, { value, enumerable: true });
        else record[key] = value;
      }
      return record;
    }
    default: return undefined;
  }
}

const SERVICE = Symbol('service');
class Frame {
  constructor(name, source, fn, args, basis) {
    this.name = name; this.source = source; this.fn = fn; this.args = args; this.basis = basis;
  }
}
// The usual request has known arguments only: their values follow in the service's own order.
function putRequest(service, args) {
  const names = wanted[service];
  if (typeof args === 'object' && args !== null && !isArray(args)) {
    F[0] = ${EVENT.request}; F[1] = service; at = 2;
    let given = 0;
    for (let i = 0; i < names.length; i++) {
      const v = args[names[i]];
      if (typeof v === 'number' && v - v === 0) { F[at] = ${TAG.number}; F[at + 1] = v === 0 ? 0 : v; at += 2; given++; }
      else if (v === undefined) { F[at++] = ${TAG.nothing}; if (names[i] in args) given++; }
      else { put(v, 1); given++; }
    }
    if (keys(args).length === given) return;
  }
  F[0] = ${EVENT.odd}; F[1] = service; at = 2;
  put(args, 0);
}

function access(op, name, index, value) {
  if (writing) throw new TypeError('registers cannot be reached while a value leaves the model');
  at = 0;
  F[at++] = op; putText(String(name)); F[at++] = +index;
  if (typeof value === 'object') {
    writing = true;
    try { put(value, 0); } finally { writing = false; }
  } else put(value, 0);
  host.access();
  at = 0;
  const fault = F[at++];
  const answer = take();
  if (once.length > 0) once = [];
  if (fault === 1) throw new TypeError(answer);
  return answer;
}

let session;
const k = {
  E: errnos,
  device: facts,
  arch,
  read(name, index = 0) { return access(${ACCESS.read}, name, index); },
  write(name, a, b) {
    if (b === undefined) access(${ACCESS.write}, name, 0, a);
    else access(${ACCESS.write}, name, a, b);
  },
  log(level, text) { access(${ACCESS.log}, level, 0, String(text)); },
  note(text) { access(${ACCESS.note}, '', 0, String(text)); },
  switch(name) { return access(${ACCESS.era}, name, 0); }, config(name) { return access(${ACCESS.config}, name, 0); },
  fail(errno, check) {
    const value = -Math.abs(errno);
    session.errno = value; session.check = String(check);
    return value;
  },
  fn(name, source, fn, args, options) {
    return new Frame(String(name), String(source), fn, args === undefined ? {} : args,
      options !== undefined && options.basis === 'model' ? 1 : 0);
  },
};
const wanted = services.map((service) => service.args);
services.forEach((service, id) => {
  k[service.name] = (args) => ({ [SERVICE]: id, args: args === undefined ? {} : args });
});

let state = seed >>> 0;
Math.random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const seen = new Set();
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
seal(k);

let model;
function adopt(models, id) {
  loading = false;
  model = models === undefined || models === null ? undefined : models[id];
  if (typeof model !== 'object' || model === null) return 'it exports no models.' + id;
  return '';
}
function offers(kind, name) {
  const table = model[kind];
  const fn = typeof table === 'object' && table !== null ? table[name] : undefined;
  return typeof fn === 'function' && getPrototypeOf(fn) === FunctionOfGenerators;
}
function begin(fn, name, args) {
  if (typeof fn !== 'function' || getPrototypeOf(fn) !== FunctionOfGenerators) {
    throw new TypeError(name + ' is not a generator function');
  }
  return fn(k, args);
}
function told(e) {
  try {
    if (e instanceof Error) {
      const where = String(e.stack).split('\\n').find((line) => line.includes(facts.folder));
      return e.name + ': ' + e.message + (where === undefined ? '' : ' (' + where.trim() + ')');
    }
    return 'threw ' + String(e);
  } catch { return 'threw something that cannot be shown'; }
}
function shown(v) {
  return v === null ? 'null' : typeof v === 'object' ? 'an object' : typeof v === 'function' ? 'a function' : String(v);
}

const entries = [];
function learnEntry(text) {
  const [kind, name] = JSON.parse(text), table = model[kind];
  entries.push({ name, fn: table === undefined ? undefined : table[name] });
}

// The session that runs, or ran last; others wait in the map while actors take turns.
const sessions = new Map();
function setAside() {
  if (session !== undefined && session.stack.length > 0) sessions.set(session.id, session);
}
function open(id, entry, args) {
  if (session === undefined || session.stack.length > 0) {
    setAside();
    session = { id, stack: [], out: undefined, errno: 0, check: '' };
  } else {
    session.id = id; session.out = undefined; session.errno = 0;
  }
  session.stack.push(begin(entries[entry].fn, entries[entry].name, args));
}
function choose(id) {
  setAside();
  session = sessions.get(id);
  sessions.delete(id);
}
function pump() {
  const op = F[0], id = F[1];
  at = 2;
  try {
    let input;
    if (op === ${OP.start}) {
      const entry = F[at++];
      open(id, entry, take());
    } else {
      if (session === undefined || session.id !== id) choose(id);
      input = op === ${OP.result} ? take() : session.out;
    }
    if (once.length > 0) once = [];
    const stack = session.stack;
    const step = stack[stack.length - 1].next(input);
    const value = step.value;
    writing = true;
    if (step.done) {
      stack.length--;
      session.out = value;
      F[0] = stack.length > 0 ? ${EVENT.leave} : ${EVENT.done}; at = 1;
      put(value, 0);
      if (typeof value === 'number' && value < 0 && value === session.errno) { F[at++] = 1; putText(session.check); }
      else F[at++] = 0;
    } else if (typeof value === 'object' && value !== null) {
      const service = value[SERVICE];
      if (service !== undefined) putRequest(service, value.args);
      else if (value instanceof Frame) enter(value);
      else refuse(value);
    } else refuse(value);
    writing = false;
  } catch (e) {
    writing = false;
    F[0] = ${EVENT.trap}; at = 1;
    putText(told(e));
  }
}
function enter({ name, source, basis, args, fn }) {
  const { stack } = session;
  if (stack.length >= ${MAX_FRAMES}) throw new RangeError('calls more than ${MAX_FRAMES} frames deep');
  stack.push(begin(fn, name, args));
  session.out = undefined;
  F[0] = ${EVENT.enter}; at = 1;
  putText(name); putText(source); F[at++] = basis; put(args, 0);
}
function refuse(value) {
  throw new TypeError('yielded ' + shown(value) + ' where a request such as k.memremap_pages({ ... }) is due');
}
return {
  pump, adopt, offers, learnEntry,
  learn(text) { incoming.push(text); },
  learnOnce(text) { once.push(text); },
  learnShape(text) { shapes.push(JSON.parse(text)); },
};
})`;

export const ERRNO_SOURCE = JSON.stringify(ERRNO);
