// SPDX-License-Identifier: MIT
// Big-block mode: whole blocks of one or more memory blocks come and go.
import {
  MUTEX,
  VIRTIO_MEM,
  addressOf,
  blocksIn,
  isError,
  patchBlock,
  patchVm,
  pagesIn,
  pfnOf,
  vm,
} from './blocks.js';
import { fakeOffline, fakeOnline } from './fake.js';
import { plug, unplug } from './host.js';
import { add, couldAdd, offlineAndRemove } from './memory.js';

/** @import { Kernel, Steps } from '../api.d.ts' */

/** @param {Kernel} k @param {{ id: number }} args @returns {Steps<number>} */
function* virtio_mem_bbm_plug_and_add_bb(k, { id }) {
  const size = vm(k).unit;
  const rc = yield* plug(k, { addr: addressOf(k, id), size });
  if (isError(rc)) return rc;
  patchBlock(k, id, { state: 'ADDED' });
  const added = yield* add(k, id);
  if (isError(added)) {
    const gone = yield* unplug(k, { addr: addressOf(k, id), size });
    patchBlock(k, id, { state: isError(gone) ? 'PLUGGED' : 'UNUSED' });
  }
  return added;
}

/** @param {Kernel} k @param {{ diff: bigint }} args @returns {Steps<number>} */
export function* virtio_mem_bbm_plug_request(k, { diff }) {
  const { unit } = vm(k);
  const unused = blocksIn(k, 'UNUSED');
  for (let wanted = Number(diff / unit); wanted > 0; wanted -= 1) {
    if (!couldAdd(k, unit))
      return k.fail(k.E.ENOSPC, '!virtio_mem_could_add_memory(vm, vm->bbm.bb_size)');
    let id = unused.shift();
    if (id === undefined) {
      const { next, last } = vm(k);
      if (next > last) return k.fail(k.E.ENOSPC, 'vm->bbm.next_bb_id > vm->bbm.last_usable_bb_id');
      patchVm(k, { next: next + 1 });
      id = next;
    }
    const rc = yield k.fn(
      'virtio_mem_bbm_plug_and_add_bb',
      VIRTIO_MEM,
      virtio_mem_bbm_plug_and_add_bb,
      { id },
    );
    if (isError(rc)) return rc;
  }
  return 0;
}

/** Sections of a big block that are online, with their zones. @param {Kernel} k @param {number} id @returns {Steps<{ pfn: number, zone: string }[]>} */
function* onlineSections(k, id) {
  const first = pfnOf(k, id);
  /** @type {{ pfn: number, zone: string }[]} */
  const found = [];
  for (let pfn = first; pfn < first + pagesIn(k, vm(k).unit); pfn += k.arch.pages_per_section) {
    const page = yield k.pfn_to_online_page({ pfn });
    if (page !== null) found.push({ pfn, zone: page.zone });
  }
  return found;
}

/** @param {Kernel} k @param {readonly { pfn: number }[]} done @param {number} id @returns {Steps<void>} */
function* rollback(k, done, id) {
  for (const { pfn } of done) yield* fakeOnline(k, { pfn, end: pfn + k.arch.pages_per_section });
  patchBlock(k, id, { state: 'ADDED' });
  yield k.mutex_unlock(MUTEX);
}

/** @param {Kernel} k @param {{ id: number }} args @returns {Steps<number>} */
function* virtio_mem_bbm_offline_remove_and_unplug_bb(k, { id }) {
  yield k.mutex_lock(MUTEX);
  patchBlock(k, id, { state: 'FAKE_OFFLINE' });
  const online = yield* onlineSections(k, id);
  for (const [at, { pfn }] of online.entries()) {
    const rc = yield* fakeOffline(k, { pfn, end: pfn + k.arch.pages_per_section });
    if (isError(rc)) {
      yield* rollback(k, online.slice(0, at), id);
      return rc;
    }
  }
  yield k.mutex_unlock(MUTEX);
  const gone = yield* offlineAndRemove(k, id);
  if (isError(gone)) {
    yield k.mutex_lock(MUTEX);
    yield* rollback(k, online, id);
    return gone;
  }
  const rc = yield* unplug(k, { addr: addressOf(k, id), size: vm(k).unit });
  patchBlock(k, id, { state: isError(rc) ? 'PLUGGED' : 'UNUSED' });
  return rc;
}

/** Blocks that are offline first, then those of ZONE_MOVABLE, then any. @param {Kernel} k @param {{ diff: bigint }} args @returns {Steps<number>} */
export function* virtio_mem_bbm_unplug_request(k, { diff }) {
  let wanted = Number(diff / vm(k).unit);
  if (wanted === 0) return 0;
  for (const round of [0, 1, 2]) {
    for (const id of blocksIn(k, 'ADDED').reverse()) {
      const online = yield* onlineSections(k, id);
      if (round === 0 && online.length > 0) continue;
      if (round === 1 && online.some(({ zone }) => zone !== 'Movable')) continue;
      const rc = yield k.fn(
        'virtio_mem_bbm_offline_remove_and_unplug_bb',
        VIRTIO_MEM,
        virtio_mem_bbm_offline_remove_and_unplug_bb,
        { id },
      );
      if (rc === -k.E.EBUSY) continue;
      if (isError(rc)) return rc;
      wanted -= 1;
      if (wanted === 0) return 0;
    }
    if (round === 0 && k.device.config['unplug_online'] === false) return 0;
  }
  return k.fail(k.E.EBUSY, `nb_bb: ${wanted} big blocks are busy`);
}
