// SPDX-License-Identifier: MIT
// Regions that firmware made before the kernel came: their decoders are committed already.
import {
  REGION,
  isError,
  isPowerOfTwo,
  memdevAt,
  patchMemdev,
  patchRegion,
  slotOf,
  windows,
} from './names.js';
import { cxl_region_probe } from './probe.js';

/** @import { CxlWindow, Kernel, Steps } from '../api.d.ts' */
/** @import { Memdev } from './names.js' */

/** @typedef {{ start: bigint, size: bigint, granularity: bigint, memdevs: string }} FirmwareRegion */

/** @param {string} list */
const namesOf = (list) => list.split(' ').filter((name) => name !== '');

/** Where firmware put the device memory: from DPA 0 on. @param {Kernel} k @param {{ mem: string, size: bigint, region: string }} args */
function decoded(k, { mem, size, region }) {
  const index = slotOf('mem', mem);
  const { decoders } = /** @type {Memdev} */ (memdevAt(k, index));
  const last = decoders.at(-1);
  const dpa = last === undefined ? 0n : last.dpa + last.size;
  patchMemdev(k, index, { decoders: [...decoders, { mode: 'ram', dpa, size, skip: 0n, region }] });
}

/** @param {Kernel} k @param {{ index: number, window: number, start: bigint, size: bigint, granularity: bigint, targets: readonly string[] }} args @returns {Steps<number>} */
function* construct_region(k, { index, window, start, size, granularity, targets }) {
  const name = `region${index}`;
  const { resource: parent } = /** @type {CxlWindow} */ (windows(k)[window]);
  const id = yield k.insert_resource({ parent, start, end: start + size - 1n, name });
  if (isError(id))
    k.log('warn', `cxl_core ${name}: construct_region ${name} cannot insert resource`);
  const ways = targets.length;
  for (const mem of targets) decoded(k, { mem, size: size / BigInt(ways), region: name });
  k.write(
    'regions',
    index,
    /** @type {never} */ ({
      ...{ name, mode: 'ram', window, ways, granularity, start, size, targets },
      ...{
        resource: isError(id) ? 0 : id,
        state: 'interleave',
        dax: '',
        driver: '',
        nid: -1,
        pgmap: '',
      },
    }),
  );
  return 0;
}

/** Sorts the devices into their places, which firmware has committed. @param {Kernel} k @param {{ index: number }} args @returns {Steps<number>} */
function* cxl_region_sort_targets(k, { index }) {
  patchRegion(k, index, { state: 'committed' });
  return 0;
}

/** @param {Kernel} k @param {{ index: number, given: FirmwareRegion }} args @returns {Steps<number>} */
function* cxl_add_to_region(k, { index, given }) {
  const { start, size, granularity, memdevs } = given;
  const end = start + size - 1n;
  const window = windows(k).findIndex((one) => one.start <= start && one.end >= end);
  if (window < 0) {
    k.log('err', `cxl_core: no CXL window for range 0x${start.toString(16)}:0x${end.toString(16)}`);
    return k.fail(k.E.ENXIO, '!cxlrd_dev');
  }
  const targets = namesOf(memdevs);
  if (
    targets.some((name) => memdevAt(k, slotOf('mem', name)) === null) ||
    !isPowerOfTwo(targets.length)
  ) {
    return k.fail(
      k.E.ENXIO,
      'firmware_regions name memory devices that are there, a power of two of them',
    );
  }
  yield k.fn('construct_region', REGION, construct_region, {
    index,
    window,
    start,
    size,
    granularity,
    targets,
  });
  yield k.fn('cxl_region_sort_targets', REGION, cxl_region_sort_targets, { index });
  return yield k.fn('cxl_region_probe', REGION, cxl_region_probe, { index });
}

/** Before 6.3 no driver looks for them: such memory is what the firmware map says it is. @param {Kernel} k @returns {Steps<number>} */
export function* assemble(k) {
  const given = /** @type {readonly FirmwareRegion[]} */ (
    k.device.config['firmware_regions'] ?? []
  );
  if (given.length === 0) return 0;
  if (!k.switch('cxl_ram_regions')) {
    k.note('this kernel does not assemble regions that firmware made (6.3)');
    return 0;
  }
  for (const one of given) {
    const index = yield k.memregion_alloc({});
    const rc = yield k.fn('cxl_add_to_region', REGION, cxl_add_to_region, {
      index,
      given: /** @type {never} */ (one),
    });
    if (isError(rc)) return rc;
  }
  return 0;
}
