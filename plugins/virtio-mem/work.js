// SPDX-License-Identifier: MIT
// The workqueue: until the device has as much memory as the hypervisor asks for.
import { virtio_mem_bbm_plug_request, virtio_mem_bbm_unplug_request } from './bbm.js';
import { MUTEX, VIRTIO_MEM, blocksIn, isError, patchBlock, patchVm, vm } from './blocks.js';
import { virtio_mem_refresh_config } from './init.js';
import { virtio_mem_sbm_try_remove_unplugged_mb } from './memory.js';
import { virtio_mem_sbm_plug_request } from './sbm-plug.js';
import { virtio_mem_sbm_unplug_any_sb_raw, virtio_mem_sbm_unplug_request } from './sbm-unplug.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** What earlier runs left behind. @param {Kernel} k @returns {Steps<number>} */
function* virtio_mem_cleanup_pending_mb(k) {
  const { in_sbm, sbs_per_mb, have_unplugged_mb } = vm(k);
  if (!in_sbm) return 0;
  for (const id of blocksIn(k, 'PLUGGED')) {
    const rc = yield* virtio_mem_sbm_unplug_any_sb_raw(k, { id, wanted: sbs_per_mb });
    if (isError(rc)) return rc;
    patchBlock(k, id, { state: 'UNUSED' });
  }
  if (!have_unplugged_mb || !k.switch('virtio_mem_retries_removal')) return 0;
  patchVm(k, { have_unplugged_mb: false });
  yield k.mutex_lock(MUTEX);
  let left = false;
  for (const state of ['MOVABLE_PARTIAL', 'KERNEL_PARTIAL', 'OFFLINE_PARTIAL']) {
    for (const id of blocksIn(k, state)) {
      const rc = yield* virtio_mem_sbm_try_remove_unplugged_mb(k, { id });
      left = left || isError(rc);
    }
  }
  yield k.mutex_unlock(MUTEX);
  if (left) patchVm(k, { have_unplugged_mb: true });
  return 0;
}

/** @param {Kernel} k @param {{ diff: bigint }} args @returns {Steps<number>} */
function* virtio_mem_plug_request(k, { diff }) {
  return vm(k).in_sbm
    ? yield k.fn('virtio_mem_sbm_plug_request', VIRTIO_MEM, virtio_mem_sbm_plug_request, { diff })
    : yield k.fn('virtio_mem_bbm_plug_request', VIRTIO_MEM, virtio_mem_bbm_plug_request, { diff });
}

/** @param {Kernel} k @param {{ diff: bigint }} args @returns {Steps<number>} */
function* virtio_mem_unplug_request(k, { diff }) {
  return vm(k).in_sbm
    ? yield k.fn('virtio_mem_sbm_unplug_request', VIRTIO_MEM, virtio_mem_sbm_unplug_request, {
        diff,
      })
    : yield k.fn('virtio_mem_bbm_unplug_request', VIRTIO_MEM, virtio_mem_bbm_unplug_request, {
        diff,
      });
}

/** One round of the loop. @param {Kernel} k @returns {Steps<number>} */
function* round(k) {
  if (vm(k).config_changed)
    yield k.fn('virtio_mem_refresh_config', VIRTIO_MEM, virtio_mem_refresh_config);
  const rc = yield k.fn('virtio_mem_cleanup_pending_mb', VIRTIO_MEM, virtio_mem_cleanup_pending_mb);
  if (isError(rc)) return rc;
  const { requested_size, plugged_size } = vm(k);
  const diff = requested_size - plugged_size;
  if (diff > 0n)
    return yield k.fn('virtio_mem_plug_request', VIRTIO_MEM, virtio_mem_plug_request, { diff });
  if (diff < 0n)
    return yield k.fn('virtio_mem_unplug_request', VIRTIO_MEM, virtio_mem_unplug_request, {
      diff: -diff,
    });
  return 0;
}

/** @param {Kernel} k @returns {Steps<number>} */
function* virtio_mem_run_wq(k) {
  if (vm(k).broken) return 0;
  for (let tries = 0; tries < 8; tries += 1) {
    let rc = yield* round(k);
    if (!isError(rc) && vm(k).have_unplugged_mb && k.switch('virtio_mem_retries_removal'))
      rc = -k.E.EBUSY;
    if (!isError(rc)) return 0;
    if (rc === -k.E.EAGAIN) continue;
    if ([-k.E.ENOSPC, -k.E.ETXTBSY, -k.E.EBUSY, -k.E.ENOMEM].includes(rc)) return rc;
    k.log('err', `virtio_mem ${k.device.id}: unknown error, marking device broken: ${rc}`);
    patchVm(k, { broken: true });
    return rc;
  }
  return k.fail(k.E.EAGAIN, 'the configuration changed again and again');
}

/** @param {Kernel} k @returns {Steps<number>} */
export function* runWork(k) {
  return yield k.fn('virtio_mem_run_wq', VIRTIO_MEM, virtio_mem_run_wq);
}
