// SPDX-License-Identifier: MIT
// The driver finds the device: which blocks it is made of, and whom it tells.
import { VIRTIO_MEM, isError, larger, patchVm, vm } from './blocks.js';

/** @import { Kernel, Steps } from '../api.d.ts' */
/** @import { Vm } from './blocks.js' */

const GIB = 1n << 30n;

/** Bytes of a sub-block: what alloc_contig_range() takes well, and at least a block of the device. @param {Kernel} k @param {bigint} device_block_size */
function subBlock(k, device_block_size) {
  const { page_shift, pageblock_order, max_page_order } = k.arch;
  const least = k.switch('virtio_mem_pageblock_subblocks')
    ? pageblock_order
    : Math.max(max_page_order, pageblock_order);
  return larger(1n << BigInt(least + page_shift), device_block_size);
}

/** The mode and the first block. @param {Kernel} k @param {bigint} memory_block @returns {Pick<Vm, 'in_sbm' | 'sb_size' | 'sbs_per_mb' | 'unit' | 'offline_threshold'> | number} */
function modeOf(k, memory_block) {
  const { config } = k.device;
  const device_block_size = /** @type {bigint} */ (config['block_size']);
  const sb_size = subBlock(k, device_block_size);
  const threshold = k.switch('virtio_mem_big_blocks')
    ? larger(2n * memory_block, GIB)
    : 10n * memory_block;
  if (!k.switch('virtio_mem_big_blocks') && device_block_size > memory_block) {
    k.log('err', `virtio_mem ${k.device.id}: The block size is not supported (too big).`);
    return k.fail(k.E.EINVAL, 'vm->device_block_size > memory_block_size_bytes()');
  }
  const small = sb_size < memory_block || !k.switch('virtio_mem_big_blocks');
  if (small && config['force_bbm'] !== true) {
    const sbs_per_mb = Number(memory_block / sb_size);
    return { in_sbm: true, sb_size, sbs_per_mb, unit: memory_block, offline_threshold: threshold };
  }
  const least = larger(device_block_size, memory_block);
  const wanted = /** @type {bigint} */ (config['bbm_block_size'] ?? 0n);
  if (wanted !== 0n && (wanted & (wanted - 1n)) !== 0n)
    k.log('warn', 'bbm_block_size is not a power of 2');
  else if (wanted !== 0n && wanted < least) k.log('warn', 'bbm_block_size is too small');
  const fits = wanted >= least && (wanted & (wanted - 1n)) === 0n;
  const unit = fits ? wanted : least;
  return {
    in_sbm: false,
    sb_size: unit,
    sbs_per_mb: 1,
    unit,
    offline_threshold: larger(2n * unit, threshold),
  };
}

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_mem_create_resource(k) {
  const { addr, region_size } = vm(k);
  const range = { start: addr, end: addr + region_size - 1n };
  const id = yield k.request_resource({ ...range, name: k.device.id, flags: ['SYSTEM_RAM'] });
  if (isError(id)) {
    k.log('warn', `virtio_mem ${k.device.id}: could not reserve device region`);
    return id;
  }
  patchVm(k, { resource: id });
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_mem_init_hotplug(k) {
  const rc = yield k.fn('virtio_mem_create_resource', VIRTIO_MEM, virtio_mem_create_resource);
  if (isError(rc)) return rc;
  const { nid, unit, resource } = vm(k);
  if (k.switch('online_policy')) {
    const unit_pages = Number(unit >> BigInt(k.arch.page_shift));
    const mgid = yield k.memory_group_register_dynamic({ nid, unit_pages });
    if (isError(mgid)) {
      yield k.remove_resource({ id: resource });
      return mgid;
    }
    patchVm(k, { mgid });
  }
  yield k.register_memory_notifier({});
  const one = yield k.set_online_page_callback({});
  // The callback is one for all devices of the driver; a second device shares it.
  if (isError(one))
    return k.fail(k.E.EINVAL, 'a limit of this model, not of the kernel: one virtio-mem device');
  return 0;
}

/** Config space can change at any time: what it says now. @param {Kernel} k @returns {Steps<number>} */
export function* virtio_mem_refresh_config(k) {
  const { addr, unit } = vm(k);
  const usable = /** @type {bigint} */ (k.read('usable_region_size'));
  const end = addr + usable;
  const last = Number((end - 1n) / unit);
  const requested_size = /** @type {bigint} */ (k.read('requested_size'));
  patchVm(k, { last: end % unit === 0n ? last : last - 1, requested_size, config_changed: false });
  k.log('info', `virtio_mem ${k.device.id}: plugged size: 0x${vm(k).plugged_size.toString(16)}`);
  k.log('info', `virtio_mem ${k.device.id}: requested size: 0x${requested_size.toString(16)}`);
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
export function* virtio_mem_init(k) {
  const range = k.device.range;
  if (range === null) return k.fail(k.E.EINVAL, 'the device has no range');
  const memory_block = yield k.memory_block_size_bytes({});
  const mode = modeOf(k, memory_block);
  if (typeof mode === 'number') return mode;
  const { unit } = mode;
  const first = Number((range.start + unit - 1n) / unit);
  /** @type {Vm} */
  const made = {
    ...{ addr: range.start, region_size: range.size, memory_block },
    device_block_size: /** @type {bigint} */ (k.device.config['block_size']),
    ...mode,
    ...{ first, next: first, last: first - 1, nid: k.device.node, mgid: -1, resource: 0 },
    ...{ requested_size: 0n, plugged_size: 0n, offline_size: 0n },
    ...{ have_unplugged_mb: false, config_changed: true, hotplug_active: false, broken: false },
  };
  k.write('vm', /** @type {never} */ (made));
  k.write('usable_region_size', range.size);
  k.write('requested_size', /** @type {never} */ (k.device.config['requested_size'] ?? 0n));
  const size = mode.in_sbm ? mode.sb_size : unit;
  k.log(
    'info',
    `virtio_mem ${k.device.id}: ${mode.in_sbm ? 'subblock' : 'big block'} size: 0x${size.toString(16)}`,
  );
  return yield k.fn('virtio_mem_init_hotplug', VIRTIO_MEM, virtio_mem_init_hotplug);
}
