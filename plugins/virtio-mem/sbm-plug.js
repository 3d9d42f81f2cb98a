// SPDX-License-Identifier: MIT
// Sub-block mode: more memory. Sub-blocks of blocks that are there already come first.
import {
  MUTEX,
  VIRTIO_MEM,
  addressOf,
  allAre,
  blockAt,
  blocksIn,
  isError,
  mark,
  patchBlock,
  patchVm,
  pfnOf,
  vm,
} from './blocks.js';
import { fakeOnline } from './fake.js';
import { plug, unplug } from './host.js';
import { add, couldAdd } from './memory.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @typedef {{ id: number, sb: number, count: number }} Subs */

/** @param {Kernel} k @param {Subs} args @returns {Steps<number>} */
function* virtio_mem_sbm_plug_sb(k, { id, sb, count }) {
  const { sb_size } = vm(k);
  const rc = yield* plug(k, {
    addr: addressOf(k, id) + BigInt(sb) * sb_size,
    size: BigInt(count) * sb_size,
  });
  if (!isError(rc)) mark(k, id, sb, count, '1');
  return rc;
}

/** @param {Kernel} k @param {Subs} args @returns {Steps<number>} */
export function* virtio_mem_sbm_unplug_sb(k, { id, sb, count }) {
  const { sb_size } = vm(k);
  const rc = yield* unplug(k, {
    addr: addressOf(k, id) + BigInt(sb) * sb_size,
    size: BigInt(count) * sb_size,
  });
  if (!isError(rc)) mark(k, id, sb, count, '0');
  return rc;
}

/** @param {Kernel} k @param {{ id: number, wanted: number }} args @returns {Steps<number>} sub-blocks still wanted, or an errno */
function* virtio_mem_sbm_plug_any_sb(k, { id, wanted }) {
  const { state } = blockAt(k, id);
  const { sbs_per_mb } = vm(k);
  let left = wanted;
  while (left > 0) {
    const { plugged } = blockAt(k, id);
    const sb = plugged.indexOf('0');
    if (sb < 0) break;
    let count = 1;
    while (count < left && sb + count < sbs_per_mb && plugged[sb + count] === '0') count += 1;
    const rc = yield k.fn('virtio_mem_sbm_plug_sb', VIRTIO_MEM, virtio_mem_sbm_plug_sb, {
      id,
      sb,
      count,
    });
    if (isError(rc)) return rc;
    left -= count;
    if (state !== 'OFFLINE_PARTIAL')
      yield* fakeOnline(k, { pfn: pfnOf(k, id, sb), end: pfnOf(k, id, sb + count) });
  }
  if (allAre(k, id, '1')) patchBlock(k, id, { state: state.replace('_PARTIAL', '') });
  return left;
}

/** @param {Kernel} k @param {{ id: number, wanted: number }} args @returns {Steps<number>} sub-blocks still wanted, or an errno */
function* virtio_mem_sbm_plug_and_add_mb(k, { id, wanted }) {
  const { sbs_per_mb } = vm(k);
  const count = Math.min(wanted, sbs_per_mb);
  const rc = yield k.fn('virtio_mem_sbm_plug_sb', VIRTIO_MEM, virtio_mem_sbm_plug_sb, {
    id,
    sb: 0,
    count,
  });
  if (isError(rc)) return rc;
  patchBlock(k, id, { state: count === sbs_per_mb ? 'OFFLINE' : 'OFFLINE_PARTIAL' });
  const added = yield* add(k, id);
  if (isError(added)) {
    const gone = yield* virtio_mem_sbm_unplug_sb(k, { id, sb: 0, count });
    patchBlock(k, id, { state: isError(gone) ? 'PLUGGED' : 'UNUSED' });
    return added;
  }
  return wanted - count;
}

/** @param {Kernel} k @returns {Steps<number>} the block, or -ENOSPC */
function* virtio_mem_sbm_prepare_next_mb(k) {
  const { next, last, sbs_per_mb } = vm(k);
  if (next > last) return k.fail(k.E.ENOSPC, 'vm->sbm.next_mb_id > vm->sbm.last_usable_mb_id');
  patchVm(k, { next: next + 1 });
  patchBlock(k, next, { state: 'UNUSED', plugged: '0'.repeat(sbs_per_mb) });
  return next;
}

/** @param {Kernel} k @param {{ diff: bigint }} args @returns {Steps<number>} */
export function* virtio_mem_sbm_plug_request(k, { diff }) {
  const { sb_size, memory_block } = vm(k);
  let wanted = Number(diff / sb_size);
  if (wanted === 0) return 0;
  yield k.mutex_lock(MUTEX);
  for (const state of ['KERNEL_PARTIAL', 'MOVABLE_PARTIAL', 'OFFLINE_PARTIAL']) {
    for (const id of blocksIn(k, state)) {
      const rc = yield k.fn('virtio_mem_sbm_plug_any_sb', VIRTIO_MEM, virtio_mem_sbm_plug_any_sb, {
        id,
        wanted,
      });
      if (rc <= 0) {
        yield k.mutex_unlock(MUTEX);
        return rc;
      }
      wanted = rc;
    }
  }
  yield k.mutex_unlock(MUTEX);
  const unused = blocksIn(k, 'UNUSED');
  while (wanted > 0) {
    if (!couldAdd(k, memory_block))
      return k.fail(k.E.ENOSPC, '!virtio_mem_could_add_memory(vm, memory_block_size_bytes())');
    const known = unused.shift();
    const id =
      known ??
      (yield k.fn('virtio_mem_sbm_prepare_next_mb', VIRTIO_MEM, virtio_mem_sbm_prepare_next_mb));
    if (isError(id)) return id;
    const rc = yield k.fn(
      'virtio_mem_sbm_plug_and_add_mb',
      VIRTIO_MEM,
      virtio_mem_sbm_plug_and_add_mb,
      { id, wanted },
    );
    if (isError(rc)) return rc;
    wanted = rc;
  }
  return 0;
}
