// SPDX-License-Identifier: MIT
// Sector mode: the block translation table.
import { isError } from 'pfnlab:runs';
import { BTT, BTT_SIG, alignUp, at, diskName, patch, typedName } from './namespace.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { InfoBlock, Namespace } from './namespace.js' */
const BTT_PG_SIZE = 4096n;
const BTT_NFREE = 256n;
const LOG_GRP_SIZE = 64n;
const MAP_ENT_SIZE = 4n;
const ARENA_MIN_SIZE = 0x1000000n;
const ARENA_MAX_SIZE = 0x8000000000n;
/** What ndctl takes for a sector when it is not told. */
const SECTOR = 4096n;

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
export function* nvdimm_namespace_attach_btt(k, { index }) {
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
  yield k.device_add_disk({ name: blockdev, start, size: nlba * SECTOR });
  patch(k, index, { state: 'enabled', usable: nlba * SECTOR, blockdev });
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* nd_btt_probe(k, { index }) {
  const sb = /** @type {InfoBlock | null} */ (k.read('info', index));
  if (sb === null || sb.signature !== BTT_SIG || sb.parent_uuid !== at(k, index)?.uuid) {
    return k.fail(k.E.ENODEV, '!nd_btt_arena_is_valid(nd_btt, btt_sb)');
  }
  patch(k, index, { claim: typedName(k, 'btt', index), mode: 'sector', map: 'none' });
  return 0;
}
