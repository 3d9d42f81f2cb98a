// SPDX-License-Identifier: MIT
// Descriptors of the channel: what is copied where.

/** @import { Kernel } from '../api.d.ts' */

/** @typedef {{ from: number, to: number, pages: number }} Job first pages, and how many */

/** Interrupt of the first such device. */
export const IRQ = 24;
/** @param {number} cookie */
export const cookieOf = (cookie) => `dma cookie ${cookie}`;
/** @param {unknown} value @returns {value is number} */
export const isError = (value) => typeof value === 'number' && value < 0;
/** @param {Kernel} k @returns {readonly Job[]} */
export const jobs = (k) => /** @type {never} */ (k.read('jobs') ?? []);
