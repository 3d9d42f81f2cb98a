// SPDX-License-Identifier: MIT
// What ndctl does to make and destroy namespaces.
import { isError } from 'pfnlab:runs';
import { defaultAlignment, supportedAlignments } from './align.js';
import { probeOf, unbindSlot } from './bus.js';
import { putBytes, putLabel } from './labels.js';
import {
  NAMESPACE,
  NDCTL,
  SLOTS,
  TOOL,
  alignUp,
  at,
  hex,
  isLegacy,
  larger,
  pageSize,
  patch,
  present,
  putNamespace,
  region,
  slotOf,
  typedName,
} from './namespace.js';
import { nd_region_probe } from './region.js';

/** @import { Kernel, Steps, Value } from '../api.d.ts' */
/** @import { Namespace } from './namespace.js' */

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

/** @param {Kernel} k @param {{ mode: string, map: string, align: bigint, size?: bigint }} args @returns {Steps<Value>} */
function* validate_namespace_options(k, { mode, map, align, size }) {
  const { E } = k;
  const name = `region${k.device.index}`;
  if (['fsdax', 'devdax'].includes(mode) && k.config('ZONE_DEVICE') !== 'y') {
    return k.fail(E.EOPNOTSUPP, `${name}: CONFIG_ZONE_DEVICE is not set: there are no pfn devices`);
  }
  if (mode === 'devdax' && !k.switch('nvdimm_dax_devices')) {
    return k.fail(E.EOPNOTSUPP, `${name}: this kernel has no dax devices`);
  }
  if (mode === 'fsdax' && map === 'dev' && !k.switch('nvdimm_pfn_map_dev')) {
    return k.fail(E.EOPNOTSUPP, 'mode_store: this kernel has no memmap on the device; map: mem');
  }
  const alignments = supportedAlignments(k);
  if (!alignments.includes(align)) {
    return k.fail(E.EINVAL, `${name}: alignment ${align} is none of ${alignments.join(', ')}`);
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
  } else patch(k, index, { mode: 'raw', map: 'none', claim: '', align: pageSize(k) });
  return 0;
}

/** The typed device that ndctl sets up for a mode. @type {Readonly<Record<string, string>>} */
const KIND = { sector: 'btt', fsdax: 'pfn', devdax: 'dax' };

/** @param {Kernel} k @param {{ mode: string, map: string, align?: bigint, size?: bigint }} args @returns {Steps<Value>} */
export function* create_namespace(k, { mode, map, align = defaultAlignment(k), size }) {
  const options = { mode, map, align, ...(size === undefined ? {} : { size }) };
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
    ...{ map: pages ? map : 'none', align: pages ? align : pageSize(k) },
  });
  const rc = yield probeOf(k, dev, index);
  if (isError(rc)) {
    yield k.fn('delete_namespace', NDCTL, delete_namespace, { index }, TOOL);
    return rc;
  }
  return `ns${index}`;
}

/** @param {Kernel} k @param {{ child: string, force: boolean }} args @returns {Steps<number>} */
export function* destroy_namespace(k, { child, force }) {
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
export function* init_labels(k) {
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
