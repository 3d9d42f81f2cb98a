// SPDX-License-Identifier: MIT
// A DMA engine that copies pages by itself and says by an interrupt that it has; and a driver that
// tests it, as dmatest does.
import { IRQ, cookieOf, isError, jobs } from './jobs.js';
import { test } from './dmatest.js';

/** @import { Kernel, Models, Steps } from '../api.d.ts' */

/** @param {Kernel} k @returns {Steps<number>} */
function* probe(k) {
  const rc = yield k.request_irq({ irq: IRQ + k.device.index, name: k.device.id });
  return isError(rc) ? rc : 0;
}

/** The hardware: a burst at a time, then the interrupt. @param {Kernel} k @param {{ work: number }} args @returns {Steps<void>} */
function* engine(k, { work }) {
  const job = jobs(k)[work];
  if (job === undefined) return;
  const burst = /** @type {number} */ (k.device.config['burst']);
  for (let done = 0; done < job.pages; done += burst) {
    const pages = Math.min(burst, job.pages - done);
    yield k.copy_highpage({ from: job.from + done, to: job.to + done, pages });
  }
  k.write('completed', /** @type {number} */ (k.read('completed')) + 1);
  yield k.generic_handle_irq({ irq: IRQ + k.device.index });
}

/** @param {Kernel} k @returns {Steps<void>} */
function* dma_cookie_complete(k) {
  const completed = /** @type {number} */ (k.read('completed'));
  const told = /** @type {number} */ (k.read('told'));
  for (let cookie = told; cookie < completed; cookie += 1) {
    yield k.complete_all({ completion: cookieOf(cookie) });
  }
  k.write('told', completed);
}

/** The handler: every descriptor that is done wakes who waits for it. @param {Kernel} k @returns {Steps<void>} */
function* irq_handler(k) {
  yield k.fn('dma_cookie_complete', 'drivers/dma/dmaengine.h', dma_cookie_complete);
}

/** @satisfies {Models} */
export const models = {
  'dma-engine': { actions: { test }, callbacks: { probe, engine, irq_handler } },
};
