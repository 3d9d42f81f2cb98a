// SPDX-License-Identifier: MIT
// Requests of the driver and what the hypervisor answers.
import { VIRTIO_MEM, patchVm, vm } from './blocks.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @typedef {{ addr: bigint, size: bigint }} Piece */

/** The hypervisor: busy while it says so, and never more memory than it asked for. @param {Kernel} k @param {bigint} plugged bytes after the request */
function answer(k, plugged) {
  if (k.read('host_busy') === true) return 'BUSY';
  return plugged > /** @type {bigint} */ (k.read('requested_size')) && plugged > vm(k).plugged_size
    ? 'NACK'
    : 'ACK';
}

/** @param {Kernel} k @param {string} said @returns {number} */
function errnoOf(k, said) {
  if (said === 'NACK') return k.fail(k.E.EAGAIN, 'VIRTIO_MEM_RESP_NACK');
  return k.fail(k.E.ETXTBSY, 'VIRTIO_MEM_RESP_BUSY');
}

/** @param {Kernel} k @param {Piece} piece @returns {Steps<number>} */
function* virtio_mem_send_plug_request(k, { size }) {
  const { plugged_size, config_changed } = vm(k);
  if (config_changed) return k.fail(k.E.EAGAIN, 'atomic_read(&vm->config_changed)');
  const said = answer(k, plugged_size + size);
  if (said !== 'ACK') return errnoOf(k, said);
  patchVm(k, { plugged_size: plugged_size + size });
  return 0;
}

/** @param {Kernel} k @param {Piece} piece @returns {Steps<number>} */
function* virtio_mem_send_unplug_request(k, { size }) {
  const { plugged_size, config_changed } = vm(k);
  if (config_changed) return k.fail(k.E.EAGAIN, 'atomic_read(&vm->config_changed)');
  const said = answer(k, plugged_size - size);
  if (said !== 'ACK') return errnoOf(k, said);
  patchVm(k, { plugged_size: plugged_size - size });
  return 0;
}

/** @param {Kernel} k @param {Piece} piece @returns {Steps<number>} */
export function* plug(k, piece) {
  return yield k.fn(
    'virtio_mem_send_plug_request',
    VIRTIO_MEM,
    virtio_mem_send_plug_request,
    /** @type {never} */ (piece),
  );
}

/** @param {Kernel} k @param {Piece} piece @returns {Steps<number>} */
export function* unplug(k, piece) {
  return yield k.fn(
    'virtio_mem_send_unplug_request',
    VIRTIO_MEM,
    virtio_mem_send_unplug_request,
    /** @type {never} */ (piece),
  );
}
