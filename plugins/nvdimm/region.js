// SPDX-License-Identifier: MIT
// The region: from the NFIT or the e820 map to its namespaces.
import { isError } from 'pfnlab:runs';
import {
  COMPAT_ALIGN_MAX,
  PMEM,
  at,
  isLegacy,
  pageSize,
  putNamespace,
  region,
} from './namespace.js';
import { nd_pmem_probe } from './pmem.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @returns {Steps<number>} */
export function* nd_region_probe(k) {
  // region_devs.c:default_align: 16 MiB, or a page where the region has not as much.
  if (k.read('align') === COMPAT_ALIGN_MAX && region(k).size < COMPAT_ALIGN_MAX) {
    k.write('align', pageSize(k));
  }
  if (!isLegacy(k) && k.read('labelled')) return 0;
  // Without labels the whole region is one namespace, and nd_pmem takes it at once.
  const known = at(k, 0);
  if (known === null) putNamespace(k, 0, region(k), {});
  return yield k.fn('nd_pmem_probe', PMEM, nd_pmem_probe, {
    dev: `namespace${k.device.index}.0`,
    index: 0,
  });
}

/** @param {Kernel} k @returns {Steps<number>} */
function* acpi_nfit_register_region(k) {
  const { start, size } = region(k);
  const desc = 'PERSISTENT_MEMORY';
  const rc = yield k.insert_resource({
    start,
    end: start + size - 1n,
    name: 'Persistent Memory',
    desc,
  });
  if (isError(rc)) return rc;
  const persistence_domain = /** @type {any} */ (k.device.config['persistence_domain']);
  // Where the lab does not say, nothing is kept of what only the caches hold.
  if (persistence_domain !== '') {
    yield k.nvdimm_pmem_region_create({ start, size, persistence_domain });
  }
  return yield k.fn('nd_region_probe', 'drivers/nvdimm/region.c', nd_region_probe);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* e820_register_one(k) {
  return yield k.fn('nd_region_probe', 'drivers/nvdimm/region.c', nd_region_probe);
}

/** Each device of this model is one region of "Persistent Memory (legacy)", by address. @param {Kernel} k @returns {Steps<number>} */
function* e820_pmem_probe(k) {
  /** @type {readonly { start: bigint, end: bigint }[]} */
  const found = yield k.walk_iomem_res_desc({ desc: 'PERSISTENT_MEMORY_LEGACY' });
  const range = found[k.device.index];
  if (range === undefined) {
    return k.fail(k.E.ENXIO, `the memory map has no legacy persistent memory ${k.device.index}`);
  }
  const { start, end } = range;
  k.write('region', { start, size: end - start + 1n });
  return yield k.fn('e820_register_one', 'drivers/nvdimm/e820.c', e820_register_one, range);
}

/** @param {Kernel} k @returns {Steps<number>} */
export function* probeLegacy(k) {
  return yield k.fn('e820_pmem_probe', 'drivers/nvdimm/e820.c', e820_pmem_probe);
}

/** @param {Kernel} k @returns {Steps<number>} */
export function* probe(k) {
  return yield k.fn(
    'acpi_nfit_register_region',
    'drivers/acpi/nfit/core.c',
    acpi_nfit_register_region,
  );
}
