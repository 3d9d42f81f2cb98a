// SPDX-License-Identifier: MIT
// Memory of the device goes online or offline: what the driver makes of each of its sub-blocks.
import { MUTEX, VIRTIO_MEM, blockAt, patchBlock, patchVm, pfnOf, vm } from './blocks.js';
import { cancelOffline, goingOffline, keepOffline } from './fake.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @typedef {{ action: string, start_pfn: number, nr_pages: number }} Notice */

/** Runs of sub-blocks of a block that are alike. @param {Kernel} k @param {number} id */
function runsOf(k, id) {
  const { plugged } = blockAt(k, id);
  /** @type {{ plugged: boolean, pfn: number, end: number }[]} */
  const runs = [];
  for (let sb = 0; sb < plugged.length; sb += 1) {
    const last = runs.at(-1);
    const is = plugged[sb] === '1';
    if (last !== undefined && last.plugged === is) last.end = pfnOf(k, id, sb + 1);
    else runs.push({ plugged: is, pfn: pfnOf(k, id, sb), end: pfnOf(k, id, sb + 1) });
  }
  return runs;
}

/** @param {Kernel} k @param {number} pfn */
function idOf(k, pfn) {
  return Number((BigInt(pfn) << BigInt(k.arch.page_shift)) / vm(k).unit);
}

/** Is it memory of this device? @param {Kernel} k @param {number} pfn */
function ours(k, pfn) {
  const { addr, region_size } = vm(k);
  const at = BigInt(pfn) << BigInt(k.arch.page_shift);
  return at >= addr && at < addr + region_size;
}

/** What of a block that goes offline, or does not after all, the driver holds. @param {Kernel} k @param {Notice} notice @returns {{ pfn: number, end: number }[]} */
function held(k, { start_pfn, nr_pages }) {
  const id = idOf(k, start_pfn);
  if (vm(k).in_sbm) return runsOf(k, id).filter(({ plugged }) => !plugged);
  return blockAt(k, id).state === 'FAKE_OFFLINE'
    ? [{ pfn: start_pfn, end: start_pfn + nr_pages }]
    : [];
}

/** @param {Kernel} k @param {number} id @param {boolean} movable */
function online(k, id, movable) {
  const { state } = blockAt(k, id);
  patchBlock(k, id, { state: state.replace('OFFLINE', movable ? 'MOVABLE' : 'KERNEL') });
}

/** @param {Kernel} k @param {Notice} notice @returns {Steps<number | "NOTIFY_BAD">} */
function* virtio_mem_memory_notifier_cb(k, notice) {
  const { action, start_pfn, nr_pages } = notice;
  const { in_sbm } = vm(k);
  const id = idOf(k, start_pfn);
  const size = BigInt(nr_pages) << BigInt(k.arch.page_shift);
  switch (action) {
    case 'MEM_GOING_OFFLINE':
      yield k.mutex_lock(MUTEX);
      patchVm(k, { hotplug_active: true });
      for (const { pfn, end } of held(k, notice)) yield* goingOffline(k, { pfn, end });
      return 0;
    case 'MEM_GOING_ONLINE':
      yield k.mutex_lock(MUTEX);
      patchVm(k, { hotplug_active: true });
      if (in_sbm && !blockAt(k, id).state.startsWith('OFFLINE')) {
        k.log('warn', `virtio_mem ${k.device.id}: memory block onlining denied`);
        return 'NOTIFY_BAD';
      }
      return 0;
    case 'MEM_OFFLINE':
      if (in_sbm)
        patchBlock(k, id, {
          state: blockAt(k, id).state.endsWith('_PARTIAL') ? 'OFFLINE_PARTIAL' : 'OFFLINE',
        });
      patchVm(k, { offline_size: vm(k).offline_size + size, hotplug_active: false });
      yield k.mutex_unlock(MUTEX);
      return 0;
    case 'MEM_ONLINE': {
      const page = yield k.pfn_to_online_page({ pfn: start_pfn });
      if (in_sbm) online(k, id, page !== null && page.zone === 'Movable');
      patchVm(k, { offline_size: vm(k).offline_size - size, hotplug_active: false });
      yield k.mutex_unlock(MUTEX);
      return 0;
    }
    default:
      if (!vm(k).hotplug_active) return 0;
      if (action === 'MEM_CANCEL_OFFLINE') {
        for (const { pfn, end } of held(k, notice)) yield* cancelOffline(k, { pfn, end });
      }
      patchVm(k, { hotplug_active: false });
      yield k.mutex_unlock(MUTEX);
      return 0;
  }
}

/** @param {Kernel} k @param {Notice} notice @returns {Steps<number | "NOTIFY_BAD">} */
export function* memory_notifier(k, notice) {
  if (!ours(k, notice.start_pfn)) return 0;
  return yield k.fn(
    'virtio_mem_memory_notifier_cb',
    VIRTIO_MEM,
    virtio_mem_memory_notifier_cb,
    /** @type {never} */ (notice),
  );
}

/** Plugged sub-blocks go to the buddy allocator; the driver keeps the others. @param {Kernel} k @param {{ pfn: number, end: number }} args @returns {Steps<number>} */
function* virtio_mem_online_page(k, { pfn, end }) {
  const id = idOf(k, pfn);
  if (!vm(k).in_sbm) {
    if (blockAt(k, id).state === 'FAKE_OFFLINE') return yield* keepOffline(k, { pfn, end });
    yield k.generic_online_page({ pfn, end });
    return 0;
  }
  for (const run of runsOf(k, id)) {
    const part = { pfn: Math.max(run.pfn, pfn), end: Math.min(run.end, end) };
    if (part.pfn >= part.end) continue;
    if (run.plugged) yield k.generic_online_page(part);
    else yield* keepOffline(k, part);
  }
  return 0;
}

/** @param {Kernel} k @param {{ pfn: number, end: number }} args @returns {Steps<number>} */
export function* online_page(k, { pfn, end }) {
  if (!ours(k, pfn)) {
    yield k.generic_online_page({ pfn, end });
    return 0;
  }
  return yield k.fn('virtio_mem_online_page', VIRTIO_MEM, virtio_mem_online_page, { pfn, end });
}
