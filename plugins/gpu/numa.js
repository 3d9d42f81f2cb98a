// SPDX-License-Identifier: MIT
// Coherent memory as RAM of a node without CPUs, instead of pages of the driver: it is added as hotplugged
// memory, the administrator (or memhp_default_state=) takes it online, and the kernel itself allocates from
// it, moves pages there and away. That is what NVIDIA's open kernel module does (os_numa_add_gpu_memory).
import { isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k */
export const isNode = (k) => k.device.config['memory'] === 'node';

/** @param {Kernel} k @returns {Steps<number>} */
export function* gpu_numa_init(k) {
  const { range, node } = k.device;
  if (range === null) return k.fail(k.E.EINVAL, 'the device has no range');
  const resource_name = 'System RAM (gpu)';
  const added = yield k.add_memory_driver_managed({ ...range, nid: node, resource_name });
  if (isError(added)) return added;
  k.write('bound', true);
  return 0;
}

/** Its pages move to other nodes, or the memory stays: a driver cannot go without it. @param {Kernel} k @returns {Steps<number>} */
export function* gpu_numa_fini(k) {
  const { range } = k.device;
  if (range === null) return 0;
  const gone = yield k.offline_and_remove_memory(range);
  if (isError(gone)) return gone;
  k.write('bound', false);
  return 0;
}
