import { Frame } from './frames.js';
import { session } from './sessions.js';

/**
 * What a model gets besides services: `k` without them.
 *
 * @param {(op: number, name: string, index: number, value?: unknown) => unknown} access
 * @param {object} given constants
 * @returns {Record<string, unknown>}
 */
export function kernelOf(access, given) {
  return {
    ...given,
    read(/** @type {string} */ name, index = 0) {
      return access(ACCESS.read, name, index);
    },
    write(/** @type {string} */ name, /** @type {any} */ a, /** @type {unknown} */ b) {
      if (b === undefined) access(ACCESS.write, name, 0, a);
      else access(ACCESS.write, name, a, b);
    },
    log(/** @type {string} */ level, /** @type {unknown} */ text) {
      access(ACCESS.log, level, 0, String(text).slice(0, LIMIT.line));
    },
    note(/** @type {unknown} */ text) {
      access(ACCESS.note, '', 0, String(text).slice(0, LIMIT.line));
    },
    switch(/** @type {string} */ name) {
      return access(ACCESS.era, name, 0);
    },
    config(/** @type {string} */ name) {
      return access(ACCESS.config, name, 0);
    },
    fail(/** @type {number} */ errno, /** @type {unknown} */ check) {
      const value = -Math.abs(errno);
      session.errno = value;
      session.check = String(check);
      return value;
    },
    /** @type {(name: unknown, source: unknown, fn: unknown, args: unknown, options?: { basis?: string }) => Frame} */
    fn(name, source, fn, args, options) {
      const basis = options !== undefined && options.basis === 'model' ? 1 : 0;
      return new Frame(String(name), String(source), fn, args === undefined ? {} : args, basis);
    },
  };
}
