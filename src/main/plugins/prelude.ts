import { ERRNO } from './errno.ts';
import { GUARDS } from './prelude-guards.ts';

/** Slots (8 bytes) of the buffer that values cross in, both ways. */
export const MAILBOX_SLOTS = 8192;

/** Kernel functions a model may have entered at a time, one inside the other. */
export const MAX_FRAMES = 64;

/** Requests of a service whose arguments are all looked at for unknown names; then every 16th. */
export const CHECKED_REQUESTS = 256;
export const CHECKED_AGAIN = 16;

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
/**
 * What the VM answers, in slot 0. `numbers`: a request with all its known arguments, all of them
 * numbers, which follow without tags; `odd`: one whose arguments are not the known ones.
 */
export const EVENT = {
  request: 10,
  enter: 11,
  leave: 12,
  done: 13,
  trap: 14,
  odd: 15,
  numbers: 16,
} as const;
export const FIRST_EVENT = EVENT.request;
/** What a model reaches directly, in slot 0. */
export const ACCESS = { read: 1, write: 2, log: 3, note: 4, era: 5, config: 6 } as const;

/** What a generator stopped with: told to the host. It stands twice, as a call costs as much as it. */
const ADVANCE = `    if (step.done) leave(value);
    else if (typeof value === 'object' && value !== null) {
      const service = value['#request'];
      writing = true;
      if (typeof service !== 'number') enter(value);
      else if (service < senders.length) senders[service](value.args);
      else refuse(value);
    } else refuse(value);
    writing = false;`;

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
const makeFunction = Function;

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
    return shapes[F[at++]]();
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

class Frame {
  constructor(name, source, fn, args, basis) {
    this.name = name; this.source = source; this.fn = fn; this.args = args; this.basis = basis;
  }
}
// A request has known arguments, mostly numbers: their values follow in the service's own order. The
// code is made for each service, since a property by a name in the code costs a third of one by a
// name in a variable. Names that the service does not know are looked for in the first requests and
// then now and again: that costs as much as all the rest.
function sender(service) {
  const names = wanted[service];
  if (names.length === 0) return (args) => { putRequest(service, args); };
  const vars = names.map((name, i) => 'v' + i), list = vars.join(', ');
  const read = names.map((name, i) => 'v' + i + ' = args[' + JSON.stringify(name) + ']').join(', ');
  const text = vars.map((v) => 'typeof ' + v + " === 'number'").join(' && ');
  const finite = vars.map((v) => '(' + v + ' - ' + v + ')').join(' + ');
  const write = vars.map((v, i) => 'F[' + (i + 2) + '] = ' + v + ';').join(' ');
  return makeFunction('F', 'keys', 'putRequest', '"use strict"; let asked = 0; return (args) => {' +
    'if (args === null) return putRequest(' + service + ', args);' +
    'const ' + read + ';' +
    'if (' + text + ' && ' + finite + ' === 0) {' +
    'asked++;' +
    'if ((asked > ${CHECKED_REQUESTS} && asked % ${CHECKED_AGAIN} !== 0) || keys(args).length === ' + names.length + ') {' +
    'F[0] = ${EVENT.numbers}; F[1] = ' + service + ';' + write + 'return; } }' +
    'putRequest(' + service + ', args); };')(F, keys, putRequest);
}
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
const senders = services.map((service, id) => sender(id));
services.forEach((service, id) => {
  k[service.name] = (args) => ({ '#request': id, args: args === undefined ? {} : args });
});

let state = seed >>> 0;
Math.random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

${GUARDS}
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
  return isGeneratorFunction(fn);
}
function isGeneratorFunction(fn) {
  return typeof fn === 'function' && getPrototypeOf(fn) === FunctionOfGenerators;
}
function begin(fn, name, args) {
  if (!isGeneratorFunction(fn)) throw new TypeError(name + ' is not a generator function');
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
  const fn = table === undefined ? undefined : table[name];
  entries.push(isGeneratorFunction(fn) ? fn : (k, args) => begin(fn, name, args));
}
function learnShape(text) {
  const names = JSON.parse(text);
  const fields = names.map((name) => JSON.stringify(name) + ': take()').join(', ');
  shapes.push(makeFunction('take', '"use strict"; return () => ({' + fields + '});')(take));
}

// The session that runs, or ran last; others wait in the map while actors take turns. Its callers
// stand on the stack, the innermost function called top.
const sessions = new Map();
function setAside() {
  if (session !== undefined && session.top !== undefined) sessions.set(session.id, session);
}
function open(id, entry, args) {
  if (session === undefined || session.top !== undefined) {
    setAside();
    session = { id, top: undefined, stack: [], out: undefined, errno: 0, check: '' };
  } else {
    session.id = id; session.out = undefined; session.errno = 0;
  }
  session.top = entries[entry](k, args);
}
function choose(id) {
  setAside();
  session = sessions.get(id);
  sessions.delete(id);
}
function pump() {
  const op = F[0], id = F[1];
  try {
    let input;
    if (op === ${OP.start}) {
      at = 3;
      open(id, F[2], take());
    } else {
      if (session === undefined || session.id !== id) choose(id);
      if (op !== ${OP.result}) input = session.out;
      else { at = 2; input = take(); }
    }
    if (once.length > 0) once = [];
    const step = session.top.next(input), value = step.value;
${ADVANCE}
  } catch (e) { trapped(e); }
}
// The session that ran last goes on with a number: what most requests come back with.
function resume() {
  try {
    const step = session.top.next(F[1]), value = step.value;
${ADVANCE}
  } catch (e) { trapped(e); }
}
function trapped(e) {
  writing = false;
  F[0] = ${EVENT.trap}; at = 1;
  putText(told(e));
}
function leave(value) {
  const { stack } = session;
  session.top = stack.length > 0 ? stack.pop() : undefined;
  session.out = value;
  F[0] = session.top !== undefined ? ${EVENT.leave} : ${EVENT.done};
  at = 1;
  writing = true;
  put(value, 0);
  if (typeof value === 'number' && value < 0 && value === session.errno) { F[at++] = 1; putText(session.check); }
  else F[at++] = 0;
}
function enter(value) {
  if (!(value instanceof Frame)) refuse(value);
  const { name, source, basis, args, fn } = value;
  const { stack } = session;
  if (stack.length + 1 >= ${MAX_FRAMES}) throw new RangeError('calls more than ${MAX_FRAMES} frames deep');
  const inner = begin(fn, name, args);
  stack[stack.length] = session.top;
  session.top = inner;
  session.out = undefined;
  F[0] = ${EVENT.enter}; at = 1;
  putText(name); putText(source); F[at++] = basis; put(args, 0);
}
function refuse(value) {
  throw new TypeError('yielded ' + shown(value) + ' where a request such as k.memremap_pages({ ... }) is due');
}
return {
  pump, resume, adopt, offers, learnEntry, learnShape,
  learn(text) { incoming.push(text); },
  learnOnce(text) { once.push(text); },
};
})`;

export const ERRNO_SOURCE = JSON.stringify(ERRNO);
