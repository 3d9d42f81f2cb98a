// SPDX-License-Identifier: MIT
// Pages of unplugged sub-blocks in a block that is online: the driver holds them as PageOffline.
import { VIRTIO_MEM, isError, vm } from './blocks.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @typedef {{ pfn: number, end: number }} Run */

/** @param {Kernel} k @param {Run & { onlined: boolean }} args @returns {Steps<number>} */
function* virtio_mem_set_fake_offline(k, { pfn, end, onlined }) {
  if (!onlined) {
    // Such pages are PageOffline from the start since 6.11; before, they are reserved.
    if (!k.switch('hotplug_page_offline')) {
      yield k.__SetPageOffline({ pfn, end });
      yield k.ClearPageReserved({ pfn, end });
    }
    yield k.SetPageDirty({ pfn, end });
  } else yield k.__SetPageOffline({ pfn, end });
  return 0;
}

/** @param {Kernel} k @param {Run} run @returns {Steps<number>} */
export function* keepOffline(k, run) {
  return yield k.fn('virtio_mem_set_fake_offline', VIRTIO_MEM, virtio_mem_set_fake_offline, {
    ...run,
    onlined: false,
  });
}

/** Pages that never were online go through generic_online_page(); others were allocated. @param {Kernel} k @param {Run} run @returns {Steps<number>} */
function* virtio_mem_fake_online(k, { pfn, end }) {
  const page = yield k.pfn_to_online_page({ pfn });
  if (page !== null && page.flags.includes('dirty')) {
    yield k.ClearPageDirty({ pfn, end });
    if (!k.switch('hotplug_page_offline')) yield k.__ClearPageOffline({ pfn, end });
    yield k.generic_online_page({ pfn, end });
  } else {
    yield k.__ClearPageOffline({ pfn, end });
    yield k.free_contig_range({ pfn, end });
    yield k.adjust_managed_page_count({ pfn, nr_pages: end - pfn });
  }
  return 0;
}

/** @param {Kernel} k @param {Run} run @returns {Steps<number>} */
export function* fakeOnline(k, run) {
  return yield k.fn('virtio_mem_fake_online', VIRTIO_MEM, virtio_mem_fake_online, run);
}

/** @param {Kernel} k @param {Run} run @returns {Steps<number>} */
function* virtio_mem_fake_offline(k, { pfn, end }) {
  if (vm(k).config_changed) return k.fail(k.E.EAGAIN, 'atomic_read(&vm->config_changed)');
  const rc = yield k.alloc_contig_range({ pfn, end });
  if (isError(rc)) return rc;
  yield k.fn('virtio_mem_set_fake_offline', VIRTIO_MEM, virtio_mem_set_fake_offline, {
    pfn,
    end,
    onlined: true,
  });
  yield k.adjust_managed_page_count({ pfn, nr_pages: pfn - end });
  return 0;
}

/** @param {Kernel} k @param {Run} run @returns {Steps<number>} */
export function* fakeOffline(k, run) {
  return yield k.fn('virtio_mem_fake_offline', VIRTIO_MEM, virtio_mem_fake_offline, run);
}

/** The block goes offline: the pages the driver holds must not stand in the way. @param {Kernel} k @param {Run} run @returns {Steps<number>} */
function* virtio_mem_fake_offline_going_offline(k, { pfn, end }) {
  const free = yield k.page_ref_dec_and_test({ pfn, end });
  if (!free) k.log('warn', 'fake-offline page referenced');
  return 0;
}

/** @param {Kernel} k @param {Run} run @returns {Steps<number>} */
export function* goingOffline(k, run) {
  return yield k.fn(
    'virtio_mem_fake_offline_going_offline',
    VIRTIO_MEM,
    virtio_mem_fake_offline_going_offline,
    run,
  );
}

/** @param {Kernel} k @param {Run} run @returns {Steps<number>} */
function* virtio_mem_fake_offline_cancel_offline(k, { pfn, end }) {
  yield k.page_ref_inc({ pfn, end });
  return 0;
}

/** @param {Kernel} k @param {Run} run @returns {Steps<number>} */
export function* cancelOffline(k, run) {
  return yield k.fn(
    'virtio_mem_fake_offline_cancel_offline',
    VIRTIO_MEM,
    virtio_mem_fake_offline_cancel_offline,
    run,
  );
}
