// SPDX-License-Identifier: MIT
// lib/test_hmm.c: the device reads and writes a process's memory through its own page table, and
// fills it from the CPU's with hmm_range_fault() where it has no entry.
import { accessPages, mirrorRange, storeRuns } from 'pfnlab:page-table';
import { bytesOf, isError } from 'pfnlab:runs';
import { begin, contents } from './page-table.js';

/** @import { HmmRun, Kernel, Steps } from '../api.d.ts' */
/** @import { Span } from 'pfnlab:page-table' */

const FILE = 'lib/test_hmm.c';

/** @param {readonly HmmRun[]} runs what hmm_range_fault() has filled in */
const dmirror_do_fault = (runs) =>
  /** @param {Kernel} k @param {Span} span @returns {Steps<number>} */
  function* dmirror_do_fault(k, span) {
    const bad = runs.findIndex(({ state }) => state !== 'valid');
    yield* storeRuns(k, span, bad < 0 ? runs : runs.slice(0, bad));
    return bad < 0 ? 0 : k.fail(k.E.EFAULT, '!(*pfns & HMM_PFN_VALID)');
  };

/** @param {Kernel} k @param {Span & { write: boolean }} args @returns {Steps<number>} */
export function* dmirror_range_fault(k, { write, ...span }) {
  return yield* mirrorRange(k, span, {
    lock: 'dmirror->mutex',
    flags: write ? ['fault', 'write'] : ['fault'],
    /** @param {readonly HmmRun[]} runs @returns {Steps<any>} */
    use: function* (runs) {
      return yield k.fn('dmirror_do_fault', FILE, dmirror_do_fault(runs), span);
    },
  });
}

/** @param {Kernel} k @param {Span & { write: boolean }} span @returns {Steps<number>} */
function* dmirror_fault(k, span) {
  // Since the mm is for the mirrored process, get a reference first.
  if ((yield k.mmget_not_zero({ mm: span.mm })) !== true) return 0;
  const ret = yield k.fn('dmirror_range_fault', FILE, dmirror_range_fault, span);
  yield k.mmput({ mm: span.mm });
  return ret;
}

/** @param {Kernel} k @param {Span} span @param {{ word: number, nth?: number } | null} written @returns {Steps<any>} */
function* access(k, span, written) {
  const pieces = [];
  let [done, faults] = [0, 0];
  for (;;) {
    const rest = { ...span, address: span.address + bytesOf(k, done), pages: span.pages - done };
    const nth = written?.nth === undefined ? undefined : written.nth + done;
    yield k.mutex_lock({ name: 'dmirror->mutex' });
    const part = yield* accessPages(k, rest, written === null ? null : { ...written, nth });
    yield k.mutex_unlock({ name: 'dmirror->mutex' });
    done += part.done;
    pieces.push(...part.pieces);
    if (done === span.pages) break;
    const { notifier, mm } = span;
    const ret = yield k.fn('dmirror_fault', FILE, dmirror_fault, {
      ...{ notifier, mm, write: written !== null },
      address: span.address + bytesOf(k, done),
      pages: span.pages - done,
    });
    if (isError(ret)) return ret;
    faults += 1;
  }
  return { cpages: done, faults, ...contents(k, pieces) };
}

/** HMM_DMIRROR_READ. @param {Kernel} k @param {{ addr: bigint, npages: number, task?: string }} cmd @returns {Steps} */
export function* read(k, cmd) {
  const span = yield* begin(k, cmd);
  return isError(span) ? span : yield* access(k, span, null);
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
  const result = yield* access(k, span, count ? { word, nth: 0 } : { word });
  return isError(result) ? result : { cpages: result.cpages, faults: result.faults };
}
