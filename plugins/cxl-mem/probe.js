// SPDX-License-Identifier: MIT
// A committed region gets its driver: volatile memory becomes a DAX region, persistent memory one of libnvdimm's.
import { create_dev_dax } from './dax.js';
import { isError, memdev, patchRegion, region } from './names.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { Perf } from './names.js' */

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* cxl_pmem_region_probe(k, { index }) {
  const { start, size } = region(k, index);
  const end = start + size - 1n;
  const desc = 'PERSISTENT_MEMORY';
  const rc = yield k.insert_resource({ start, end, name: 'Persistent Memory', desc });
  if (isError(rc)) return rc;
  const near = yield k.phys_to_target_node({ start });
  const nid = near >= 0 ? near : yield k.memory_add_physaddr_to_nid({ start });
  patchRegion(k, index, { nid });
  k.note('namespaces of a CXL region are a limit of this model, not of the kernel');
  return 0;
}

/** drivers/dax/cxl.c. @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* cxl_dax_region_probe(k, { index }) {
  const { start, size } = region(k, index);
  const near = yield k.phys_to_target_node({ start });
  const nid = near >= 0 ? near : yield k.memory_add_physaddr_to_nid({ start });
  patchRegion(k, index, { nid });
  return yield* create_dev_dax(k, { index, name: `dax${index}.0`, start, size, nid });
}

/**
 * cxl_region_perf_data_calculate(): the worst latency and all of the bandwidth; null where a device
 * does not say.
 * @param {Kernel} k @param {number} index
 */
function performance(k, index) {
  const perfs = region(k, index).targets.map((mem) => memdev(k, mem).perf);
  /** @type {Perf} */
  const sum = { read_latency: 0, write_latency: 0, read_bandwidth: 0, write_bandwidth: 0 };
  for (const perf of perfs) {
    if (perf === null) return null;
    sum.read_latency = Math.max(sum.read_latency, perf.read_latency);
    sum.write_latency = Math.max(sum.write_latency, perf.write_latency);
    sum.read_bandwidth += perf.read_bandwidth;
    sum.write_bandwidth += perf.write_bandwidth;
  }
  return sum;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* cxl_region_probe(k, { index }) {
  const { start, size, mode } = region(k, index);
  const perf = performance(k, index);
  if (perf !== null && k.switch('adistance_of_cxl_region')) {
    const node = yield k.phys_to_target_node({ start });
    if (node >= 0) yield k.register_mt_adistance_algorithm({ node, ...perf });
  }
  if (mode === 'pmem') {
    return yield k.fn('cxl_pmem_region_probe', 'drivers/cxl/pmem.c', cxl_pmem_region_probe, {
      index,
    });
  }
  // Memory that firmware called RAM is online already; CXL leaves it alone.
  const ram = yield k.walk_iomem_res_desc({
    desc: 'NONE',
    flags: ['SYSTEM_RAM', 'BUSY'],
    start,
    end: start + size - 1n,
  });
  if (ram.length > 0) {
    k.note('the region holds System RAM: no DAX device');
    return 0;
  }
  return yield k.fn('cxl_dax_region_probe', 'drivers/dax/cxl.c', cxl_dax_region_probe, { index });
}
