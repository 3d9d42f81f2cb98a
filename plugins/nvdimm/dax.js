// SPDX-License-Identifier: MIT
// The device-dax driver: a namespace becomes a character device.
import { isError, pagesIn } from 'pfnlab:runs';
import {
  CLAIM,
  NAMESPACE,
  PFN,
  at,
  devm_namespace_enable,
  hex,
  nvdimm_namespace_common_probe,
  patch,
  release_region,
  typedName,
} from './namespace.js';
import { nvdimm_setup_pfn } from './pfn.js';

import { pagemapRef } from './queue.js';

/** @import { Kernel, PagemapArgs, Steps } from '../api.d.ts' */
/** @import { InfoBlock, Namespace } from './namespace.js' */

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* dax_pmem_probe(k, { index }) {
  const dev = typedName(k, 'dax', index);
  const found = yield k.fn(
    'nvdimm_namespace_common_probe',
    NAMESPACE,
    nvdimm_namespace_common_probe,
    { dev, index },
  );
  if (isError(found)) return found;
  const held = yield k.fn('devm_namespace_enable', CLAIM, devm_namespace_enable, { index });
  if (isError(held)) return held;
  const setup = yield k.fn('nvdimm_setup_pfn', PFN, nvdimm_setup_pfn, { index });
  yield k.fn('devm_namespace_disable', CLAIM, release_region, { index });
  if (isError(setup)) return setup;
  const { start, size, name } = /** @type {Namespace} */ (at(k, index));
  const sb = /** @type {InfoBlock} */ (k.read('info', index));
  const { dataoff, npfns, align } = sb;
  // The metadata keeps the namespace's name; the data becomes the dax device's own region.
  const metadata = yield k.request_mem_region({ start, size: dataoff, name });
  if (isError(metadata)) {
    k.log('warn', `dax_pmem ${dev}: could not reserve metadata`);
    return metadata;
  }
  const usable = size - sb.start_pad - sb.end_trunc - dataoff;
  const data = { start: start + sb.start_pad + dataoff, size: usable };
  const mapped = yield k.fn('dev_dax_probe', 'drivers/dax/device.c', dev_dax_probe, {
    ...{ dev, align, pagemap: setup },
    ...data,
  });
  if (isError(mapped)) {
    yield k.release_mem_region({ start, size: dataoff });
    return mapped;
  }
  const { start_pad } = sb;
  patch(k, index, { state: 'enabled', ...mapped, data_offset: dataoff, npfns, usable, start_pad });
  patch(k, index, { chardev: dev });
  return 0;
}

/**
 * The pagemap is the whole namespace, info block and memmap included; only the data is claimed.
 * @param {Kernel} k
 * @param {{ dev: string, align: bigint, pagemap: PagemapArgs, start: bigint, size: bigint }} args
 * @returns {Steps<{ pgmap: string, ref: string } | number>} the pagemap, and the reference brought
 */
export function* dev_dax_probe(k, { dev, align, pagemap, start, size }) {
  const busy = yield k.request_mem_region({ start, size, name: dev });
  if (isError(busy)) {
    const where = `${hex(start)}-${hex(start + size - 1n)}`;
    k.log('warn', `device_dax ${dev}: mapping0: ${where} could not reserve range`);
    return busy;
  }
  // "device-dax: compound devmap support" (5.17): a page as large as the device's alignment.
  const order = Math.log2(pagesIn(k, align));
  const compound = order > 0 && k.switch('compound_devmap');
  const brought = yield* pagemapRef(k, { name: dev, dax: true });
  if (isError(brought)) return brought;
  const { ref = '', ops } = brought;
  const pages = yield k.devm_memremap_pages({
    ...(ref === '' ? {} : { ref, ops }),
    ranges: pagemap.ranges,
    altmap: pagemap.altmap,
    type: 'GENERIC',
    ...(compound ? { vmemmap_shift: order } : {}),
  });
  if (isError(pages)) {
    if (ref !== '') yield k.percpu_ref_exit({ ref });
    yield k.release_mem_region({ start, size });
    return pages;
  }
  yield k.alloc_dax({ name: dev, kind: 'char', start, size, pgmap: pages.pgmap, align });
  return { pgmap: pages.pgmap, ref };
}
