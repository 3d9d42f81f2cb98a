// SPDX-License-Identifier: MIT
// The pmem driver: a namespace becomes a block device, with or without struct pages.
import { isError, pagesIn } from 'pfnlab:runs';
import { nd_btt_probe, nvdimm_namespace_attach_btt } from './btt.js';
import {
  BTT,
  CLAIM,
  DEVRES,
  NAMESPACE,
  PFN,
  PMEM,
  at,
  devm_namespace_enable,
  diskName,
  hex,
  isTyped,
  nothing,
  nvdimm_namespace_common_probe,
  patch,
  pmem_should_map_pages,
  release_region,
} from './namespace.js';
import { nd_dax_probe, nd_pfn_probe, nvdimm_setup_pfn } from './pfn.js';

import { pagemapRef } from './queue.js';

/** @import { Kernel, PagemapArgs, Steps } from '../api.d.ts' */
/** @import { InfoBlock, Namespace } from './namespace.js' */

/** @param {Kernel} k @param {{ dev: string, index: number }} args @returns {Steps<number>} */
function* pmem_attach_disk(k, { dev, index }) {
  const { start, size, name } = /** @type {Namespace} */ (at(k, index));
  const typed = isTyped(dev);
  /** @type {PagemapArgs | number} */
  let setup = typed ? yield k.fn('nvdimm_setup_pfn', PFN, nvdimm_setup_pfn, { index }) : 0;
  if (isError(setup)) return setup;
  const busy = yield k.request_mem_region({ start, size, name });
  if (isError(busy)) {
    k.log(
      'warn',
      `nd_pmem ${dev}: could not reserve region [mem ${hex(start)}-${hex(start + size - 1n)}]`,
    );
    return busy;
  }
  let [pgmap, data_offset, npfns, usable] = ['', 0n, 0, size];
  const whole =
    !typed &&
    (yield k.fn('pmem_should_map_pages', NAMESPACE, pmem_should_map_pages, { dev, index }));
  if (whole) {
    const ops = k.switch('fsdax_free_op_required') ? ['page_free'] : [];
    setup = { type: 'FS_DAX', ranges: [{ start, end: start + size - 1n }], ops };
  }
  if (typeof setup === 'object') {
    const brought = yield* pagemapRef(k, { name: diskName(k, index), dax: false });
    if (isError(brought)) return brought;
    const { ref = '', ops } = brought;
    const withRef = ref === '' ? {} : { ref };
    const pages = yield k.devm_memremap_pages({
      ...setup,
      ...withRef,
      ops: [...(setup.ops ?? []), ...ops, ...(k.switch('memory_failure_op') ? FAILURE : [])],
    });
    if (isError(pages)) {
      if (ref !== '') yield k.percpu_ref_exit({ ref });
      yield k.release_mem_region({ start, size });
      return pages;
    }
    pgmap = pages.pgmap;
    patch(k, index, { ref });
    if (whole) npfns = pagesIn(k, size);
    else {
      const sb = /** @type {InfoBlock} */ (k.read('info', index));
      ({ dataoff: data_offset, npfns } = sb);
      usable = size - sb.start_pad - sb.end_trunc - data_offset;
      patch(k, index, { start_pad: sb.start_pad });
    }
  } else {
    // An NFIT region does not ask for struct pages (ND_REGION_PAGEMAP is not set): a plain mapping.
    yield k.fn('devm_memremap', 'kernel/iomem.c', nothing, { start, size });
  }
  // mode_show says "memory" of a raw namespace with struct pages; ndctl lists that as fsdax.
  if (whole) patch(k, index, { mode: 'fsdax', map: 'mem' });
  const blockdev = diskName(k, index);
  const pad = typed ? /** @type {InfoBlock} */ (k.read('info', index)).start_pad : 0n;
  const data = { start: start + pad + data_offset, size: usable };
  yield k.alloc_dax({ name: blockdev, ...data, pgmap });
  patch(k, index, { state: 'enabled', pgmap, data_offset, npfns, usable, blockdev });
  return 0;
}

/** fsdax_pagemap_ops from 6.0 on. */
const FAILURE = ['memory_failure'];

/** Info blocks in the order the raw probe looks for them. */
const INFO_BLOCKS = /** @type {const} */ ([
  { kind: 'btt', name: 'nd_btt_probe', source: 'drivers/nvdimm/btt_devs.c', fn: nd_btt_probe },
  { kind: 'pfn', name: 'nd_pfn_probe', source: PFN, fn: nd_pfn_probe },
  { kind: 'dax', name: 'nd_dax_probe', source: 'drivers/nvdimm/dax_devs.c', fn: nd_dax_probe },
]);

/** @param {Kernel} k @param {{ dev: string, index: number }} args @returns {Steps<number>} */
export function* nd_pmem_probe(k, { dev, index }) {
  const { E } = k;
  const found = yield k.fn(
    'nvdimm_namespace_common_probe',
    NAMESPACE,
    nvdimm_namespace_common_probe,
    { dev, index },
  );
  if (isError(found)) return found;
  if (dev.startsWith('btt')) {
    return yield k.fn('nvdimm_namespace_attach_btt', BTT, nvdimm_namespace_attach_btt, { index });
  }
  if (!isTyped(dev)) {
    const held = yield k.fn('devm_namespace_enable', CLAIM, devm_namespace_enable, { index });
    if (isError(held)) return held;
    for (const { kind, name, source, fn } of INFO_BLOCKS) {
      const rc = yield k.fn(name, source, fn, { index });
      if (rc !== 0 && rc !== -E.EOPNOTSUPP) continue;
      yield k.fn('devres_release_all', DEVRES, release_region, { index });
      return rc === 0
        ? k.fail(E.ENXIO, `${name}(dev, ndns) == 0: the ${kind} device takes over`)
        : rc;
    }
    yield k.fn('devm_namespace_disable', CLAIM, release_region, { index });
  }
  return yield k.fn('pmem_attach_disk', PMEM, pmem_attach_disk, { dev, index });
}
