// SPDX-License-Identifier: MIT
// Sub-block mode: less memory. What is offline goes first, then ZONE_MOVABLE, kernel zones last.
import {
  MUTEX,
  VIRTIO_MEM,
  allAre,
  blockAt,
  blocksIn,
  isError,
  patchBlock,
  patchVm,
  pfnOf,
  vm,
} from './blocks.js';
import { fakeOffline, fakeOnline } from './fake.js';
import { remove, virtio_mem_sbm_try_remove_unplugged_mb } from './memory.js';
import { virtio_mem_sbm_unplug_sb } from './sbm-plug.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** From the last sub-block down, as many in a row as there are. @param {Kernel} k @param {{ id: number, wanted: number }} args @returns {Steps<number>} still wanted, or an errno */
export function* virtio_mem_sbm_unplug_any_sb_raw(k, { id, wanted }) {
  let left = wanted;
  while (left > 0) {
    const { plugged } = blockAt(k, id);
    let sb = plugged.lastIndexOf('1');
    if (sb < 0) break;
    let count = 1;
    while (count < left && sb > 0 && plugged[sb - 1] === '1') {
      count += 1;
      sb -= 1;
    }
    const rc = yield k.fn('virtio_mem_sbm_unplug_sb', VIRTIO_MEM, virtio_mem_sbm_unplug_sb, {
      id,
      sb,
      count,
    });
    if (isError(rc)) return rc;
    left -= count;
  }
  return left;
}

/** @param {Kernel} k @param {{ id: number, wanted: number }} args @returns {Steps<number>} */
function* virtio_mem_sbm_unplug_any_sb_offline(k, { id, wanted }) {
  const rc = yield k.fn(
    'virtio_mem_sbm_unplug_any_sb_raw',
    VIRTIO_MEM,
    virtio_mem_sbm_unplug_any_sb_raw,
    { id, wanted },
  );
  if (!allAre(k, id, '1')) patchBlock(k, id, { state: 'OFFLINE_PARTIAL' });
  if (isError(rc)) return rc;
  if (allAre(k, id, '0')) {
    patchBlock(k, id, { state: 'UNUSED' });
    yield k.mutex_unlock(MUTEX);
    const gone = yield* remove(k, id);
    if (isError(gone)) k.log('emerg', 'BUG_ON(rc) in virtio_mem_sbm_unplug_any_sb_offline');
    yield k.mutex_lock(MUTEX);
  }
  return rc;
}

/** @param {Kernel} k @param {{ id: number, sb: number, count: number }} args @returns {Steps<number>} */
function* virtio_mem_sbm_unplug_sb_online(k, { id, sb, count }) {
  const { state } = blockAt(k, id);
  const run = { pfn: pfnOf(k, id, sb), end: pfnOf(k, id, sb + count) };
  const rc = yield* fakeOffline(k, run);
  if (isError(rc)) return rc;
  const gone = yield k.fn('virtio_mem_sbm_unplug_sb', VIRTIO_MEM, virtio_mem_sbm_unplug_sb, {
    id,
    sb,
    count,
  });
  if (isError(gone)) {
    yield* fakeOnline(k, run);
    return gone;
  }
  if (!state.endsWith('_PARTIAL')) patchBlock(k, id, { state: `${state}_PARTIAL` });
  return 0;
}

/** Sub-blocks that are busy are passed over. @param {Kernel} k @param {{ id: number, wanted: number }} args @returns {Steps<number>} */
function* virtio_mem_sbm_unplug_any_sb_online(k, { id, wanted }) {
  const { sbs_per_mb } = vm(k);
  let left = wanted;
  let whole = false;
  if (left >= sbs_per_mb && allAre(k, id, '1')) {
    const all = { id, sb: 0, count: sbs_per_mb };
    const rc = yield k.fn(
      'virtio_mem_sbm_unplug_sb_online',
      VIRTIO_MEM,
      virtio_mem_sbm_unplug_sb_online,
      all,
    );
    if (isError(rc) && rc !== -k.E.EBUSY) return rc;
    whole = !isError(rc);
    if (whole) left -= sbs_per_mb;
  }
  for (let sb = sbs_per_mb - 1; !whole && sb >= 0 && left > 0; sb -= 1) {
    if (blockAt(k, id).plugged[sb] !== '1') continue;
    const one = { id, sb, count: 1 };
    const rc = yield k.fn(
      'virtio_mem_sbm_unplug_sb_online',
      VIRTIO_MEM,
      virtio_mem_sbm_unplug_sb_online,
      one,
    );
    if (rc === -k.E.EBUSY) continue;
    if (isError(rc)) return rc;
    left -= 1;
  }
  const rc = yield k.fn(
    'virtio_mem_sbm_try_remove_unplugged_mb',
    VIRTIO_MEM,
    virtio_mem_sbm_try_remove_unplugged_mb,
    { id },
  );
  if (isError(rc)) patchVm(k, { have_unplugged_mb: true });
  return left;
}

/** Which blocks first, by their state. @param {Kernel} k */
function order(k) {
  const offline = ['OFFLINE_PARTIAL', 'OFFLINE'];
  if (k.device.config['unplug_online'] === false) return offline;
  if (k.switch('virtio_mem_movable_first')) {
    return [...offline, 'MOVABLE_PARTIAL', 'KERNEL_PARTIAL', 'MOVABLE', 'KERNEL'];
  }
  return [...offline, 'ONLINE_PARTIAL', 'ONLINE'];
}

/** Blocks that an order's word means, the last first. @param {Kernel} k @param {string} word */
function candidates(k, word) {
  const part = word.endsWith('_PARTIAL') ? '_PARTIAL' : '';
  const states = word.startsWith('ONLINE') ? [`KERNEL${part}`, `MOVABLE${part}`] : [word];
  return states.flatMap((state) => blocksIn(k, state)).sort((a, b) => b - a);
}

/** @param {Kernel} k @param {{ diff: bigint }} args @returns {Steps<number>} */
export function* virtio_mem_sbm_unplug_request(k, { diff }) {
  let wanted = Number(diff / vm(k).sb_size);
  if (wanted === 0) return 0;
  yield k.mutex_lock(MUTEX);
  for (const word of order(k)) {
    for (const id of candidates(k, word)) {
      const rc = word.startsWith('OFFLINE')
        ? yield k.fn(
            'virtio_mem_sbm_unplug_any_sb_offline',
            VIRTIO_MEM,
            virtio_mem_sbm_unplug_any_sb_offline,
            { id, wanted },
          )
        : yield k.fn(
            'virtio_mem_sbm_unplug_any_sb_online',
            VIRTIO_MEM,
            virtio_mem_sbm_unplug_any_sb_online,
            { id, wanted },
          );
      if (rc <= 0) {
        yield k.mutex_unlock(MUTEX);
        return rc;
      }
      wanted = rc;
      yield k.mutex_unlock(MUTEX);
      yield k.mutex_lock(MUTEX);
    }
  }
  yield k.mutex_unlock(MUTEX);
  if (k.device.config['unplug_online'] === false) return 0;
  return k.fail(k.E.EBUSY, `nb_sb: ${wanted} sub-blocks are busy`);
}
