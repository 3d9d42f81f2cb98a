// SPDX-License-Identifier: MIT
// CXL type 3 memory devices below the host bridges of the machine's CXL windows.
import { createRegion } from './create.js';
import { reconfigure_device } from './dax.js';
import { destroyRegion } from './destroy.js';
import { assemble } from './firmware.js';
import { probeHmem } from './hmem.js';
import { SLOTS, SZ_256M } from './names.js';

/** @import { Kernel, Models, Steps } from '../api.d.ts' */

/** @typedef {{ ram?: bigint, pmem?: bigint, bridge?: number, latency?: number, bandwidth?: number }} Configured */

/** cxl_endpoint_parse_cdat(): the same for reads and writes. @param {Configured} configured */
function perfOf({ latency = 0, bandwidth = 0 }) {
  if (latency === 0 || bandwidth === 0) return null;
  const reads = { read_latency: latency, read_bandwidth: bandwidth };
  return { ...reads, write_latency: latency, write_bandwidth: bandwidth };
}

/** cxl_mem_create_range_info(): partitions come in 256 MiB (CXL_CAPACITY_MULTIPLIER). @param {Kernel} k @returns {Steps<number>} */
function* cxl_mem_create_range_info(k) {
  const given = /** @type {readonly Configured[]} */ (k.device.config['memdevs'] ?? []);
  if (given.length > SLOTS) return k.fail(k.E.EINVAL, `this model takes ${SLOTS} memory devices`);
  for (const [index, configured] of given.entries()) {
    const { ram = 0n, pmem = 0n, bridge = 0 } = configured;
    if (ram % SZ_256M !== 0n || pmem % SZ_256M !== 0n || ram + pmem === 0n) {
      return k.fail(k.E.EINVAL, `mem${index}: capacities are multiples of 256 MiB, and not both 0`);
    }
    k.write('memdevs', index, {
      name: `mem${index}`,
      bridge,
      ram,
      pmem,
      perf: perfOf(configured),
      decoders: [],
    });
  }
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* cxl_pci_probe(k) {
  const known = yield k.fn(
    'cxl_mem_create_range_info',
    'drivers/cxl/core/mbox.c',
    cxl_mem_create_range_info,
  );
  if (known < 0) return known;
  k.write('windows', yield k.acpi_table_parse_cedt({ id: 'CFMWS' }));
  return yield* assemble(k);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  return yield k.fn('cxl_pci_probe', 'drivers/cxl/pci.c', cxl_pci_probe);
}

/** @satisfies {Models} */
export const models = {
  'cxl-mem': {
    actions: {
      'create-region': createRegion,
      'destroy-region': destroyRegion,
      reconfigure: reconfigure_device,
    },
    callbacks: { probe },
  },
  hmem: { actions: {}, callbacks: { probe: probeHmem } },
};
