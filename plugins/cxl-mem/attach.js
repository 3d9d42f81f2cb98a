// SPDX-License-Identifier: MIT
// A memory device at a position of a region: what the kernel checks of the way to it.
import { REGION, isPowerOfTwo, memdev, patchRegion, region, windows } from './names.js';

/** @import { CxlWindow, Kernel, Steps } from '../api.d.ts' */

/** @typedef {{ index: number, mem: string, pos: number }} Position */

/** @param {Kernel} k @param {Position} args @returns {Steps<number>} */
function* cxl_region_validate_position(k, { index, mem, pos }) {
  const { ways, targets } = region(k, index);
  if (pos < 0 || pos >= ways) return k.fail(k.E.ENXIO, 'pos < 0 || pos >= p->interleave_ways');
  if (targets.includes(mem)) {
    return k.fail(k.E.EBUSY, `${mem} already specified at position ${targets.indexOf(mem)}`);
  }
  return 0;
}

/** The host bridge above must be the one the window sends this position to. @param {Kernel} k @param {Position} args @returns {Steps<number>} */
function* cxl_region_attach_position(k, { index, mem, pos }) {
  const { targets } = /** @type {CxlWindow} */ (windows(k)[region(k, index).window]);
  if (memdev(k, mem).bridge !== targets[pos % targets.length]) {
    return k.fail(k.E.ENXIO, 'dport != cxlrd->cxlsd.target[pos % iw]');
  }
  return 0;
}

/** Every host bridge spreads over a power of two of ports. @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* cxl_region_setup_targets(k, { index }) {
  const { targets, window, granularity } = region(k, index);
  const over = /** @type {CxlWindow} */ (windows(k)[window]).targets.length;
  /** @type {Map<number, number>} */
  const ports = new Map();
  for (const mem of targets) {
    const { bridge } = memdev(k, mem);
    ports.set(bridge, (ports.get(bridge) ?? 0) + 1);
  }
  const parent = isPowerOfTwo(over) ? over : over / 3;
  for (const count of ports.values()) {
    if (!isPowerOfTwo(count)) return k.fail(k.E.EINVAL, '!is_power_of_2(cxl_rr->nr_targets)');
    if (count > 1 && granularity * BigInt(parent) > 16384n) {
      return k.fail(k.E.EINVAL, 'granularity_to_eig(parent_ig * parent_iw, &eig)');
    }
  }
  patchRegion(k, index, { state: 'active' });
  return 0;
}

/** @param {Kernel} k @param {Position} args @returns {Steps<number>} */
function* cxl_region_attach(k, { index, mem, pos }) {
  const { name, mode, ways, size, targets } = region(k, index);
  const { bridge, decoders } = memdev(k, mem);
  if (targets.length >= ways) return k.fail(k.E.EINVAL, 'p->nr_targets >= p->interleave_ways');
  if (windows(k).every((one) => !one.targets.includes(bridge))) {
    return k.fail(k.E.ENXIO, `no window leads to host bridge ${bridge}`);
  }
  const decoder = decoders.find((one) => one.region === name);
  if (decoder === undefined) return k.fail(k.E.ENXIO, '!cxled->dpa_res');
  if (decoder.mode !== mode) return k.fail(k.E.EINVAL, 'cxled->mode != cxlr->mode');
  if (decoder.size * BigInt(ways) !== size) {
    return k.fail(
      k.E.EINVAL,
      'resource_size(cxled->dpa_res) * p->interleave_ways != resource_size(p->res)',
    );
  }
  const at = yield k.fn('cxl_region_validate_position', REGION, cxl_region_validate_position, {
    index,
    mem,
    pos,
  });
  if (at < 0) return at;
  const way = yield k.fn('cxl_region_attach_position', REGION, cxl_region_attach_position, {
    index,
    mem,
    pos,
  });
  if (way < 0) return way;
  patchRegion(k, index, { targets: [...targets, mem] });
  if (targets.length + 1 < ways) return 0;
  return yield k.fn('cxl_region_setup_targets', REGION, cxl_region_setup_targets, { index });
}

/** @param {Kernel} k @param {Position} args @returns {Steps<number>} */
export function* attach_target(k, args) {
  const rc = yield k.fn('cxl_region_attach', REGION, cxl_region_attach, args);
  if (rc < 0) {
    const { targets } = region(k, args.index);
    // The device memory of a target that was refused goes with the region.
    if (!targets.includes(args.mem))
      patchRegion(k, args.index, { targets: [...targets, args.mem] });
  }
  return rc;
}
