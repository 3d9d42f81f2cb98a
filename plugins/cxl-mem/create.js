// SPDX-License-Identifier: MIT
// `cxl create-region`: a region of a window, its interleave, its memory devices, and its commit.
import { attach_target } from './attach.js';
import { available, cxl_dpa_alloc, cxl_dpa_free, cxl_dpa_set_mode } from './dpa.js';
import {
  HDM,
  REGION,
  SLOTS,
  SZ_256M,
  TOOL,
  isError,
  isPowerOfTwo,
  memdevAt,
  patchRegion,
  region,
  regionAt,
  slotOf,
  windows,
} from './names.js';
import { cxl_region_probe } from './probe.js';

/** @import { CxlWindow, Kernel, Steps } from '../api.d.ts' */
/** @import { Region } from './names.js' */

/** @typedef {{ mode: string, window: number, ways?: number, granularity?: bigint, size?: bigint, memdevs?: string }} Wanted */

/** @param {Kernel} k @param {{ index: number }} args */
const root = (k, { index }) => /** @type {CxlWindow} */ (windows(k)[region(k, index).window]);

/** @param {Kernel} k @param {{ index: number, window: number, mode: string }} args @returns {Steps<number>} */
function* create_region(k, { index, window, mode }) {
  /** @type {Region} */
  const made = {
    ...{ name: `region${index}`, mode, window, ways: 0, granularity: 0n, start: 0n, size: 0n },
    ...{ resource: 0, targets: [], state: 'created', dax: '', driver: '', nid: -1, pgmap: '' },
  };
  k.write('regions', index, /** @type {never} */ (made));
  return 0;
}

/** @param {Kernel} k @param {{ index: number, ways: number }} args @returns {Steps<number>} */
function* interleave_ways_store(k, { index, ways }) {
  const over = root(k, { index }).targets.length;
  if (![1, 2, 3, 4, 6, 8, 12, 16].includes(ways))
    return k.fail(k.E.EINVAL, 'ways_to_eiw(val, &iw)');
  if (ways % over !== 0 || !isPowerOfTwo(ways / over)) {
    return k.fail(
      k.E.EINVAL,
      '!is_power_of_2(val / cxld->interleave_ways) || (val % cxld->interleave_ways)',
    );
  }
  patchRegion(k, index, { ways });
  return 0;
}

/** @param {Kernel} k @param {{ index: number, granularity: bigint }} args @returns {Steps<number>} */
function* interleave_granularity_store(k, { index, granularity }) {
  const window = root(k, { index });
  if (granularity < 256n || granularity > 16384n || (granularity & (granularity - 1n)) !== 0n) {
    return k.fail(k.E.EINVAL, 'granularity_to_eig(val, &ig)');
  }
  if (window.targets.length > 1 && granularity !== window.granularity) {
    return k.fail(k.E.EINVAL, 'cxld->interleave_ways > 1 && val != cxld->interleave_granularity');
  }
  patchRegion(k, index, { granularity });
  return 0;
}

/** Physical addresses in the window, in units of 256 MiB for each way. @param {Kernel} k @param {{ index: number, size: bigint }} args @returns {Steps<number>} */
function* alloc_hpa(k, { index, size }) {
  const { name, ways } = region(k, index);
  if (size % (SZ_256M * BigInt(ways)) !== 0n) {
    return k.fail(k.E.EINVAL, 'size is no multiple of SZ_256M * p->interleave_ways');
  }
  const { resource } = root(k, { index });
  const found = yield k.alloc_free_mem_region({ parent: resource, size, align: SZ_256M, name });
  if (isError(found)) return found;
  patchRegion(k, index, { start: found.start, size, resource: found.id, state: 'interleave' });
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* cxl_region_decode_commit(k, { index }) {
  patchRegion(k, index, { state: 'committed' });
  return 0;
}

/** @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* commit_store(k, { index }) {
  if (region(k, index).state !== 'active') return k.fail(k.E.ENXIO, 'p->state < CXL_CONFIG_ACTIVE');
  return yield k.fn('cxl_region_decode_commit', REGION, cxl_region_decode_commit, { index });
}

/** What the tool writes, in its order. @param {Kernel} k @param {{ index: number, ways: number, granularity: bigint, size: bigint, mode: string, mems: readonly string[] }} args @returns {Steps<number>} */
function* configure(k, { index, ways, granularity, size, mode, mems }) {
  const grain = yield k.fn('interleave_granularity_store', REGION, interleave_granularity_store, {
    index,
    granularity,
  });
  if (isError(grain)) return grain;
  const wide = yield k.fn('interleave_ways_store', REGION, interleave_ways_store, { index, ways });
  if (isError(wide)) return wide;
  const hpa = yield k.fn('alloc_hpa', REGION, alloc_hpa, { index, size });
  if (isError(hpa)) return hpa;
  const { name } = region(k, index);
  for (const [pos, mem] of mems.entries()) {
    const set = yield k.fn('cxl_dpa_set_mode', HDM, cxl_dpa_set_mode, { mem, mode });
    if (isError(set)) return set;
    const part = { mem, mode, size: size / BigInt(ways), region: name };
    const dpa = yield k.fn('cxl_dpa_alloc', HDM, cxl_dpa_alloc, part);
    if (isError(dpa)) return dpa;
    const put = yield k.fn('attach_target', REGION, attach_target, { index, mem, pos });
    if (isError(put)) return put;
  }
  const done = yield k.fn('commit_store', REGION, commit_store, { index });
  if (isError(done)) return done;
  return yield k.fn('cxl_region_probe', REGION, cxl_region_probe, { index });
}

/** What a failed or ended region gives back. @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
export function* unregister_region(k, { index }) {
  const { targets, name, resource } = region(k, index);
  if (resource !== 0) yield k.remove_resource({ id: resource });
  for (const mem of [...new Set(targets)].reverse()) {
    const freed = yield k.fn('cxl_dpa_free', HDM, cxl_dpa_free, { mem, region: name });
    if (isError(freed)) k.log('warn', `cxl_core ${name}: ${mem} keeps its device memory`);
  }
  yield k.memregion_free({ id: index });
  k.write('regions', index, null);
  return 0;
}

/** @param {Kernel} k @param {string | undefined} list @returns {string[]} */
function memdevNames(k, list) {
  if (list !== undefined) return list.split(' ').filter((name) => name !== '');
  return Array.from({ length: SLOTS }, (_, i) => memdevAt(k, i)?.name ?? '').filter(
    (name) => name !== '',
  );
}

/** @param {Kernel} k @param {Wanted} wanted @returns {Steps<number>} */
function* chosen(k, { mode, window, ways, granularity, size, memdevs }) {
  const found = windows(k)[window];
  if (found === undefined) return k.fail(k.E.ENODEV, `there is no decoder0.${window}`);
  if (!k.switch('cxl_regions')) return k.fail(k.E.ENOENT, 'create_pmem_region came with 6.0');
  if (mode === 'ram' && !k.switch('cxl_ram_regions')) {
    return k.fail(k.E.ENOENT, 'create_ram_region came with 6.3');
  }
  if (!found.restrictions.includes(mode === 'ram' ? 'volatile' : 'pmem')) {
    return k.fail(
      k.E.ENOENT,
      `decoder0.${window} has no create_${mode}_region: the window takes no such memory`,
    );
  }
  const names = memdevNames(k, memdevs);
  const unknown = names.find((name) => memdevAt(k, slotOf('mem', name)) === null);
  if (unknown !== undefined) return k.fail(k.E.ENODEV, `there is no ${unknown}`);
  const wide = ways ?? names.length;
  const rooms = names.map((name) =>
    available(/** @type {never} */ (memdevAt(k, slotOf('mem', name))), mode),
  );
  const least = rooms.reduce((a, b) => (a < b ? a : b));
  // cxl/region.c:create_region: as much as the smallest device has free, on each.
  const bytes = size ?? least * BigInt(wide);
  if (bytes === 0n) return k.fail(k.E.ENOSPC, `no free ${mode} capacity`);
  const index = yield k.memregion_alloc({});
  if (index >= SLOTS)
    return k.fail(k.E.ENOSPC, `this model keeps ${SLOTS} regions, not the kernel`);
  const made = yield k.fn(`create_${mode}_region_store`, REGION, create_region, {
    index,
    window,
    mode,
  });
  if (isError(made)) return made;
  const args = {
    index,
    ways: wide,
    granularity: granularity ?? found.granularity,
    size: bytes,
    mode,
  };
  const rc = yield* configure(k, { ...args, mems: names.slice(0, wide) });
  if (isError(rc) && regionAt(k, index)?.state !== 'committed') {
    yield k.fn('unregister_region', REGION, unregister_region, { index });
  }
  return rc;
}

/** @param {Kernel} k @param {Wanted} wanted @returns {Steps<number>} */
export function* createRegion(k, wanted) {
  return yield k.fn(
    'cxl_create_region',
    'cxl/region.c',
    chosen,
    /** @type {never} */ (wanted),
    TOOL,
  );
}
