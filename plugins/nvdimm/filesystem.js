// SPDX-License-Identifier: MIT
// What mount(8) does with the disk of a namespace.
import { isError } from 'pfnlab:runs';
import { at, slotOf } from './namespace.js';

/** @import { Kernel, Steps, Value } from '../api.d.ts' */

/** The disk of a namespace, or why there is none. @param {Kernel} k @param {string} child */
function diskOf(k, child) {
  const index = slotOf(child);
  const ns = index < 0 ? null : at(k, index);
  if (ns === null) return k.fail(k.E.ENODEV, `there is no ${child}`);
  if (ns.blockdev !== '') return ns.blockdev;
  const why = ns.state === 'enabled' ? `a ${ns.mode} namespace has none` : 'it is disabled';
  return k.fail(k.E.ENODEV, `${ns.name} has no block device: ${why}`);
}

/**
 * @param {Kernel} k
 * @param {{ child: string, fs: string, options: string, at: string, block_size: bigint, offset: bigint }} args
 * @returns {Steps<Value>}
 */
export function* mount(k, { child, ...request }) {
  const bdev = diskOf(k, child);
  if (isError(bdev)) return bdev;
  return yield k.path_mount({ bdev, ...request });
}
