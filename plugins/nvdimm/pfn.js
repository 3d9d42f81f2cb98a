// SPDX-License-Identifier: MIT
// Info blocks of pfn and dax devices: how a namespace with struct pages is laid out and checked.
import { pagesIn } from 'pfnlab:runs';
import {
  DAX_SIG,
  K8,
  MODE,
  PFN,
  PFN_SIG,
  SUBSECTION,
  alignUp,
  at,
  hex,
  newUuid,
  pageSize,
  patch,
  typedName,
} from './namespace.js';

import { supportedAlignments } from './align.js';
import { layoutOf } from './layout.js';

/** @import { Kernel, PagemapArgs, Steps } from '../api.d.ts' */
/** @import { InfoBlock, Namespace } from './namespace.js' */

/** @param {Kernel} k @param {{ index: number, sig: string }} args @returns {Steps<number>} */
function* nd_pfn_validate(k, { index, sig }) {
  const { E } = k;
  const ns = /** @type {Namespace} */ (at(k, index));
  const sb = /** @type {InfoBlock | null} */ (k.read('info', index));
  if (sb === null || sb.signature !== sig)
    return k.fail(E.ENODEV, 'memcmp(pfn_sb->signature, sig)');
  if (sb.parent_uuid !== ns.uuid)
    return k.fail(E.ENODEV, 'memcmp(pfn_sb->parent_uuid, parent_uuid)');
  if (sb.mode !== MODE.mem && sb.mode !== MODE.dev) return k.fail(E.ENXIO, 'pfn_sb->mode');
  // Before the block's errors all became -EOPNOTSUPP each check had its own.
  const one = k.switch('nvdimm_pfn_unusable_errno') === 'EOPNOTSUPP';
  const unusable = (/** @type {number} */ errno, /** @type {string} */ check) =>
    k.fail(one ? E.EOPNOTSUPP : errno, check);
  if (sb.version_minor >= 4 && sb.mode === MODE.dev && BigInt(sb.page_size) > pageSize(k)) {
    return k.fail(E.EOPNOTSUPP, 'page_size > PAGE_SIZE && mode == PFN_MODE_PMEM');
  }
  if (sb.version_minor >= 4 && sb.mode === MODE.dev && sb.page_struct_size < k.arch.sizeof_page) {
    return k.fail(E.EOPNOTSUPP, 'page_struct_size < sizeof(struct page) && mode == PFN_MODE_PMEM');
  }
  if (
    ns.claim !== '' &&
    (sb.align !== ns.align || sb.mode !== MODE[/** @type {'mem' | 'dev'} */ (ns.map)])
  ) {
    return unusable(E.EINVAL, 'init failed, settings mismatch');
  }
  const start = ns.start + sb.start_pad;
  const end = ns.start + ns.size - sb.end_trunc;
  if (sig === DAX_SIG && !supportedAlignments(k).includes(sb.align)) {
    return k.fail(E.EOPNOTSUPP, '!nd_supported_alignment(align)');
  }
  if (sb.align > ns.size) return unusable(E.EINVAL, 'align > nvdimm_namespace_capacity(ndns)');
  if (sb.dataoff >= ns.size) return unusable(E.EBUSY, 'offset >= res_size');
  if (sb.version_minor > 0 && (start + sb.dataoff) % sb.align !== 0n) {
    return unusable(E.ENXIO, '!IS_ALIGNED(res->start + offset + start_pad, align)');
  }
  if (k.switch('nvdimm_compat_align_checked')) {
    if (start % SUBSECTION !== 0n) return k.fail(E.EOPNOTSUPP, 'resource start misaligned');
    if (end % SUBSECTION !== 0n) return k.fail(E.EOPNOTSUPP, 'resource end misaligned');
  }
  if (one && sb.dataoff >= end - start)
    return k.fail(E.EOPNOTSUPP, 'bad offset with small namespace');
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* nd_pfn_init(k, { index }) {
  const { E } = k;
  const ns = /** @type {Namespace} */ (at(k, index));
  const { start, size, map, align: wanted, uuid, name, claim } = ns;
  const sig = claim.startsWith('dax') ? DAX_SIG : PFN_SIG;
  const rc = yield k.fn('nd_pfn_validate', PFN, nd_pfn_validate, { index, sig });
  if (rc !== -E.ENODEV) return rc;
  const who = `${sig === DAX_SIG ? 'dax_pmem' : 'nd_pmem'} ${claim}`;
  if (k.switch('nvdimm_compat_align_checked') && start % SUBSECTION !== 0n) {
    k.log('err', `${who}: ${name}: start ${hex(start)} misaligned to ${hex(SUBSECTION)}`);
    return k.fail(E.EINVAL, '!IS_ALIGNED(start, memremap_compat_align())');
  }
  const section = 1n << BigInt(k.arch.section_size_bits);
  if (k.switch('nvdimm_pfn_info_minor') === 0 && (start % section !== 0n || size < section)) {
    return k.fail(E.ENODEV, 'start is not at a section, or the capacity is less than one');
  }
  const layout = yield* layoutOf(k, ns, sig === DAX_SIG);
  const { start_pad, end_trunc, dataoff } = layout;
  if (dataoff + start_pad >= size - end_trunc) {
    k.log('err', `${who}: ${name} unable to satisfy requested alignment`);
    return k.fail(E.ENXIO, 'offset >= (size - end_trunc)');
  }
  k.write('info', index, {
    signature: sig,
    version_major: 1,
    version_minor: k.switch('nvdimm_pfn_info_minor'),
    uuid: newUuid(),
    parent_uuid: uuid,
    mode: MODE[/** @type {'mem' | 'dev'} */ (map)],
    dataoff,
    npfns: pagesIn(k, size - dataoff - start_pad - end_trunc),
    start_pad,
    end_trunc,
    align: wanted,
    page_size: Number(pageSize(k)),
    page_struct_size: 64,
  });
  return 0;
}

/** nd_info_block_reserve(): in whole pages, which were none where a page is larger than 8 KiB. @param {Kernel} k */
const infoBlockReserve = (k) =>
  k.switch('nvdimm_info_block_in_pages') ? alignUp(K8, pageSize(k)) : K8;

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<PagemapArgs | number>} */
export function* __nvdimm_setup_pfn(k, { index }) {
  const ns = /** @type {Namespace} */ (at(k, index));
  const sb = /** @type {InfoBlock} */ (k.read('info', index));
  const range = { start: ns.start + sb.start_pad, end: ns.start + ns.size - sb.end_trunc - 1n };
  // nd_pmem's dev_pagemap_ops has page_free as long as the kernel demands it of FS_DAX.
  const ops = k.switch('fsdax_free_op_required') ? ['page_free'] : [];
  if (sb.mode === MODE.mem) {
    if (sb.dataoff < infoBlockReserve(k)) return k.fail(k.E.EINVAL, 'offset < reserve');
    return { type: 'FS_DAX', ranges: [range], ops };
  }
  const pfn = pagesIn(k, range.start);
  const unit = k.switch('nvdimm_pfn_by_subsection')
    ? k.arch.pages_per_subsection
    : k.arch.pages_per_section;
  const base_pfn = pfn - (pfn % unit);
  const block = infoBlockReserve(k);
  const reserve = pagesIn(k, block) + pfn - base_pfn;
  const altmap = { base_pfn, reserve, free: pagesIn(k, sb.dataoff - block) };
  return { type: 'FS_DAX', ranges: [range], altmap, ops };
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<PagemapArgs | number>} */
export function* nvdimm_setup_pfn(k, { index }) {
  const rc = yield k.fn('nd_pfn_init', PFN, nd_pfn_init, { index });
  if (rc !== 0) return rc;
  return yield k.fn('__nvdimm_setup_pfn', PFN, __nvdimm_setup_pfn, { index });
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* nd_pfn_probe(k, { index }) {
  return yield* probeInfoBlock(k, index, 'pfn');
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* nd_dax_probe(k, { index }) {
  return yield* probeInfoBlock(k, index, 'dax');
}

/** @param {Kernel} k @param {number} index @param {'pfn' | 'dax'} kind @returns {Steps<number>} */
function* probeInfoBlock(k, index, kind) {
  const sig = kind === 'dax' ? DAX_SIG : PFN_SIG;
  const rc = yield k.fn('nd_pfn_validate', PFN, nd_pfn_validate, { index, sig });
  if (rc !== 0) return rc;
  const sb = /** @type {InfoBlock} */ (k.read('info', index));
  patch(k, index, {
    claim: typedName(k, kind, index),
    mode: kind === 'dax' ? 'devdax' : 'fsdax',
    map: sb.mode === MODE.mem ? 'mem' : 'dev',
    align: sb.align,
  });
  return 0;
}
