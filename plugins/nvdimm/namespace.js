// SPDX-License-Identifier: MIT
// Namespaces as the registers hold them, and what libnvdimm asks of every one before a driver has it.

import { bytesOf, isError } from 'pfnlab:runs';

/** @import { Kernel, Steps } from '../api.d.ts' */

/**
 * One entry of the register `namespaces`; sizes and addresses in bytes.
 * @typedef {object} Namespace
 * @property {string} name
 * @property {string} mode raw, sector, fsdax or devdax, as ndctl lists it
 * @property {string} map none, mem or dev
 * @property {string} state enabled or disabled
 * @property {string} claim the btt, pfn or dax device that has it, or nothing
 * @property {string} uuid
 * @property {bigint} start
 * @property {bigint} size
 * @property {bigint} align
 * @property {bigint} data_offset
 * @property {bigint} usable
 * @property {number} npfns
 * @property {string} pgmap
 * @property {string} blockdev
 * @property {string} chardev
 * @property {string} ref the driver's own reference to the pagemap, or nothing
 * @property {string} kmem the dax device whose memory is system RAM, or nothing
 * @property {bigint} start_pad what the pagemap leaves out at the start
 */

/**
 * One entry of the register `info`: struct nd_pfn_sb of the namespace in that slot, null for none.
 * @typedef {object} InfoBlock
 * @property {string} signature
 * @property {string} parent_uuid
 * @property {number} mode
 * @property {bigint} dataoff
 * @property {number} npfns
 * @property {bigint} start_pad
 * @property {bigint} end_trunc
 * @property {bigint} align
 * @property {number} version_minor
 * @property {number} page_size
 * @property {number} page_struct_size
 */

export const K8 = 8192n;
/** PAGE_SIZE. @param {Kernel} k */
export const pageSize = (k) => bytesOf(k, 1);
export const SUBSECTION = 0x200000n;
/** MEMREMAP_COMPAT_ALIGN_MAX. */
export const COMPAT_ALIGN_MAX = 0x1000000n;
export const SLOTS = 64;
export const PFN_SIG = 'NVDIMM_PFN_INFO';
export const DAX_SIG = 'NVDIMM_DAX_INFO';
export const BTT_SIG = 'BTT_ARENA_INFO';
export const MODE = { mem: 1, dev: 2 };
export const TOOL = /** @type {const} */ ({ basis: 'model' });
export const PMEM = 'drivers/nvdimm/pmem.c';
export const PFN = 'drivers/nvdimm/pfn_devs.c';
export const BTT = 'drivers/nvdimm/btt.c';
export const NAMESPACE = 'drivers/nvdimm/namespace_devs.c';
export const CLAIM = 'drivers/nvdimm/claim.c';
export const DEVRES = 'drivers/base/devres.c';
export const NDCTL = 'ndctl/namespace.c';

/** @param {bigint} value */
export const hex = (value) => `0x${value.toString(16)}`;
/** @param {bigint} x @param {bigint} a */
export const alignUp = (x, a) => ((x + a - 1n) / a) * a;
/** @param {bigint} a @param {bigint} b */
export const larger = (a, b) => (a > b ? a : b);
/** The region: where the lab puts the NVDIMM, or what e820_register_one was given. @param {Kernel} k */
export const region = (k) =>
  /** @type {{ start: bigint, size: bigint }} */ (k.device.range ?? k.read('region'));
/** Memory of the e820 map: no labels, and ND_REGION_PAGEMAP. @param {Kernel} k */
export const isLegacy = (k) => k.device.model === 'e820-pmem';
/** @param {Kernel} k @param {string} kind btt, pfn or dax @param {number} index */
export const typedName = (k, kind, index) => `${kind}${k.device.index}.${index}`;
/** @param {string} dev */
export const isTyped = (dev) => ['btt', 'pfn', 'dax'].some((kind) => dev.startsWith(kind));
/** @param {Kernel} k @param {number} index @returns {Namespace | null} */
export const at = (k, index) => /** @type {Namespace | null} */ (k.read('namespaces', index));
/** @param {Kernel} k @param {number} index @param {Partial<Namespace>} change */
export const patch = (k, index, change) => {
  k.write('namespaces', index, { ...at(k, index), ...change });
};
/** @param {Kernel} k @returns {number[]} */
export const present = (k) =>
  Array.from({ length: SLOTS }, (_, i) => i).filter((i) => at(k, i) !== null);

/** @param {string} child `ns3` is slot 3 @returns {number} */
export function slotOf(child) {
  const index = child.startsWith('ns') && child.length > 2 ? Number(child.slice(2)) : NaN;
  return Number.isInteger(index) && index >= 0 && index < SLOTS ? index : -1;
}

export function newUuid() {
  const digits = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16));
  return [8, 12, 16, 20].reduceRight(
    (text, cut) => `${text.slice(0, cut)}-${text.slice(cut)}`,
    digits.join(''),
  );
}

/** @param {Kernel} k @param {{ dev: string, index: number }} args @returns {Steps<number>} */
export function* nvdimm_namespace_common_probe(k, { dev, index }) {
  const ns = at(k, index);
  const typed = isTyped(dev);
  if (ns === null || (typed && ns.claim !== dev)) return k.fail(k.E.ENODEV, '!ndns');
  if (ns.state === 'enabled') return k.fail(k.E.EBUSY, 'ndns->dev.driver');
  if (!typed && ns.claim !== '') return k.fail(k.E.ENXIO, 'ndns->claim');
  if (k.device.config['locked'] === true) {
    return k.fail(k.E.EACCES, 'test_bit(NDD_LOCKED, &nvdimm->flags)');
  }
  if (ns.size < pageSize(k)) return k.fail(k.E.ENODEV, 'size < ND_MIN_NAMESPACE_SIZE');
  if (ns.uuid === '') return k.fail(k.E.ENODEV, '!nspm->uuid');
  // Typed devices are checked in nd_pfn_validate, where padding can be taken into account.
  if (!k.switch('nvdimm_compat_align_checked')) return 0;
  const { start, size } = ns;
  const pages = yield k.fn('pmem_should_map_pages', NAMESPACE, pmem_should_map_pages, {
    dev,
    index,
  });
  if (pages && (start | (start + size)) % SUBSECTION !== 0n) {
    const wide = (/** @type {bigint} */ x) => `0x${x.toString(16).padStart(8, '0')}`;
    const res = `[mem ${wide(start)}-${wide(start + size - 1n)} flags 0x200]`;
    k.log('err', `nd_pmem ${dev}: ${res} misaligned, unable to map`);
    return k.fail(
      k.E.EOPNOTSUPP,
      '!IS_ALIGNED(res->start | (res->end + 1), memremap_compat_align())',
    );
  }
  return 0;
}

/**
 * Has a namespace struct pages without an info block? `force_raw` is not modelled: ndctl sets it
 * only while it writes over an info block.
 * @param {Kernel} k @param {{ dev: string, index: number }} args @returns {Steps<boolean>}
 */
export function* pmem_should_map_pages(k, { dev, index }) {
  if (!isLegacy(k) || isTyped(dev)) return false;
  const { start, size } = /** @type {Namespace} */ (at(k, index));
  return (yield k.region_intersects({ start, size })) !== 'REGION_MIXED';
}

/** drivers/nvdimm/namespace_devs.c:nvdimm_namespace_disk_name. @param {Kernel} k @param {number} index */
export function diskName(k, index) {
  return index === 0 ? `pmem${k.device.index}` : `pmem${k.device.index}.${index}`;
}

/** A function whose effects are outside what the bench models. @returns {Steps<number>} */
export function* nothing() {
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* devm_namespace_enable(k, { index }) {
  const { start, size, name } = /** @type {Namespace} */ (at(k, index));
  const rc = yield k.request_mem_region({ start, size, name });
  return isError(rc) ? rc : 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<void>} */
export function* release_region(k, { index }) {
  const { start, size } = /** @type {Namespace} */ (at(k, index));
  yield k.release_mem_region({ start, size });
}

/** @param {Kernel} k @param {number} index @param {{ start: bigint, size: bigint }} extent @param {Partial<Namespace>} more */
export function putNamespace(k, index, extent, more) {
  /** @type {Namespace} */
  const blank = {
    ...{
      name: `namespace${k.device.index}.${index}`,
      mode: 'raw',
      map: 'none',
      state: 'disabled',
      claim: '',
    },
    ...{
      uuid: newUuid(),
      ...extent,
      align: pageSize(k),
      data_offset: 0n,
      usable: 0n,
      npfns: 0,
      pgmap: '',
      blockdev: '',
      chardev: '',
      ref: '',
      kmem: '',
      start_pad: 0n,
    },
  };
  k.write('namespaces', index, { ...blank, ...more });
}
