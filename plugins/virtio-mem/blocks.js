// SPDX-License-Identifier: MIT
// The driver's own records: struct virtio_mem, and the state of every block of the device.

/** @import { Kernel } from '../api.d.ts' */

/**
 * struct virtio_mem, as the register `vm` holds it. Bytes.
 * @typedef {object} Vm
 * @property {bigint} addr
 * @property {bigint} region_size
 * @property {bigint} device_block_size
 * @property {bigint} memory_block a Linux memory block
 * @property {boolean} in_sbm sub-block mode, not big-block mode
 * @property {bigint} sb_size
 * @property {number} sbs_per_mb
 * @property {bigint} unit what is added and removed: a memory block, or a big block
 * @property {number} first first block of the device
 * @property {number} next the next block to prepare
 * @property {number} last last usable block
 * @property {number} nid
 * @property {number} mgid -1 without a memory group
 * @property {number} resource
 * @property {bigint} requested_size
 * @property {bigint} plugged_size
 * @property {bigint} offline_size
 * @property {bigint} offline_threshold
 * @property {boolean} have_unplugged_mb
 * @property {boolean} config_changed
 * @property {boolean} hotplug_active
 * @property {boolean} broken
 */

/**
 * A memory block or big block; `plugged` has a 1 or a 0 for each of its sub-blocks.
 * @typedef {{ state: string, plugged: string }} Block
 */

export const VIRTIO_MEM = 'drivers/virtio/virtio_mem.c';
/** Blocks the model keeps. */
export const SLOTS = 512;
export const MUTEX = { name: 'hotplug_mutex' };

/** @param {unknown} value @returns {value is number} */
export const isError = (value) => typeof value === 'number' && value < 0;
/** @param {bigint} a @param {bigint} b */
export const larger = (a, b) => (a > b ? a : b);

/** @param {Kernel} k @returns {Vm} */
export const vm = (k) => /** @type {Vm} */ (k.read('vm'));
/** @param {Kernel} k @param {Partial<Vm>} change */
export const patchVm = (k, change) => k.write('vm', /** @type {never} */ ({ ...vm(k), ...change }));

/** @param {Kernel} k @param {number} id @returns {Block} */
export function blockAt(k, id) {
  return (
    /** @type {Block | null} */ (k.read('blocks', id - vm(k).first)) ?? {
      state: 'UNUSED',
      plugged: '',
    }
  );
}
/** @param {Kernel} k @param {number} id @param {Partial<Block>} change */
export function patchBlock(k, id, change) {
  k.write('blocks', id - vm(k).first, { ...blockAt(k, id), ...change });
}

/** First byte of a block. @param {Kernel} k @param {number} id */
export const addressOf = (k, id) => BigInt(id) * vm(k).unit;
/** First page of a sub-block. @param {Kernel} k @param {number} id @param {number} sb */
export const pfnOf = (k, id, sb = 0) =>
  Number((addressOf(k, id) + BigInt(sb) * vm(k).sb_size) >> BigInt(k.arch.page_shift));
/** Pages in so many bytes. @param {Kernel} k @param {bigint} bytes */
export const pagesIn = (k, bytes) => Number(bytes >> BigInt(k.arch.page_shift));

/** Blocks in a state, by number. @param {Kernel} k @param {string} state */
export function blocksIn(k, state) {
  const { first, next } = vm(k);
  const all = Array.from({ length: next - first }, (_, i) => first + i);
  return all.filter((id) => blockAt(k, id).state === state);
}

/** Are these sub-blocks all plugged (`1`) or all unplugged (`0`)? @param {Kernel} k @param {number} id @param {string} as @param {number} from @param {number} count */
export function allAre(k, id, as, from = 0, count = vm(k).sbs_per_mb) {
  return blockAt(k, id).plugged.slice(from, from + count) === as.repeat(count);
}

/** @param {Kernel} k @param {number} id @param {number} from @param {number} count @param {string} as */
export function mark(k, id, from, count, as) {
  const { plugged } = blockAt(k, id);
  patchBlock(k, id, {
    plugged: plugged.slice(0, from) + as.repeat(count) + plugged.slice(from + count),
  });
}
