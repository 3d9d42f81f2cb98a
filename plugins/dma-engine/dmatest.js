// SPDX-License-Identifier: MIT
// What dmatest does: two buffers, a copy by the engine, and a look at what came of it.
import { cookieOf, isError, jobs } from './jobs.js';

/** @import { Kernel, PfnRun, Steps } from '../api.d.ts' */

const DMAENGINE = 'include/linux/dmaengine.h';

/** The descriptor gets a number, by which it is waited for. @param {Kernel} k @param {{ from: number, to: number, pages: number }} job @returns {Steps<number>} */
function* dmaengine_submit(k, job) {
  const all = jobs(k);
  const cookie = all.length;
  yield k.init_completion({ completion: cookieOf(cookie) });
  k.write('jobs', /** @type {never} */ ([...all, job]));
  return cookie;
}

/** @param {Kernel} k @param {{ cookie: number }} args @returns {Steps<number>} */
function* dma_async_issue_pending(k, { cookie }) {
  return (yield k.device_engine_start({ engine: 'copy', work: cookie })) ?? 0;
}

/** Pages of the destination that are not as the source was. @param {Kernel} k @param {{ to: number, pages: number, word: number }} args @returns {Steps<number>} */
function* dmatest_verify(k, { to, pages, word }) {
  /** @type {readonly { pages: number, word: number }[]} */
  const runs = yield k.memcpy_from_page({ pfn: to, end: to + pages });
  return runs.filter((run) => run.word !== word).reduce((sum, run) => sum + run.pages, 0);
}

/** One run of so many pages, or an errno. @param {Kernel} k @param {number} pages @returns {Steps<PfnRun | number>} */
function* buffer(k, pages) {
  const order = Math.ceil(Math.log2(pages));
  const runs = yield k.alloc_pages({ pages: 2 ** order, order, gfp: 'GFP_KERNEL' });
  return isError(runs) ? runs : (runs[0] ?? k.fail(k.E.ENOMEM, 'alloc_pages()'));
}

/** @param {Kernel} k @param {{ pages: number, word: number, wait: boolean }} args @returns {Steps<number>} */
function* dmatest_func(k, { pages, word, wait }) {
  const src = yield* buffer(k, pages);
  if (typeof src === 'number') return src;
  const dst = yield* buffer(k, pages);
  if (typeof dst === 'number') return dst;
  yield k.memcpy_to_page({ pfn: src.pfn, end: src.pfn + pages, word });
  const job = { from: src.pfn, to: dst.pfn, pages };
  const cookie = yield k.fn('dmaengine_submit', DMAENGINE, dmaengine_submit, job);
  const rc = yield k.fn('dma_async_issue_pending', DMAENGINE, dma_async_issue_pending, { cookie });
  if (isError(rc)) return rc;
  const completion = cookieOf(cookie);
  if (wait) yield k.wait_for_completion({ completion });
  const look = { to: dst.pfn, pages, word };
  const wrong = yield k.fn('dmatest_verify', 'drivers/dma/dmatest.c', dmatest_verify, look);
  // The engine writes to the buffer until it has said that it is done: only then may it go.
  if (!wait) yield k.wait_for_completion({ completion });
  const order = Math.ceil(Math.log2(pages));
  yield k.__free_pages({ ...src, order });
  yield k.__free_pages({ ...dst, order });
  return wrong > 0 ? k.fail(k.E.EIO, `${wrong} pages are not copied`) : 0;
}

/** @param {Kernel} k @param {{ pages: number, word: number, wait: boolean }} args @returns {Steps<number>} */
export function* test(k, args) {
  return yield k.fn('dmatest_func', 'drivers/dma/dmatest.c', dmatest_func, args);
}
