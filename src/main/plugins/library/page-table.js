// A device's own page tables, each a mirror of a process's: which there are (the register `mirrors`, `json`
// with a count of 64), how one is filled from the CPU's, and how the device reads and writes through it.

import { isError } from './runs.js';

/** @import { HmmRun, Kernel, Steps, WordRun } from '../../../../plugins/api.d.ts' */

/** @typedef {{ mm: string, notifier: string }} Mirror an address space, and what tells of its changes */
/** @typedef {{ notifier: string, mm: string, address: bigint, pages: number }} Span pages of a mirror */

const SLOTS = 64;
/** Rounds after which HMM_RANGE_DEFAULT_TIMEOUT is taken to be over: somebody invalidates all the time. */
const ROUNDS = 1000;

/** @param {Kernel} k @param {number} slot */
const at = (k, slot) => /** @type {Mirror | null} */ (k.read('mirrors', slot));

/**
 * The slot of the first mirror that passes a test; -1 where none does.
 *
 * @param {Kernel} k
 * @param {(mirror: Mirror) => boolean} test
 * @returns {number}
 */
function slotOf(k, test) {
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const mirror = at(k, slot);
    if (mirror !== null && test(mirror)) return slot;
  }
  return -1;
}

/**
 * The mirror of an address space; null where there is none.
 *
 * @param {Kernel} k
 * @param {string} mm as get_task_mm named it
 * @returns {Mirror | null}
 */
export function mirrorOf(k, mm) {
  const slot = slotOf(k, (mirror) => mirror.mm === mm);
  return slot < 0 ? null : at(k, slot);
}

/**
 * Is a notifier still one of this device's?
 *
 * @param {Kernel} k
 * @param {string} notifier
 * @returns {boolean}
 */
export const isMirrored = (k, notifier) => slotOf(k, (mirror) => mirror.notifier === notifier) >= 0;

/**
 * Every mirror, in the order of their slots.
 *
 * @param {Kernel} k
 * @returns {Mirror[]}
 */
export function mirrors(k) {
  const found = [];
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const mirror = at(k, slot);
    if (mirror !== null) found.push(mirror);
  }
  return found;
}

/**
 * Begins to mirror an address space.
 *
 * @param {Kernel} k
 * @param {string} mm
 * @param {string} full the condition that fails where 64 are mirrored: -ENOMEM
 * @returns {Steps<any>} the mirror, or a negative errno
 */
export function* addMirror(k, mm, full) {
  let slot = 0;
  while (slot < SLOTS && at(k, slot) !== null) slot += 1;
  if (slot === SLOTS) return k.fail(k.E.ENOMEM, full);
  const got = yield k.mmu_interval_notifier_insert({ mm });
  if (isError(got)) return got;
  const mirror = { mm, notifier: got.notifier };
  k.write('mirrors', slot, mirror);
  return mirror;
}

/**
 * Forgets a mirror; its notifier is the caller's to remove.
 *
 * @param {Kernel} k
 * @param {Mirror} mirror
 */
export function forgetMirror(k, { notifier }) {
  const slot = slotOf(k, (mirror) => mirror.notifier === notifier);
  if (slot >= 0) k.write('mirrors', slot, null);
}

/**
 * Reads the CPU's page table and hands what it has to `use`, with the driver's lock held and nothing
 * changed meanwhile: Documentation/mm/hmm.rst, "Address space mirroring implementation and API".
 *
 * @param {Kernel} k
 * @param {Span} span
 * @param {{
 *   lock: string,
 *   flags: readonly ('fault' | 'write')[],
 *   owner?: string,
 *   look?: (runs: readonly HmmRun[]) => Steps<number>,
 *   valid?: () => number,
 *   use: (runs: readonly HmmRun[]) => Steps<any>,
 * }} how `lock`: name of the mutex that `invalidate` takes too. `flags`: HMM_PFN_REQ_* for every page.
 *   `owner`: whose private pages are given as they are, by default the device's. `look`: before the lock; 0 goes on, a positive number reads again, an errno ends. `valid`: with
 *   the lock, and where the notifier is gone; an errno ends. `use`: what is done with the entries.
 * @returns {Steps<any>} what `use` gives, or a negative errno
 */
export function* mirrorRange(
  k,
  { notifier, mm, address, pages },
  { lock, flags, owner, look, valid, use },
) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const notifier_seq = yield k.mmu_interval_read_begin({ notifier });
    if (isError(notifier_seq)) return (valid?.() ?? 0) || notifier_seq;
    yield k.mmap_read_lock({ mm });
    const runs = yield k.hmm_range_fault({
      ...{ notifier, address, pages, notifier_seq },
      default_flags: flags,
      dev_private_owner: owner ?? k.device.id,
    });
    yield k.mmap_read_unlock({ mm });
    if (runs === -k.E.EBUSY) continue;
    if (isError(runs)) return runs;
    const seen = look === undefined ? 0 : yield* look(runs);
    if (seen < 0) return seen;
    if (seen > 0) continue;
    yield k.mutex_lock({ name: lock });
    const fault = valid?.() ?? 0;
    if (fault < 0) {
      yield k.mutex_unlock({ name: lock });
      return fault;
    }
    const stale = (yield k.mmu_interval_read_retry({ notifier, seq: notifier_seq })) === true;
    const result = stale ? undefined : yield* use(runs);
    yield k.mutex_unlock({ name: lock });
    if (!stale) return result;
  }
  return k.fail(k.E.EBUSY, 'time_after(jiffies, timeout)');
}

/**
 * Puts entries of the CPU's page table into the device's.
 *
 * @param {Kernel} k
 * @param {Span} span
 * @param {readonly HmmRun[]} runs
 * @returns {Steps<void>}
 */
export function* storeRuns(k, { notifier, address }, runs) {
  for (const { index, count, pfn, write } of runs) {
    const from = address + (BigInt(index) << BigInt(k.arch.page_shift));
    const page = pfn === null ? {} : { pfn };
    yield k.xa_store({ notifier, address: from, pages: count, ...page, tag: write ? 'write' : '' });
  }
}

/**
 * The device reads or writes through its own page table, page after page, up to the first that it
 * does not have, or may not write. The driver's lock is held.
 *
 * @param {Kernel} k
 * @param {Omit<Span, 'mm'>} span
 * @param {{ word: number, nth?: number } | null} written null: it reads. The word in every place; with
 *   `nth` they count up, and the span begins with the nth page of what is written
 * @returns {Generator<any, { done: number, pieces: WordRun[] }, any>} pages, and what was in them
 */
export function* accessPages(k, { notifier, address, pages }, written) {
  const entries = yield k.xa_load({ notifier, address, pages });
  let done = 0;
  /** @type {WordRun[]} */
  const pieces = [];
  for (const { index, pages: count, pfn, zero, tag } of entries) {
    if (index > done || (written !== null && tag !== 'write')) break;
    if (written !== null) {
      const { word, nth } = written;
      const from = nth === undefined ? {} : { nth: nth + done };
      yield k.memcpy_to_page({ pfn, end: pfn + count, word, ...from });
    } else if (zero) {
      yield k.memcpy_from_page({ pfn, end: pfn + 1 });
      pieces.push({ pages: count, word: 0, count: false });
    } else pieces.push(...(yield k.memcpy_from_page({ pfn, end: pfn + count })));
    done += count;
  }
  return { done, pieces };
}
