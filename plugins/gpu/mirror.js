// SPDX-License-Identifier: MIT
// Shared virtual memory: the GPU has page tables of its own that mirror a process's, and reads and
// writes the process's memory through them, wherever it is.
import { migrateUnlessGone } from './migrate.js';
import { bytesOf, DRIVER, isError, pagesIn, words } from './runs.js';

/** @import { HmmRun, Kernel, Steps } from '../api.d.ts' */

const FILE = 'drivers/gpu/model/svm.c';
const SLOTS = 64;
/** Rounds after which a fault is given up: somebody invalidates all the time. */
const ROUNDS = 1000;

/** @typedef {{ mm: string, notifier: string }} Mirror */
/** @typedef {{ notifier: string, mm: string, va: bigint, pages: number }} Span */

/** @param {Kernel} k @param {(mirror: Mirror) => boolean} test */
function slotOf(k, test) {
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const mirror = /** @type {Mirror | null} */ (k.read('mirrors', slot));
    if (mirror !== null && test(mirror)) return slot;
  }
  return -1;
}

/** @param {Kernel} k @param {string} mm @returns {Mirror | null} */
export function mirrorOf(k, mm) {
  const slot = slotOf(k, (mirror) => mirror.mm === mm);
  return slot < 0 ? null : /** @type {Mirror} */ (k.read('mirrors', slot));
}

/** The mirror of a task's address space (by default of the task that calls), made when first asked for. @param {Kernel} k @param {string | undefined} task @returns {Steps<any>} */
export function* taskMm(k, task) {
  const mm = yield k.get_task_mm(task === undefined ? {} : { task });
  if (mm === null) return k.fail(k.E.ESRCH, 'get_task_mm(task) == NULL');
  yield k.mutex_lock({ name: 'mirrors->lock' });
  const mirror = yield* findOrMake(k, mm);
  yield k.mutex_unlock({ name: 'mirrors->lock' });
  return mirror;
}

/** The one mirror of an address space; nobody else may be looking for it. @param {Kernel} k @param {string} mm @returns {Steps<any>} */
function* findOrMake(k, mm) {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  const there = mirrorOf(k, mm);
  if (there !== null) return there;
  const slot = Array.from({ length: SLOTS }, (_, i) => i).find(
    (i) => k.read('mirrors', i) === null,
  );
  if (slot === undefined) return k.fail(k.E.ENOMEM, 'no mirror is free');
  const got = yield k.mmu_interval_notifier_insert({ mm });
  if (isError(got)) return got;
  k.write('mirrors', slot, { mm, notifier: got.notifier });
  return { mm, notifier: got.notifier };
}

/** The driver lets go of every process. @param {Kernel} k @returns {Steps<number>} */
export function* gpu_svm_fini(k) {
  yield k.mutex_lock({ name: 'mirrors->lock' });
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const mirror = /** @type {Mirror | null} */ (k.read('mirrors', slot));
    if (mirror === null) continue;
    // Who is between two looks at the page table finds the mirror gone.
    yield k.mutex_lock({ name: 'svm->lock' });
    k.write('mirrors', slot, null);
    yield k.mutex_unlock({ name: 'svm->lock' });
    yield k.mmu_interval_notifier_remove({ notifier: mirror.notifier });
  }
  yield k.mutex_unlock({ name: 'mirrors->lock' });
  return 0;
}

/**
 * Entries of the CPU's page table are about to change: the GPU's go first, so that it cannot use what
 * may be freed. Also for its own migrations: until they put the new pages in, the GPU would write to
 * the old ones, and a fault that has looked at them already would store them afterwards.
 * @param {Kernel} k
 * @param {{ notifier: string, start: bigint, size: bigint, cur_seq: number }} args
 * @returns {Steps<boolean>}
 */
export function* invalidate(k, { notifier, start, size, cur_seq }) {
  yield k.mutex_lock({ name: 'svm->lock' });
  yield k.mmu_interval_set_seq({ notifier, cur_seq });
  yield k.xa_erase({ notifier, address: start, pages: pagesIn(k, size) });
  yield k.mutex_unlock({ name: 'svm->lock' });
  return true;
}

/** @param {readonly HmmRun[]} runs */
const mapRuns = (runs) =>
  /** @param {Kernel} k @param {Span} span @returns {Steps<number>} */
  function* gpu_svm_map(k, { notifier, va }) {
    for (const { index, count, pfn, write } of runs) {
      const at = pfn === null ? {} : { pfn };
      const range = { notifier, address: va + bytesOf(k, index), pages: count };
      yield k.xa_store({ ...range, ...at, tag: write ? 'write' : '' });
    }
    return 0;
  };

/** The driver went while the GPU was at it; svm->lock is held. @param {Kernel} k @returns {Steps<any>} */
function* gone(k) {
  yield k.mutex_unlock({ name: 'svm->lock' });
  return k.fail(k.E.ENODEV, '!dev->driver');
}

/** Fills the GPU's page table from the CPU's. @param {Kernel} k @param {Span & { write: boolean }} span @returns {Steps<number>} */
function* gpu_svm_fault(k, { notifier, mm, va, pages, write }) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const notifier_seq = yield k.mmu_interval_read_begin({ notifier });
    if (isError(notifier_seq)) return k.fail(k.E.ENODEV, '!dev->driver');
    yield k.mmap_read_lock({ mm });
    const runs = yield k.hmm_range_fault({
      ...{ notifier, address: va, pages, notifier_seq },
      default_flags: write ? ['fault', 'write'] : ['fault'],
      dev_private_owner: k.device.id,
    });
    yield k.mmap_read_unlock({ mm });
    if (runs === -k.E.EBUSY) continue;
    if (isError(runs)) return runs;
    const shared = write ? runs.find((/** @type {HmmRun} */ run) => !run.write) : undefined;
    if (shared !== undefined) {
      // The device's own pages are reported as they are, read-only since a fork: in RAM they can be copied.
      const range = { va: va + bytesOf(k, shared.index), size: bytesOf(k, shared.count) };
      const moved = yield* migrateUnlessGone(k, { mm, ...range, toDevice: false });
      if (isError(moved)) return moved;
      continue;
    }
    yield k.mutex_lock({ name: 'svm->lock' });
    if (mirrorOf(k, mm)?.notifier !== notifier) return yield* gone(k);
    const stale = yield k.mmu_interval_read_retry({ notifier, seq: notifier_seq });
    if (stale !== true) {
      yield k.fn('gpu_svm_map', FILE, mapRuns(runs), { notifier, mm, va, pages }, DRIVER);
    }
    yield k.mutex_unlock({ name: 'svm->lock' });
    if (stale !== true) return 0;
  }
  return k.fail(k.E.EBUSY, 'the range is invalidated again and again');
}

/**
 * @param {Kernel} k
 * @param {{ task?: string, va: bigint, size: bigint }} args
 * @param {{ word: number, count: boolean } | null} written
 * @returns {Steps<any>}
 */
function* access(k, { task, va, size }, written) {
  if (k.read('bound') !== true) return k.fail(k.E.ENODEV, '!dev->driver');
  if (k.read('error') === true) return k.fail(k.E.EIO, 'the device is in error');
  const got = yield* taskMm(k, task);
  if (isError(got)) return got;
  const { mm, notifier } = got;
  const total = pagesIn(k, size);
  const pieces = [];
  let [done, faults] = [0, 0];
  while (done < total) {
    yield k.mutex_lock({ name: 'svm->lock' });
    if (mirrorOf(k, mm)?.notifier !== notifier) return yield* gone(k);
    const range = { notifier, address: va + bytesOf(k, done), pages: total - done };
    const from = done;
    const entries = yield k.xa_load(range);
    for (const { index, pages, pfn, zero, tag } of entries) {
      if (from + index > done || (written !== null && tag !== 'write')) break;
      if (written !== null) {
        const nth = written.count ? { nth: done } : {};
        yield k.memcpy_to_page({ pfn, end: pfn + pages, word: written.word, ...nth });
      } else if (zero) pieces.push({ pages, word: 0, count: false });
      else pieces.push(...(yield k.memcpy_from_page({ pfn, end: pfn + pages })));
      done += pages;
    }
    yield k.mutex_unlock({ name: 'svm->lock' });
    if (done === total) break;
    const rest = { notifier, mm, va: va + bytesOf(k, done), pages: total - done };
    const args = { ...rest, write: written !== null };
    const ret = yield k.fn('gpu_svm_fault', FILE, gpu_svm_fault, args, DRIVER);
    if (isError(ret)) return ret;
    faults += 1;
  }
  return { pages: done, faults, ...(written === null ? { words: words(k, pieces) } : {}) };
}

/** @param {Kernel} k @param {{ task?: string, va: bigint, size: bigint }} args @returns {Steps} */
export function* device_read(k, args) {
  return yield* access(k, args, null);
}

/** @param {Kernel} k @param {{ task?: string, va: bigint, size: bigint, word: number, count: boolean }} args @returns {Steps} */
export function* device_write(k, { word, count, ...args }) {
  return yield* access(k, args, { word, count });
}
