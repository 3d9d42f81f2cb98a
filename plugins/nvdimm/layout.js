// SPDX-License-Identifier: MIT
// Where an info block puts the data, by era. Sizes in bytes, relative to the namespace's start.
import { pagesIn } from 'pfnlab:runs';
import { K8, SUBSECTION, alignUp, larger } from './namespace.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { Namespace } from './namespace.js' */

/**
 * @typedef {object} Layout
 * @property {bigint} start_pad
 * @property {bigint} end_trunc
 * @property {bigint} dataoff
 */

/**
 * The size allows for a struct page of 64 bytes (MAX_STRUCT_PAGE_SIZE) whatever this kernel's is.
 * @param {Kernel} k @param {bigint} bytes
 */
const memmapOf = (k, bytes) => BigInt(pagesIn(k, bytes)) * 64n;

/** 5.3 and later: from sub-section to sub-section. @param {Kernel} k @param {Namespace} ns @returns {Layout} */
function bySubsection(k, { start, size, map, align: wanted }) {
  const align = larger(wanted, SUBSECTION);
  const memmap = map === 'dev' ? memmapOf(k, size - K8) : 0n;
  const dataoff = alignUp(start + K8 + memmap, align) - start;
  return { start_pad: 0n, end_trunc: (start + size) % align, dataoff };
}

/** Before 4.6: nothing is padded; the memmap is rounded up to what it is mapped with. @param {Kernel} k @param {Namespace} ns @returns {Layout} */
function unpadded(k, { size, map }) {
  const dataoff = map === 'dev' ? alignUp(K8 + memmapOf(k, size - K8), SUBSECTION) : K8;
  return { start_pad: 0n, end_trunc: 0n, dataoff };
}

/**
 * Does somebody else's memory lie in the same section? RAM, and from 5.0 on another region.
 * @param {Kernel} k @param {{ start: bigint, size: bigint, own: Namespace }} args
 * @returns {Steps<boolean>}
 */
function* collides(k, { start, size, own }) {
  if ((yield k.region_intersects({ start, size })) === 'REGION_MIXED') return true;
  if (!k.switch('nvdimm_pfn_pads_by_region')) return false;
  /** @type {readonly { start: bigint, end: bigint }[]} */
  const regions = yield k.walk_iomem_res_desc({ desc: 'PERSISTENT_MEMORY' });
  return regions.some(
    (region) =>
      region.start < start + size &&
      region.end >= start &&
      !(region.start <= own.start && region.end >= own.start + own.size - 1n),
  );
}

/**
 * trim_pfn_device(): 4.6 to 5.2. Sections that a namespace shares with other memory are not its own
 * to map: its start moves up and its end down to their bounds.
 * @param {Kernel} k @param {{ ns: Namespace, section: bigint }} args @returns {Steps<Layout>}
 */
function* trim_pfn_device(k, { ns, section }) {
  const { start, size, align } = ns;
  const end = start + size;
  let [start_pad, end_trunc] = [0n, 0n];
  const first = start - (start % section);
  if (yield* collides(k, { start: first, size: end - first, own: ns })) {
    start_pad = alignUp(start, section) - start;
  }
  const last = alignUp(end, section);
  const shared = yield* collides(k, { start, size: last - start, own: ns });
  if (shared || end % align !== 0n) {
    // phys_pmem_align_down(): to the section where that is shared, else to the alignment.
    const whole = end - (end % section);
    end_trunc = end - (shared ? whole : end - (end % align));
  }
  return { start_pad, end_trunc, dataoff: 0n };
}

/** @param {Kernel} k @param {Namespace} ns @param {boolean} dax @returns {Steps<Layout>} */
function* padded(k, ns, dax) {
  const section = 1n << BigInt(k.arch.section_size_bits);
  const { start_pad, end_trunc } = yield k.fn(
    'trim_pfn_device',
    'drivers/nvdimm/pfn_devs.c',
    trim_pfn_device,
    /** @type {never} */ ({ ns, section }),
  );
  if (start_pad + end_trunc > 0n) {
    const bytes = start_pad + end_trunc;
    k.log('info', `${ns.claim}: ${ns.name} section collision, truncate ${bytes} bytes`);
  }
  const start = ns.start + start_pad;
  const reserve =
    K8 + BigInt(/** @type {number} */ (dax ? k.switch('nvdimm_dax_label_reserve') : 0));
  const pages = alignUp(ns.size - start_pad - end_trunc - K8, section);
  const memmap = ns.map === 'dev' ? alignUp(memmapOf(k, pages), SUBSECTION) : 0n;
  const align = ns.map === 'dev' ? larger(ns.align, SUBSECTION) : ns.align;
  return { start_pad, end_trunc, dataoff: alignUp(start + reserve + memmap, align) - start };
}

/** The layout of a new info block. @param {Kernel} k @param {Namespace} ns @param {boolean} dax @returns {Steps<Layout>} */
export function* layoutOf(k, ns, dax) {
  if (k.switch('nvdimm_pfn_by_subsection')) return bySubsection(k, ns);
  if (k.switch('nvdimm_pfn_padded')) return yield* padded(k, ns, dax);
  return unpadded(k, ns);
}
