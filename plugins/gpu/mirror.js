// SPDX-License-Identifier: MIT
// Shared virtual memory: the GPU has page tables of its own that mirror a process's, and reads and
// writes the process's memory through them, wherever it is.
import {
  accessPages,
  addMirror,
  forgetMirror,
  mirrorOf,
  mirrorRange,
  mirrors,
} from 'pfnlab:page-table';
import { storeRuns } from 'pfnlab:page-table';
import { bytesOf, isError, joinWords, pagesIn } from 'pfnlab:runs';
import { DRIVER } from './driver.js';
import { migrateUnlessGone } from './svm.js';
import { ownerOf } from './vram.js';

/** @import { HmmRun, Kernel, Steps } from '../api.d.ts' */
/** @import { Span } from 'pfnlab:page-table' */

const FILE = 'drivers/gpu/model/svm.c';

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
  return yield* addMirror(k, mm, 'no mirror is free');
}

/** The driver lets go of every process. @param {Kernel} k @returns {Steps<number>} */
export function* gpu_svm_fini(k) {
  yield k.mutex_lock({ name: 'mirrors->lock' });
  for (const mirror of mirrors(k)) {
    // Who is between two looks at the page table finds the mirror gone.
    yield k.mutex_lock({ name: 'svm->lock' });
    forgetMirror(k, mirror);
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
  function* gpu_svm_map(k, span) {
    yield* storeRuns(k, span, runs);
    return 0;
  };

/** @param {Kernel} k */
const gone = (k) => k.fail(k.E.ENODEV, '!dev->driver');

/** Fills the GPU's page table from the CPU's. @param {Kernel} k @param {Span & { write: boolean }} args @returns {Steps<number>} */
function* gpu_svm_fault(k, { write, ...span }) {
  const { notifier, mm, address } = span;
  /** @param {readonly HmmRun[]} runs @returns {Steps<number>} */
  const look = function* (runs) {
    const shared = write ? runs.find((run) => !run.write) : undefined;
    if (shared === undefined) return 0;
    // The device's own pages are reported as they are, read-only since a fork: in RAM they can be copied.
    const range = { va: address + bytesOf(k, shared.index), size: bytesOf(k, shared.count) };
    const moved = yield* migrateUnlessGone(k, { mm, ...range, toDevice: false });
    return isError(moved) ? moved : 1;
  };
  return yield* mirrorRange(k, span, {
    lock: 'svm->lock',
    flags: write ? ['fault', 'write'] : ['fault'],
    owner: ownerOf(k),
    look,
    valid: () => (mirrorOf(k, mm)?.notifier === notifier ? 0 : gone(k)),
    /** @param {readonly HmmRun[]} runs @returns {Steps<any>} */
    use: function* (runs) {
      return yield k.fn('gpu_svm_map', FILE, mapRuns(runs), span, DRIVER);
    },
  });
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
    if (mirrorOf(k, mm)?.notifier !== notifier) {
      yield k.mutex_unlock({ name: 'svm->lock' });
      return gone(k);
    }
    const rest = { notifier, address: va + bytesOf(k, done), pages: total - done };
    const content =
      written === null ? null : { word: written.word, nth: written.count ? done : undefined };
    const part = yield* accessPages(k, rest, content);
    yield k.mutex_unlock({ name: 'svm->lock' });
    done += part.done;
    pieces.push(...part.pieces);
    if (done === total) break;
    const args = { notifier, mm, address: va + bytesOf(k, done), pages: total - done };
    const ret = yield k.fn(
      'gpu_svm_fault',
      FILE,
      gpu_svm_fault,
      { ...args, write: written !== null },
      DRIVER,
    );
    if (isError(ret)) return ret;
    faults += 1;
  }
  return { pages: done, faults, ...(written === null ? { words: joinWords(k, pieces) } : {}) };
}

/** @param {Kernel} k @param {{ task?: string, va: bigint, size: bigint }} args @returns {Steps} */
export function* device_read(k, args) {
  return yield* access(k, args, null);
}

/** @param {Kernel} k @param {{ task?: string, va: bigint, size: bigint, word: number, count: boolean }} args @returns {Steps} */
export function* device_write(k, { word, count, ...args }) {
  return yield* access(k, args, { word, count });
}
