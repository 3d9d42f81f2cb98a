// SPDX-License-Identifier: MIT
// lib/test_hmm.c: what the CPU's page table has, without faulting; and pages for the device alone.
import { mirrorRange } from 'pfnlab:page-table';
import { bytesOf, hugeOrder, isError } from 'pfnlab:runs';
import { begin, bounce } from './page-table.js';

/** @import { HmmRun, Kernel, Steps } from '../api.d.ts' */
/** @import { Span } from 'pfnlab:page-table' */

const FILE = 'lib/test_hmm.c';

/** HMM_DMIRROR_PROT_* of a run, by name. @param {Kernel} k @param {HmmRun} run @returns {Steps<any>} */
function* dmirror_mkentry(k, { state, pfn, write, zero, order }) {
  if (state === 'error') return 'ERROR';
  if (state === 'none') return 'NONE';
  const names = [];
  const pgmap = pfn === null || zero ? null : yield k.page_pgmap({ pfn });
  if (pgmap !== null) {
    const kind = pgmap.type === 'PRIVATE' ? 'PRIVATE' : 'COHERENT';
    const where = pgmap.owner === k.device.id ? 'LOCAL' : 'REMOTE';
    if (pgmap.type === 'PRIVATE' || pgmap.type === 'COHERENT') names.push(`DEV_${kind}_${where}`);
  } else if (zero) names.push('ZERO');
  names.push(write ? 'WRITE' : 'READ');
  if (order === hugeOrder(k)) names.push('PMD');
  else if (order > hugeOrder(k)) names.push('PUD');
  return names.join('|');
}

/** @param {Kernel} k @param {readonly HmmRun[]} runs @returns {Steps<any>} */
function* dmirror_mkentries(k, runs) {
  /** @type {{ pages: number, perm: string }[]} */
  const perms = [];
  for (const run of runs) {
    const perm = yield* dmirror_mkentry(k, run);
    const last = perms[perms.length - 1];
    if (last !== undefined && last.perm === perm) last.pages += run.count;
    else perms.push({ pages: run.count, perm });
  }
  return perms;
}

/** @param {Kernel} k @param {Span} span @returns {Steps<any>} */
function* dmirror_range_snapshot(k, { mm, address, pages }) {
  const size = bytesOf(k, pages);
  const got = yield k.mmu_interval_notifier_insert({ mm, start: address, size, page_table: false });
  if (isError(got)) return got;
  const { notifier } = got;
  const span = { notifier, mm, address, pages };
  const perms = yield* mirrorRange(k, span, {
    lock: 'dmirror->mutex',
    flags: [],
    use: (/** @type {readonly HmmRun[]} */ runs) => dmirror_mkentries(k, runs),
  });
  yield k.mmu_interval_notifier_remove({ notifier });
  return isError(perms) ? perms : { cpages: pages, perms };
}

/** HMM_DMIRROR_SNAPSHOT. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps} */
export function* snapshot(k, cmd) {
  const span = yield* begin(k, cmd);
  if (isError(span)) return span;
  if ((yield k.mmget_not_zero({ mm: span.mm })) !== true) {
    return k.fail(k.E.EINVAL, '!mmget_not_zero(mm)');
  }
  const result = yield k.fn('dmirror_range_snapshot', FILE, dmirror_range_snapshot, span);
  yield k.mmput({ mm: span.mm });
  return result;
}

/** HMM_DMIRROR_EXCLUSIVE. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps} */
export function* exclusive(k, cmd) {
  const span = yield* begin(k, cmd);
  if (isError(span)) return span;
  const { mm, notifier, address: addr, pages } = span;
  if ((yield k.mmget_not_zero({ mm })) !== true) return k.fail(k.E.EINVAL, '!mmget_not_zero(mm)');
  yield k.mmap_read_lock({ mm });
  const runs = yield k.make_device_exclusive({ mm, address: addr, pages });
  let mapped = 0;
  for (const { index, pages: count, pfn } of isError(runs) ? [] : runs) {
    const address = addr + bytesOf(k, index);
    yield k.mutex_lock({ name: 'dmirror->mutex' });
    yield k.xa_store({ notifier, address, pages: count, pfn, tag: 'atomic' });
    yield k.mutex_unlock({ name: 'dmirror->mutex' });
    yield k.unlock_page({ pfn, end: pfn + count });
    yield k.put_page({ pfn, end: pfn + count });
    mapped += count;
  }
  yield k.mmap_read_unlock({ mm });
  yield k.mmput({ mm });
  if (isError(runs)) return runs;
  if (mapped < pages) return k.fail(k.E.EBUSY, 'mapped < pages');
  return yield* bounce(k, span);
}

/** HMM_DMIRROR_CHECK_EXCLUSIVE: -EPERM while the device has one of the pages for itself. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps} */
export function* check_exclusive(k, cmd) {
  const span = yield* begin(k, cmd);
  if (isError(span)) return span;
  const { notifier, address: addr, pages } = span;
  const entries = yield k.xa_load({ notifier, address: addr, pages });
  const atomic = entries.some((/** @type {{ tag: string }} */ { tag }) => tag === 'atomic');
  return atomic ? k.fail(k.E.EPERM, 'xa_pointer_tag(entry) == DPT_XA_TAG_ATOMIC') : 0;
}
