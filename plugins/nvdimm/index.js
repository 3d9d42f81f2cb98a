// SPDX-License-Identifier: MIT
/* eslint max-lines: ["error", 900] -- a model is one module */
// Persistent memory, from the NFIT or from the e820 map, as libnvdimm, nd_pmem and dax_pmem drive
// it, and as ndctl asks them to.
// Kernel functions stand under their own names; what ndctl does is marked as the model's choice.

/** @import { Kernel, PagemapArgs, Steps, Value } from '../api.d.ts' */

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
 * @property {number} page_struct_size
 */

const K8 = 8192n;
const SUBSECTION = 0x200000n;
/** MEMREMAP_COMPAT_ALIGN_MAX. */
const COMPAT_ALIGN_MAX = 0x1000000n;
const SLOTS = 64;
const BTT_PG_SIZE = 4096n;
const BTT_NFREE = 256n;
const LOG_GRP_SIZE = 64n;
const MAP_ENT_SIZE = 4n;
const ARENA_MIN_SIZE = 0x1000000n;
const ARENA_MAX_SIZE = 0x8000000000n;
/** What ndctl takes for a sector when it is not told. */
const SECTOR = 4096n;
const PFN_SIG = 'NVDIMM_PFN_INFO';
const DAX_SIG = 'NVDIMM_DAX_INFO';
const BTT_SIG = 'BTT_ARENA_INFO';
const MODE = { mem: 1, dev: 2 };
const TOOL = /** @type {const} */ ({ basis: 'model' });
const PMEM = 'drivers/nvdimm/pmem.c';
const PFN = 'drivers/nvdimm/pfn_devs.c';
const BTT = 'drivers/nvdimm/btt.c';
const NAMESPACE = 'drivers/nvdimm/namespace_devs.c';
const CLAIM = 'drivers/nvdimm/claim.c';
const DEVRES = 'drivers/base/devres.c';
const NDCTL = 'ndctl/namespace.c';

/** @param {bigint} value */
const hex = (value) => `0x${value.toString(16)}`;
/** @param {bigint} x @param {bigint} a */
const alignUp = (x, a) => ((x + a - 1n) / a) * a;
/** @param {bigint} a @param {bigint} b */
const larger = (a, b) => (a > b ? a : b);
/** @param {unknown} value @returns {value is number} */
const isError = (value) => typeof value === 'number' && value < 0;
/** The region: where the lab puts the NVDIMM, or what e820_register_one was given. @param {Kernel} k */
const region = (k) =>
  /** @type {{ start: bigint, size: bigint }} */ (k.device.range ?? k.read('region'));
/** Memory of the e820 map: no labels, and ND_REGION_PAGEMAP. @param {Kernel} k */
const isLegacy = (k) => k.device.model === 'e820-pmem';
/** @param {Kernel} k @param {string} kind btt, pfn or dax @param {number} index */
const typedName = (k, kind, index) => `${kind}${k.device.index}.${index}`;
/** @param {string} dev */
const isTyped = (dev) => ['btt', 'pfn', 'dax'].some((kind) => dev.startsWith(kind));
/** @param {Kernel} k @param {number} index @returns {Namespace | null} */
const at = (k, index) => /** @type {Namespace | null} */ (k.read('namespaces', index));
/** @param {Kernel} k @param {number} index @param {Partial<Namespace>} change */
const patch = (k, index, change) => {
  k.write('namespaces', index, { ...at(k, index), ...change });
};
/** @param {Kernel} k @returns {number[]} */
const present = (k) => Array.from({ length: SLOTS }, (_, i) => i).filter((i) => at(k, i) !== null);

/** @param {string} child `ns3` is slot 3 @returns {number} */
function slotOf(child) {
  const index = child.startsWith('ns') && child.length > 2 ? Number(child.slice(2)) : NaN;
  return Number.isInteger(index) && index >= 0 && index < SLOTS ? index : -1;
}

function newUuid() {
  const digits = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16));
  return [8, 12, 16, 20].reduceRight(
    (text, cut) => `${text.slice(0, cut)}-${text.slice(cut)}`,
    digits.join(''),
  );
}

// ---- info block and pagemap

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
  if (sb.mode === MODE.dev && sb.page_struct_size < k.arch.sizeof_page) {
    return k.fail(E.EOPNOTSUPP, 'page_struct_size < sizeof(struct page) && mode == PFN_MODE_PMEM');
  }
  if (
    ns.claim !== '' &&
    (sb.align !== ns.align || sb.mode !== MODE[/** @type {'mem' | 'dev'} */ (ns.map)])
  ) {
    return k.fail(E.EOPNOTSUPP, 'init failed, settings mismatch');
  }
  const start = ns.start + sb.start_pad;
  const end = ns.start + ns.size - sb.end_trunc;
  if (sb.align > ns.size) return k.fail(E.EOPNOTSUPP, 'align > nvdimm_namespace_capacity(ndns)');
  if (sb.dataoff >= ns.size) return k.fail(E.EOPNOTSUPP, 'offset >= res_size');
  if ((start + sb.dataoff) % sb.align !== 0n) {
    return k.fail(E.EOPNOTSUPP, '!IS_ALIGNED(res->start + offset + start_pad, align)');
  }
  if (k.switch('nvdimm_compat_align_checked')) {
    if (start % SUBSECTION !== 0n) return k.fail(E.EOPNOTSUPP, 'resource start misaligned');
    if (end % SUBSECTION !== 0n) return k.fail(E.EOPNOTSUPP, 'resource end misaligned');
  }
  if (sb.dataoff >= end - start) return k.fail(E.EOPNOTSUPP, 'bad offset with small namespace');
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
  const align = larger(wanted, SUBSECTION);
  if (k.switch('nvdimm_compat_align_checked') && start % SUBSECTION !== 0n) {
    k.log('err', `${who}: ${name}: start ${hex(start)} misaligned to ${hex(SUBSECTION)}`);
    return k.fail(E.EINVAL, '!IS_ALIGNED(start, memremap_compat_align())');
  }
  const end_trunc = (start + size) % align;
  // The size allows for a struct page of 64 bytes (MAX_STRUCT_PAGE_SIZE) whatever this kernel's is.
  const memmap = map === 'dev' ? ((size - K8) >> 12n) * 64n : 0n;
  const dataoff = alignUp(start + K8 + memmap, align) - start;
  if (dataoff >= size - end_trunc) {
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
    npfns: Number((size - dataoff - end_trunc) >> 12n),
    start_pad: 0n,
    end_trunc,
    align: wanted,
    page_size: 4096,
    page_struct_size: 64,
  });
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<PagemapArgs | number>} */
function* __nvdimm_setup_pfn(k, { index }) {
  const ns = /** @type {Namespace} */ (at(k, index));
  const sb = /** @type {InfoBlock} */ (k.read('info', index));
  const range = { start: ns.start + sb.start_pad, end: ns.start + ns.size - sb.end_trunc - 1n };
  // nd_pmem's dev_pagemap_ops has page_free as long as the kernel demands it of FS_DAX.
  const ops = k.switch('fsdax_free_op_required') ? ['page_free'] : [];
  if (sb.mode === MODE.mem) {
    if (sb.dataoff < K8) return k.fail(k.E.EINVAL, 'offset < reserve');
    return { type: 'FS_DAX', ranges: [range], ops };
  }
  const pfn = Number(range.start >> 12n);
  const base_pfn = pfn - (pfn % k.arch.pages_per_subsection);
  const altmap = { base_pfn, reserve: 2 + pfn - base_pfn, free: Number((sb.dataoff - K8) >> 12n) };
  return { type: 'FS_DAX', ranges: [range], altmap, ops };
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<PagemapArgs | number>} */
function* nvdimm_setup_pfn(k, { index }) {
  const rc = yield k.fn('nd_pfn_init', PFN, nd_pfn_init, { index });
  if (rc !== 0) return rc;
  return yield k.fn('__nvdimm_setup_pfn', PFN, __nvdimm_setup_pfn, { index });
}

// ---- the pmem driver

/** @param {Kernel} k @param {{ dev: string, index: number }} args @returns {Steps<number>} */
function* nvdimm_namespace_common_probe(k, { dev, index }) {
  const ns = at(k, index);
  const typed = isTyped(dev);
  if (ns === null || (typed && ns.claim !== dev)) return k.fail(k.E.ENODEV, '!ndns');
  if (ns.state === 'enabled') return k.fail(k.E.EBUSY, 'ndns->dev.driver');
  if (!typed && ns.claim !== '') return k.fail(k.E.ENXIO, 'ndns->claim');
  if (ns.size < 4096n) return k.fail(k.E.ENODEV, 'size < ND_MIN_NAMESPACE_SIZE');
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
function* pmem_should_map_pages(k, { dev, index }) {
  if (!isLegacy(k) || isTyped(dev)) return false;
  const { start, size } = /** @type {Namespace} */ (at(k, index));
  return (yield k.region_intersects({ start, size })) !== 'REGION_MIXED';
}

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
    const pages = yield k.devm_memremap_pages(setup);
    if (isError(pages)) {
      yield k.release_mem_region({ start, size });
      return pages;
    }
    pgmap = pages.pgmap;
    if (whole) npfns = Number(size >> 12n);
    else {
      const sb = /** @type {InfoBlock} */ (k.read('info', index));
      ({ dataoff: data_offset, npfns } = sb);
      usable = size - sb.start_pad - sb.end_trunc - data_offset;
    }
  } else {
    // An NFIT region does not ask for struct pages (ND_REGION_PAGEMAP is not set): a plain mapping.
    yield k.fn('devm_memremap', 'kernel/iomem.c', nothing, { start, size });
  }
  // mode_show says "memory" of a raw namespace with struct pages; ndctl lists that as fsdax.
  if (whole) patch(k, index, { mode: 'fsdax', map: 'mem' });
  const blockdev = diskName(k, index);
  patch(k, index, { state: 'enabled', pgmap, data_offset, npfns, usable, blockdev });
  return 0;
}

/** drivers/nvdimm/namespace_devs.c:nvdimm_namespace_disk_name. @param {Kernel} k @param {number} index */
function diskName(k, index) {
  return index === 0 ? `pmem${k.device.index}` : `pmem${k.device.index}.${index}`;
}

// ---- sector mode

/**
 * btt_init(): arenas of 16 MiB to 512 GiB, each with its info block and copy, a log of 256 lanes,
 * a map of four bytes a block, and 256 blocks kept free.
 * @param {Kernel} k @param {{ rawsize: bigint, lbasize: bigint }} args @returns {Steps<bigint>}
 */
function* btt_init(k, { rawsize, lbasize }) {
  let nlba = 0n;
  for (let left = rawsize; left >= ARENA_MIN_SIZE;) {
    const arena = left < ARENA_MAX_SIZE ? left : ARENA_MAX_SIZE;
    left -= arena;
    nlba += yield k.fn('alloc_arena', BTT, alloc_arena, { size: arena, lbasize });
  }
  return nlba;
}

/** Blocks an arena offers (external_nlba). @param {Kernel} _k @param {{ size: bigint, lbasize: bigint }} args @returns {Steps<bigint>} */
function* alloc_arena(_k, { size, lbasize }) {
  const log = alignUp(BTT_NFREE * LOG_GRP_SIZE, BTT_PG_SIZE);
  const available = size - (size % BTT_PG_SIZE) - 2n * BTT_PG_SIZE - log;
  const internal_nlba = (available - BTT_PG_SIZE) / (alignUp(lbasize, 64n) + MAP_ENT_SIZE);
  return internal_nlba - BTT_NFREE;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* nvdimm_namespace_attach_btt(k, { index }) {
  const { start, size, name, uuid } = /** @type {Namespace} */ (at(k, index));
  const busy = yield k.request_mem_region({ start, size, name });
  if (isError(busy)) return busy;
  // Version 1.1 of the layout begins after a page; 2.0 needs labels of version 1.2.
  const rawsize = size - BTT_PG_SIZE;
  if (rawsize < ARENA_MIN_SIZE) {
    yield k.release_mem_region({ start, size });
    return k.fail(k.E.ENXIO, 'rawsize < ARENA_MIN_SIZE');
  }
  const nlba = yield k.fn('btt_init', BTT, btt_init, { rawsize, lbasize: SECTOR });
  k.write('info', index, {
    ...{ signature: BTT_SIG, parent_uuid: uuid, version_major: 1, version_minor: 1 },
    ...{ external_lbasize: Number(SECTOR), external_nlba: Number(nlba), nfree: Number(BTT_NFREE) },
  });
  const blockdev = `${diskName(k, index)}s`;
  patch(k, index, { state: 'enabled', usable: nlba * SECTOR, blockdev });
  return 0;
}

// ---- devdax

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* dax_pmem_probe(k, { index }) {
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
  const pgmap = yield k.fn('dev_dax_probe', 'drivers/dax/device.c', dev_dax_probe, {
    ...{ dev, align, pagemap: setup },
    ...data,
  });
  if (isError(pgmap)) {
    yield k.release_mem_region({ start, size: dataoff });
    return pgmap;
  }
  patch(k, index, { state: 'enabled', pgmap, data_offset: dataoff, npfns, usable, chardev: dev });
  return 0;
}

/**
 * The pagemap is the whole namespace, info block and memmap included; only the data is claimed.
 * @param {Kernel} k
 * @param {{ dev: string, align: bigint, pagemap: PagemapArgs, start: bigint, size: bigint }} args
 * @returns {Steps<string | number>} the pagemap
 */
function* dev_dax_probe(k, { dev, align, pagemap, start, size }) {
  const busy = yield k.request_mem_region({ start, size, name: dev });
  if (isError(busy)) {
    const where = `${hex(start)}-${hex(start + size - 1n)}`;
    k.log('warn', `device_dax ${dev}: mapping0: ${where} could not reserve range`);
    return busy;
  }
  // "device-dax: compound devmap support" (5.17): a page as large as the device's alignment.
  const order = Math.log2(Number(align >> 12n));
  const compound = order > 0 && k.switch('compound_devmap');
  const pages = yield k.devm_memremap_pages({
    ranges: pagemap.ranges,
    altmap: pagemap.altmap,
    type: 'GENERIC',
    ...(compound ? { vmemmap_shift: order } : {}),
  });
  if (isError(pages)) {
    yield k.release_mem_region({ start, size });
    return pages;
  }
  return pages.pgmap;
}

/** A function whose effects are outside what the bench models. @returns {Steps<number>} */
function* nothing() {
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* devm_namespace_enable(k, { index }) {
  const { start, size, name } = /** @type {Namespace} */ (at(k, index));
  const rc = yield k.request_mem_region({ start, size, name });
  return isError(rc) ? rc : 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<void>} */
function* release_region(k, { index }) {
  const { start, size } = /** @type {Namespace} */ (at(k, index));
  yield k.release_mem_region({ start, size });
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* nd_btt_probe(k, { index }) {
  const sb = /** @type {InfoBlock | null} */ (k.read('info', index));
  if (sb === null || sb.signature !== BTT_SIG || sb.parent_uuid !== at(k, index)?.uuid) {
    return k.fail(k.E.ENODEV, '!nd_btt_arena_is_valid(nd_btt, btt_sb)');
  }
  patch(k, index, { claim: typedName(k, 'btt', index), mode: 'sector', map: 'none' });
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* nd_pfn_probe(k, { index }) {
  return yield* probeInfoBlock(k, index, 'pfn');
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* nd_dax_probe(k, { index }) {
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

/** Info blocks in the order the raw probe looks for them. */
const INFO_BLOCKS = /** @type {const} */ ([
  { kind: 'btt', name: 'nd_btt_probe', source: 'drivers/nvdimm/btt_devs.c', fn: nd_btt_probe },
  { kind: 'pfn', name: 'nd_pfn_probe', source: PFN, fn: nd_pfn_probe },
  { kind: 'dax', name: 'nd_dax_probe', source: 'drivers/nvdimm/dax_devs.c', fn: nd_dax_probe },
]);

/** @param {Kernel} k @param {{ dev: string, index: number }} args @returns {Steps<number>} */
function* nd_pmem_probe(k, { dev, index }) {
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

/** The driver core gives a device to the driver of its type. @param {Kernel} k @param {string} dev @param {number} index */
function probeOf(k, dev, index) {
  return dev.startsWith('dax')
    ? k.fn('dax_pmem_probe', 'drivers/dax/pmem.c', dax_pmem_probe, { index })
    : k.fn('nd_pmem_probe', PMEM, nd_pmem_probe, { dev, index });
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<void>} */
function* devres_release_all(k, { index }) {
  const { pgmap, start, size, chardev, data_offset, usable } = /** @type {Namespace} */ (
    at(k, index)
  );
  if (pgmap !== '') yield k.memunmap_pages({ pgmap });
  if (chardev === '') yield k.release_mem_region({ start, size });
  else {
    yield k.release_mem_region({ start: start + data_offset, size: usable });
    yield k.release_mem_region({ start, size: data_offset });
  }
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* unbindSlot(k, { index }) {
  const ns = at(k, index);
  if (ns === null || ns.state !== 'enabled') return k.fail(k.E.ENODEV, 'dev->driver != drv');
  const dev = ns.claim === '' ? ns.name : ns.claim;
  if (ns.chardev === '') yield k.fn('nd_pmem_remove', PMEM, nothing, { dev });
  else yield k.fn('unregister_dev_dax', 'drivers/dax/bus.c', nothing, { dev });
  yield k.fn('devres_release_all', DEVRES, devres_release_all, { index });
  patch(k, index, {
    state: 'disabled',
    pgmap: '',
    data_offset: 0n,
    npfns: 0,
    usable: 0n,
    blockdev: '',
    chardev: '',
  });
  return 0;
}

// ---- region, labels, namespaces

/** @param {Kernel} k @param {number} index @param {{ start: bigint, size: bigint }} extent @param {Partial<Namespace>} more */
function putNamespace(k, index, extent, more) {
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
      align: 4096n,
      data_offset: 0n,
      usable: 0n,
      npfns: 0,
      pgmap: '',
      blockdev: '',
      chardev: '',
    },
  };
  k.write('namespaces', index, { ...blank, ...more });
}

/** Writes an integer, lowest byte first. @param {Kernel} k @param {number} offset @param {bigint} value @param {number} bytes */
function putBytes(k, offset, value, bytes) {
  for (let i = 0; i < bytes; i += 1)
    k.write('labels', offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
}

/** One slot of struct nd_namespace_label (drivers/nvdimm/label.h), after two index blocks. */
function putLabel(
  /** @type {Kernel} */ k,
  /** @type {number} */ index,
  /** @type {Namespace | null} */ ns,
) {
  const base = 512 + index * 256;
  putBytes(k, base, ns ? BigInt(`0x${ns.uuid.split('-').join('')}`) : 0n, 16);
  putBytes(k, base + 84, ns ? 1n : 0n, 2);
  putBytes(k, base + 104, ns ? ns.start - region(k).start : 0n, 8);
  putBytes(k, base + 112, ns ? ns.size : 0n, 8);
  putBytes(k, base + 120, ns ? BigInt(index) : 0n, 4);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* nd_region_probe(k) {
  // region_devs.c:default_align: 16 MiB, or a page where the region has not as much.
  if (k.read('align') === COMPAT_ALIGN_MAX && region(k).size < COMPAT_ALIGN_MAX) {
    k.write('align', 4096n);
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
function* probeLegacy(k) {
  return yield k.fn('e820_pmem_probe', 'drivers/nvdimm/e820.c', e820_pmem_probe);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  return yield k.fn(
    'acpi_nfit_register_region',
    'drivers/acpi/nfit/core.c',
    acpi_nfit_register_region,
  );
}

/** Free extents of the region, aligned to the region's alignment, by address. @param {Kernel} k */
function freeExtents(k) {
  const { start, size } = region(k);
  const step = /** @type {bigint} */ (k.read('align'));
  const used = present(k).map((i) => /** @type {Namespace} */ (at(k, i)));
  used.sort((a, b) => (a.start < b.start ? -1 : 1));
  const free = [];
  let from = start;
  for (const { start: to, size: length } of [...used, { start: start + size, size: 0n }]) {
    const first = alignUp(from, step);
    const last = (to / step) * step;
    if (last > first) free.push({ start: first, size: last - first });
    from = to + length;
  }
  return free;
}

/** @param {Kernel} k @param {{ mode: string, align: bigint, size?: bigint }} args @returns {Steps<Value>} */
function* validate_namespace_options(k, { mode, align, size }) {
  const { E } = k;
  const name = `region${k.device.index}`;
  if (['fsdax', 'devdax'].includes(mode) && !k.switch('nvdimm_pfn_by_subsection')) {
    return k.fail(
      E.EOPNOTSUPP,
      `this model knows ${mode} namespaces from 5.3 on, where they follow sub-sections`,
    );
  }
  if (![4096n, SUBSECTION, 0x40000000n].includes(align)) {
    return k.fail(E.EINVAL, `${name}: alignment ${align} is none of 4096, 2097152, 1073741824`);
  }
  const step = /** @type {bigint} */ (k.read('align'));
  if (isLegacy(k) || !k.read('labelled')) {
    const whole = region(k);
    if (whole.size % step !== 0n) {
      const text = `${name}: align setting is ${hex(step)} size ${hex(whole.size)} is misaligned`;
      return k.fail(E.EINVAL, text);
    }
    if (size === undefined || size === whole.size) return { ...whole, index: 0 };
    return k.fail(
      E.EINVAL,
      `${name} has no labels: its one namespace has all ${hex(whole.size)} bytes`,
    );
  }
  if (size !== undefined) {
    if (size % step !== 0n || size === 0n) {
      return k.fail(
        E.EINVAL,
        `${name}: align setting is ${hex(step)} size ${hex(size)} is misaligned`,
      );
    }
    if (size % align !== 0n) {
      const next = alignUp(size, align) >> 20n;
      const text = `'--size=' must align to interleave-width: 1 and alignment: ${align}`;
      return k.fail(E.EINVAL, `${text}; did you intend --size=${next}M?`);
    }
  }
  const extents = freeExtents(k);
  const most = extents.reduce((best, extent) => larger(best, extent.size), 0n);
  const wanted = size ?? most;
  const found = extents.find((extent) => extent.size >= wanted && wanted > 0n);
  const index = Array.from({ length: SLOTS }, (_, i) => i).find((i) => at(k, i) === null) ?? -1;
  if (found === undefined || index < 0) {
    return k.fail(
      E.ENOSPC,
      `${name}: insufficient capacity size: ${hex(wanted)} avail: ${hex(most)}`,
    );
  }
  return { start: found.start, size: wanted, index };
}

/** @param {Kernel} k @param {{ index: number, start: bigint, size: bigint }} args @returns {Steps<number>} */
function* size_store(k, { index, start, size }) {
  putNamespace(k, index, { start, size }, {});
  putLabel(k, index, at(k, index));
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* delete_namespace(k, { index }) {
  if (!isLegacy(k) && k.read('labelled')) {
    putLabel(k, index, null);
    k.write('namespaces', index, null);
  } else patch(k, index, { mode: 'raw', map: 'none', claim: '', align: 4096n });
  return 0;
}

// ---- actions: what ndctl and sysfs do

/** The typed device that ndctl sets up for a mode. @type {Readonly<Record<string, string>>} */
const KIND = { sector: 'btt', fsdax: 'pfn', devdax: 'dax' };

/** @param {Kernel} k @param {{ mode: string, map: string, align: bigint, size?: bigint }} args @returns {Steps<Value>} */
function* create_namespace(k, { mode, map, align, size }) {
  const options = { mode, align, ...(size === undefined ? {} : { size }) };
  const plan = yield k.fn(
    'validate_namespace_options',
    NDCTL,
    validate_namespace_options,
    options,
    TOOL,
  );
  if (isError(plan)) return plan;
  const { index } = plan;
  const known = at(k, index);
  if (known === null) yield k.fn('size_store', NAMESPACE, size_store, plan);
  else if (known.state === 'enabled') {
    const rc = yield k.fn('unbind_store', 'drivers/base/bus.c', unbindSlot, { index });
    if (isError(rc)) return rc;
  }
  k.write('info', index, null);
  // ndctl/namespace.c:do_setup_pfn: memory that has its struct pages in raw mode needs no pfn device.
  const kind = isLegacy(k) && mode === 'fsdax' && map === 'mem' ? '' : (KIND[mode] ?? '');
  const claim = kind === '' ? '' : typedName(k, kind, index);
  const pages = kind === 'pfn' || kind === 'dax';
  const dev = claim === '' ? `namespace${k.device.index}.${index}` : claim;
  patch(k, index, {
    ...{ mode: kind === '' ? 'raw' : mode, claim },
    ...{ map: pages ? map : 'none', align: pages ? align : 4096n },
  });
  const rc = yield probeOf(k, dev, index);
  if (isError(rc)) {
    yield k.fn('delete_namespace', NDCTL, delete_namespace, { index }, TOOL);
    return rc;
  }
  return `ns${index}`;
}

/** @param {Kernel} k @param {{ child: string, force: boolean }} args @returns {Steps<number>} */
function* destroy_namespace(k, { child, force }) {
  const index = slotOf(child);
  const ns = index < 0 ? null : at(k, index);
  if (ns === null) return k.fail(k.E.ENODEV, `there is no ${child}`);
  if (ns.state === 'enabled') {
    if (!force)
      return k.fail(k.E.EBUSY, `${ns.name} is active, specify --force for re-configuration`);
    const rc = yield k.fn('unbind_store', 'drivers/base/bus.c', unbindSlot, { index });
    if (isError(rc)) return rc;
  }
  k.write('info', index, null);
  return yield k.fn('delete_namespace', NDCTL, delete_namespace, { index }, TOOL);
}

/** @param {Kernel} k @returns {Steps<number>} */
function* init_labels(k) {
  const size = /** @type {bigint} */ (k.device.config.label_size);
  if (size < 0x10000n) {
    return k.fail(
      k.E.ENXIO,
      `nmem${k.device.index} has no label area: set label_size to 64KiB or more`,
    );
  }
  for (const index of present(k)) {
    if (at(k, index)?.state === 'enabled') {
      yield k.fn('nd_region_remove', 'drivers/nvdimm/region.c', unbindSlot, { index });
    }
    k.write('info', index, null);
    putLabel(k, index, null);
    k.write('namespaces', index, null);
  }
  putBytes(
    k,
    0,
    [...'NAMESPACE_INDEX'].reduce(
      (sum, c, i) => sum + (BigInt(c.charCodeAt(0)) << BigInt(8 * i)),
      0n,
    ),
    16,
  );
  k.write('labelled', true);
  return yield k.fn('nd_region_probe', 'drivers/nvdimm/region.c', nd_region_probe);
}

/** @param {Kernel} k @param {{ child: string }} args @returns {Steps<number>} */
function* bind(k, { child }) {
  const index = slotOf(child);
  if (index < 0) return k.fail(k.E.ENODEV, `there is no ${child}`);
  const ns = at(k, index);
  const claim = ns === null ? typedName(k, 'pfn', index) : ns.claim;
  return yield probeOf(k, ns !== null && claim === '' ? ns.name : claim, index);
}

/** @param {Kernel} k @param {{ child?: string }} args @returns {Steps<number>} */
function* unbind(k, { child }) {
  const slots =
    child === undefined ? present(k).filter((i) => at(k, i)?.state === 'enabled') : [slotOf(child)];
  for (const index of slots) {
    const rc =
      index < 0 ? k.fail(k.E.ENODEV, `there is no ${child}`) : yield* unbindSlot(k, { index });
    if (isError(rc)) return rc;
  }
  return 0;
}

/** @param {Kernel} k @param {{ child: string }} args @returns {Steps<number>} */
function* disable(k, { child }) {
  const index = slotOf(child);
  const rc = yield* unbind(k, { child });
  if (!isError(rc)) patch(k, index, { claim: '' });
  return rc;
}

/** @param {Kernel} k @param {{ child: string }} args @returns {Steps<number>} */
function* enable(k, { child }) {
  const index = slotOf(child);
  const ns = index < 0 ? null : at(k, index);
  if (ns === null) return k.fail(k.E.ENODEV, `there is no ${child}`);
  const rc = yield k.fn('nd_pmem_probe', PMEM, nd_pmem_probe, { dev: ns.name, index });
  const claim = at(k, index)?.claim ?? '';
  if (claim === '' || rc !== -k.E.ENXIO) return rc;
  return yield probeOf(k, claim, index);
}

/** drivers/nvdimm/region_devs.c:align_store. @param {Kernel} k @param {{ align: bigint }} args @returns {Steps<number>} */
function* set_align(k, { align }) {
  const { size } = region(k);
  if (align < 4096n || align > size || (align & (align - 1n)) !== 0n) {
    return k.fail(
      k.E.EINVAL,
      '!val || val > region_size || !is_power_of_2(val) || val < PAGE_SIZE',
    );
  }
  k.write('align', align);
  return 0;
}

const actions = {
  'create-namespace': create_namespace,
  'destroy-namespace': destroy_namespace,
  enable,
  disable,
  bind,
  unbind,
  'set-align': set_align,
};

export const models = {
  nvdimm: { callbacks: { probe }, actions: { 'init-labels': init_labels, ...actions } },
  'e820-pmem': { callbacks: { probe: probeLegacy }, actions },
};
