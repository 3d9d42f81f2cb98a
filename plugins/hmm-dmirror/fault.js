// SPDX-License-Identifier: MIT
// lib/test_hmm.c: the device reads and writes a process's memory through its own page table, and
// fills it from the CPU's with hmm_range_fault() where it has no entry.
import { begin, through } from './page-table.js';
import { bytesOf, isError, words } from './runs.js';

/** @import { HmmRun, Kernel, Steps } from '../api.d.ts' */
/** @import { Span } from './page-table.js' */

const FILE = 'lib/test_hmm.c';
/** Rounds after which HMM_RANGE_DEFAULT_TIMEOUT is taken to be over. */
const ROUNDS = 1000;

/** @param {HmmRun[]} runs what hmm_range_fault() has filled in */
const dmirror_do_fault = (runs) =>
  /** @param {Kernel} k @param {Span} span @returns {Steps<number>} */
  function* dmirror_do_fault(k, { notifier, addr }) {
    for (const { index, count, state, pfn, write } of runs) {
      if (state !== 'valid') return k.fail(k.E.EFAULT, '!(*pfns & HMM_PFN_VALID)');
      const address = addr + bytesOf(k, index);
      const at = pfn === null ? {} : { pfn };
      yield k.xa_store({ notifier, address, pages: count, ...at, tag: write ? 'write' : '' });
    }
    return 0;
  };

/** @param {Kernel} k @param {Span & { write: boolean }} args @returns {Steps<number>} */
export function* dmirror_range_fault(k, { notifier, mm, addr, pages, write }) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const notifier_seq = yield k.mmu_interval_read_begin({ notifier });
    if (isError(notifier_seq)) return notifier_seq;
    yield k.mmap_read_lock({ mm });
    const runs = yield k.hmm_range_fault({
      notifier,
      address: addr,
      pages,
      notifier_seq,
      default_flags: write ? ['fault', 'write'] : ['fault'],
      dev_private_owner: k.device.id,
    });
    yield k.mmap_read_unlock({ mm });
    if (runs === -k.E.EBUSY) continue;
    if (isError(runs)) return runs;
    yield k.mutex_lock({ name: 'dmirror->mutex' });
    if ((yield k.mmu_interval_read_retry({ notifier, seq: notifier_seq })) === true) {
      yield k.mutex_unlock({ name: 'dmirror->mutex' });
      continue;
    }
    const filled = dmirror_do_fault(runs);
    const ret = yield k.fn('dmirror_do_fault', FILE, filled, { notifier, mm, addr, pages });
    yield k.mutex_unlock({ name: 'dmirror->mutex' });
    return ret;
  }
  return k.fail(k.E.EBUSY, 'time_after(jiffies, timeout)');
}

/** @param {Kernel} k @param {Span & { write: boolean }} span @returns {Steps<number>} */
function* dmirror_fault(k, span) {
  // Since the mm is for the mirrored process, get a reference first.
  if ((yield k.mmget_not_zero({ mm: span.mm })) !== true) return 0;
  const ret = yield k.fn('dmirror_range_fault', FILE, dmirror_range_fault, span);
  yield k.mmput({ mm: span.mm });
  return ret;
}

/** @param {Kernel} k @param {Span & { write: boolean, word?: number, nth?: number }} span @returns {Steps<any>} */
function* access(k, span) {
  const pieces = [];
  let [done, faults] = [0, 0];
  for (;;) {
    const rest = { ...span, addr: span.addr + bytesOf(k, done), pages: span.pages - done };
    if (span.nth !== undefined) rest.nth = span.nth + done;
    yield k.mutex_lock({ name: 'dmirror->mutex' });
    const part = yield* through(k, rest);
    yield k.mutex_unlock({ name: 'dmirror->mutex' });
    done += part.done;
    pieces.push(...part.pieces);
    if (done === span.pages) break;
    const { notifier, mm, write } = span;
    const ret = yield k.fn('dmirror_fault', FILE, dmirror_fault, {
      ...{ notifier, mm, write },
      addr: span.addr + bytesOf(k, done),
      pages: span.pages - done,
    });
    if (isError(ret)) return ret;
    faults += 1;
  }
  return { cpages: done, faults, ...words(pieces, 2 ** k.arch.page_shift / 4) };
}

/** HMM_DMIRROR_READ. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps} */
export function* read(k, cmd) {
  const span = yield* begin(k, cmd);
  return isError(span) ? span : yield* access(k, { ...span, write: false });
}

/**
 * HMM_DMIRROR_WRITE: every word of the pages is `word`, or counts up from it.
 * @param {Kernel} k
 * @param {{ addr: bigint, npages: number, task?: string, word: number, count: boolean }} cmd
 * @returns {Steps}
 */
export function* write(k, { word, count, ...cmd }) {
  const span = yield* begin(k, cmd);
  if (isError(span)) return span;
  const content = count ? { word, nth: 0 } : { word };
  const result = yield* access(k, { ...span, write: true, ...content });
  return isError(result) ? result : { cpages: result.cpages, faults: result.faults };
}
