// SPDX-License-Identifier: MIT
// The reference a driver brings (4.5 to 5.16), in the order in which drivers/dax/pmem.c let go of its
// own: killed before the memory goes, waited for after it, and from 5.0 and 5.2 on through the callbacks.
import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @param {string} name @returns {Steps<any>} the reference's name, or an errno */
export function* makeRef(k, name) {
  const ref = `${k.device.id} ${name} ref`;
  const rc = yield k.percpu_ref_init({ ref });
  return isError(rc) ? rc : ref;
}

/** @param {Kernel} k @param {{ ref: string }} args @returns {Steps} */
export function* kill(k, { ref }) {
  return yield k.percpu_ref_kill({ ref });
}

/** @param {Kernel} k @param {{ ref: string }} args @returns {Steps} */
export function* cleanup(k, { ref }) {
  yield k.wait_for_completion({ ref });
  yield k.percpu_ref_exit({ ref });
}

/**
 * Lets go of a reference around what takes the memory away.
 * @param {Kernel} k @param {string} ref '' for none @param {() => Steps<any>} unmap @returns {Steps<any>}
 */
export function* dropRef(k, ref, unmap) {
  if (ref !== '' && k.switch('pagemap_ref') === 'driver') yield k.percpu_ref_kill({ ref });
  const rc = yield* unmap();
  if (isError(rc)) return rc;
  if (ref !== '' && k.switch('pagemap_release') !== 'waits') yield* cleanup(k, { ref });
  return 0;
}
