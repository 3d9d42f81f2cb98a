import { Frame, refuse, told } from './frames.js';
import { guard } from './guards.js';
import { kernelOf } from './kernel.js';
import { draw, randomOf } from './random.js';
import { senderCode } from './sender.js';
import { adopt, begin, choose, learnEntry, offers, open, serve, session } from './sessions.js';

const MIN64 = -(2n ** 63n);
const MAX63 = 2n ** 63n;
const MAX64 = 2n ** 64n;
const { keys, defineProperty } = Object;
const isArray = Array.isArray;
const makeFunction = Function;
/**
 * @typedef {object} Given
 * @property {number} seed
 * @property {{ name: string, args: string[] }[]} services
 * @property {Record<string, number>} errnos
 * @property {{ folder: string }} facts
 * @property {object} arch
 */

/**
 * Runs in every VM before the model's module: builds `k`, freezes everything a module can reach, and
 * returns the functions the host calls. Values cross in a shared buffer of 8-byte slots, because a
 * call across the border costs ten times what a slot costs.
 *
 * @param {{ text(what: string): void, access(): void }} host
 * @param {ArrayBuffer} buffer
 * @param {Given} given
 */
export function prelude(host, buffer, { seed, services, errnos, facts, arch }) {
  const F = new Float64Array(buffer);
  const B = new BigInt64Array(buffer);
  const U = new BigUint64Array(buffer);

  let at = 0;
  let writing = false;
  /** Characters of the texts of this message that crossed. */
  let sent = 0;
  /** @type {{ '#request': number, args: unknown } | undefined} the request made last */
  let made;
  /** @type {typeof made} one made before it that was not yielded */
  let lost;
  /** @type {Map<string, number>} */
  const numbered = new Map();
  /** @type {string[]} */
  const incoming = [];
  /** @type {string[]} */
  let once = [];
  /** @type {(() => unknown)[]} */
  const shapes = [];

  /** @param {string} text */
  function putText(text) {
    let id = numbered.get(text);
    if (id === undefined) {
      // The length counts before anything is copied.
      sent += text.length;
      if (sent > LIMIT.messageText) {
        throw new RangeError('the value is too large to leave the model');
      }
      const keep = text.length <= LIMIT.keptText && numbered.size < LIMIT.keptTexts;
      F[LIMIT.textSlot] = keep ? 1 : 0;
      host.text(text);
      id = F[LIMIT.textSlot];
      if (keep) numbered.set(text, id);
    }
    F[at++] = id;
  }

  /** @param {any} v @param {number} depth */
  function put(v, depth) {
    if (at >= LIMIT.lastValueSlot) {
      throw new RangeError('the value is too large to leave the model');
    }
    switch (typeof v) {
      case 'number':
        if (v !== v || v === Infinity || v === -Infinity) {
          throw new RangeError(v + ' cannot leave the model');
        }
        F[at] = TAG.number;
        F[at + 1] = v === 0 ? 0 : v;
        at += 2;
        return;
      case 'string':
        F[at++] = TAG.text;
        putText(v);
        return;
      case 'boolean':
        F[at++] = v ? TAG.true : TAG.false;
        return;
      case 'undefined':
        F[at++] = TAG.nothing;
        return;
      case 'bigint':
        if (v >= MIN64 && v < MAX63) {
          F[at] = TAG.int64;
          B[at + 1] = v;
          at += 2;
          return;
        }
        if (v >= 0n && v < MAX64) {
          F[at] = TAG.uint64;
          U[at + 1] = v;
          at += 2;
          return;
        }
        throw new RangeError('a bigint of more than 64 bits cannot leave the model');
      case 'object':
        if (v === null) {
          F[at++] = TAG.null;
          return;
        }
        if (depth > 12) throw new RangeError('the value is nested too deeply to leave the model');
        if (isArray(v)) {
          const n = v.length;
          F[at] = TAG.list;
          F[at + 1] = n;
          at += 2;
          for (let i = 0; i < n; i++) put(v[i] === undefined ? null : v[i], depth + 1);
          return;
        }
        {
          const place = at + 1;
          F[at] = TAG.record;
          at += 2;
          let n = 0;
          const names = keys(v);
          for (let i = 0; i < names.length; i++) {
            const value = v[names[i]];
            if (value === undefined) continue;
            putText(names[i]);
            put(value, depth + 1);
            n++;
          }
          F[place] = n;
        }
        return;
      default:
        throw new TypeError('a ' + typeof v + ' cannot leave the model');
    }
  }

  function takeText() {
    const id = F[at++];
    return /** @type {string} */ (id < 0 ? once[-1 - id] : incoming[id]);
  }

  /** @returns {unknown} */
  function take() {
    const tag = F[at++];
    if (tag === TAG.number) return F[at++];
    if (tag === TAG.shaped) return shapes[F[at++]]();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.int64:
        return B[at++];
      case TAG.uint64:
        return U[at++];
      case TAG.text:
        return takeText();
      case TAG.list: {
        const n = F[at++];
        const list = [];
        for (let i = 0; i < n; i++) list[i] = take();
        return list;
      }
      case TAG.record: {
        const n = F[at++];
        /** @type {Record<string, unknown>} */
        const record = {};
        for (let i = 0; i < n; i++) {
          const key = takeText();
          const value = take();
          if (key === '__proto__') defineProperty(record, key, { value, enumerable: true });
          else record[key] = value;
        }
        return record;
      }
      default:
        return undefined;
    }
  }

  /** @param {number} service @returns {(args: unknown) => void} */
  function sender(service) {
    const names = wanted[service];
    if (names.length > 0) {
      return makeFunction(
        'F',
        'keys',
        'putRequest',
        senderCode(service, names),
      )(F, keys, putRequest);
    }
    return (args) => {
      putRequest(service, args);
    };
  }

  /** @param {number} service @param {any} args */
  function putRequest(service, args) {
    const names = wanted[service];
    if (typeof args === 'object' && args !== null && !isArray(args)) {
      F[0] = EVENT.request;
      F[1] = service;
      at = 2;
      let given = 0;
      for (let i = 0; i < names.length; i++) {
        const v = args[names[i]];
        if (typeof v === 'number' && v - v === 0) {
          F[at] = TAG.number;
          F[at + 1] = v === 0 ? 0 : v;
          at += 2;
          given++;
        } else if (v === undefined) {
          F[at++] = TAG.nothing;
          if (names[i] in args) given++;
        } else {
          put(v, 1);
          given++;
        }
      }
      if (keys(args).length === given) return;
    }
    F[0] = EVENT.odd;
    F[1] = service;
    at = 2;
    put(args, 0);
  }

  /** @param {number} op @param {string} name @param {number} index @param {unknown} [value] */
  function access(op, name, index, value) {
    if (writing) {
      throw new TypeError('registers cannot be reached while a value leaves the model');
    }
    at = 0;
    sent = 0;
    F[at++] = op;
    putText(String(name));
    F[at++] = +index;
    if (typeof value === 'object') {
      writing = true;
      try {
        put(value, 0);
      } finally {
        writing = false;
      }
    } else put(value, 0);
    host.access();
    at = 0;
    const fault = F[at++];
    const answer = take();
    if (once.length > 0) once = [];
    if (fault === 1) throw new TypeError(/** @type {string} */ (answer));
    return answer;
  }

  const k = kernelOf(access, { E: errnos, device: facts, arch });
  const wanted = services.map((service) => service.args);
  const senders = services.map((_, id) => sender(id));
  services.forEach((service, id) => {
    k[service.name] = (/** @type {unknown} */ args) => {
      if (made !== undefined) lost = made;
      made = { '#request': id, args: args === undefined ? {} : args };
      return made;
    };
  });

  const loading = { random: randomOf(seed, 1) };
  Math.random = () => draw(session ?? loading);
  guard(k);
  serve(k);

  /** A request asks nothing until it is yielded: one that was not is a mistake. */
  function unasked() {
    const left = lost ?? made;
    made = lost = undefined;
    F[0] = EVENT.unasked;
    F[1] = left?.['#request'] ?? 0;
  }

  /** @param {unknown} value */
  function leave(value) {
    const { stack } = session;
    session.top = stack.length > 0 ? stack.pop() : undefined;
    session.out = value;
    F[0] = session.top !== undefined ? EVENT.leave : EVENT.done;
    at = 1;
    writing = true;
    put(value, 0);
    if (typeof value === 'number' && value < 0 && value === session.errno) {
      F[at++] = 1;
      putText(session.check);
    } else F[at++] = 0;
  }

  /** @param {object} value */
  function enter(value) {
    if (!(value instanceof Frame)) refuse(value);
    const { name, source, basis, args, fn } = value;
    const { stack } = session;
    if (stack.length + 1 >= LIMIT.frames) {
      throw new RangeError('calls more than ' + LIMIT.frames + ' frames deep');
    }
    const inner = begin(fn, name, args);
    stack[stack.length] = /** @type {Generator} */ (session.top);
    session.top = inner;
    session.out = undefined;
    F[0] = EVENT.enter;
    at = 1;
    putText(name);
    putText(source);
    F[at++] = basis;
    put(args, 0);
  }

  return {
    /** Runs the session that the question in the buffer means up to what it yields next. */
    pump() {
      const op = F[0];
      sent = 0;
      try {
        /** @type {unknown} */
        let input = F[1];
        if (op !== OP.resume) {
          const id = F[1];
          if (op === OP.start) {
            at = 3;
            open(id, F[2], take(), randomOf(seed, id));
            input = undefined;
          } else {
            if (session === undefined || session.id !== id) choose(id);
            at = 2;
            input = op === OP.result ? take() : session.out;
          }
          if (once.length > 0) once = [];
        }
        const step = /** @type {Generator} */ (session.top).next(input);
        const value = step.value;
        if (made !== undefined) {
          if (lost !== undefined || value !== made || step.done) return unasked();
          made = undefined;
        }
        if (step.done) leave(value);
        else if (typeof value === 'object' && value !== null) {
          const service = value['#request'];
          writing = true;
          if (typeof service !== 'number') enter(value);
          else if (service < senders.length) senders[service](value.args);
          else refuse(value);
        } else refuse(value);
        writing = false;
      } catch (e) {
        writing = false;
        made = lost = undefined;
        sent = 0;
        F[0] = EVENT.trap;
        at = 1;
        putText(told(e, facts.folder));
      }
    },
    ...{ adopt, offers, learnEntry },
    /** @param {string} text names of a record, as JSON */
    learnShape(text) {
      /** @type {string[]} */
      const names = JSON.parse(text);
      const fields = names.map((name) => JSON.stringify(name) + ': take()').join(', ');
      shapes.push(makeFunction('take', `'use strict'; return () => ({ ${fields} });`)(take));
    },
    learn: (/** @type {string} */ text) => incoming.push(text),
    learnOnce: (/** @type {string} */ text) => once.push(text),
  };
}
