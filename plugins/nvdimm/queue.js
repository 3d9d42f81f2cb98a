// SPDX-License-Identifier: MIT
// Whose percpu reference counts the users of a namespace's pagemap. nd_pmem gave its request queue's
// q_usage_counter until 5.16, device-dax one of its own until 5.2; from then on it is the pagemap's.
import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @param {boolean} dax */
function brings(k, dax) {
  const kind = /** @type {string} */ (k.switch('pagemap_ref'));
  return kind.startsWith('driver') || (kind === 'optional' && !dax);
}

/**
 * The reference and the ops that a driver adds to its pagemap.
 * @param {Kernel} k @param {{ name: string, dax: boolean }} args
 * @returns {Steps<{ ref?: string, ops: readonly string[] } | number>}
 */
export function* pagemapRef(k, { name, dax }) {
  if (!brings(k, dax)) return { ops: [] };
  const ref = dax ? `${name} ref` : `${name} q_usage_counter`;
  const rc = yield k.percpu_ref_init({ ref });
  if (isError(rc)) return rc;
  return { ref, ops: k.switch('pagemap_ref') === 'driver' ? [] : ['kill', 'cleanup'] };
}

/** @param {Kernel} k @param {{ ref: string }} args @returns {Steps<number>} */
function* percpu_ref_freeze(k, { ref }) {
  const rc = yield k.percpu_ref_kill({ ref });
  return isError(rc) ? rc : 0;
}

/** @param {Kernel} k @param {{ ref: string }} args @returns {Steps<number>} */
function* drain(k, { ref }) {
  yield k.wait_for_completion({ ref });
  yield k.percpu_ref_exit({ ref });
  return 0;
}

/** @param {string} ref */
const isQueue = (ref) => ref.endsWith('q_usage_counter');

/** blk_freeze_queue_start() or percpu_ref_kill(): no new user from now on. @param {Kernel} k @param {{ ref: string }} args @returns {Steps<number>} */
export function* kill(k, { ref }) {
  if (!isQueue(ref)) {
    const source = 'drivers/dax/pmem.c';
    return yield k.fn('dax_pmem_percpu_kill', source, percpu_ref_freeze, { ref });
  }
  return yield k.fn('blk_freeze_queue_start', 'block/blk-mq.c', percpu_ref_freeze, { ref });
}

/** blk_cleanup_queue() or dax_pmem_percpu_exit(): until the last user is gone. @param {Kernel} k @param {{ ref: string }} args @returns {Steps<number>} */
export function* cleanup(k, { ref }) {
  if (!isQueue(ref)) {
    return yield k.fn('dax_pmem_percpu_exit', 'drivers/dax/pmem.c', drain, { ref });
  }
  return yield k.fn('blk_cleanup_queue', 'block/blk-core.c', drain, { ref });
}

/** Before 5.0 the driver itself kills the reference before the pagemap goes. @param {Kernel} k */
export const killsFirst = (k) => k.switch('pagemap_ref') === 'driver';

/** Before 5.2 nobody has waited when the memory is gone: the driver does it now. @param {Kernel} k */
export const waitsAfter = (k) => k.switch('pagemap_release') !== 'waits';
