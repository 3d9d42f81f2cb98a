// SPDX-License-Identifier: MIT
// What the data of a namespace can be aligned to: the sizes of the pages that DAX can map it with.
import { bytesOf, hugeOrder } from 'pfnlab:runs';
import { pageSize } from './namespace.js';

/** @import { Kernel } from '../api.d.ts' */

/** PUD_SIZE wherever there are transparent huge pages of it. */
const HPAGE_PUD_SIZE = 0x40000000n;

/** nd_pfn_supported_alignments(): PAGE_SIZE, HPAGE_PMD_SIZE, HPAGE_PUD_SIZE. @param {Kernel} k @returns {bigint[]} */
export function supportedAlignments(k) {
  if (k.config('TRANSPARENT_HUGEPAGE') !== 'y') return [pageSize(k)];
  const pud = k.switch('nvdimm_pud_alignment') === true ? [HPAGE_PUD_SIZE] : [];
  return [pageSize(k), bytesOf(k, 2 ** hugeOrder(k)), ...pud];
}

/** nd_pfn_default_alignment(). @param {Kernel} k @returns {bigint} */
export const defaultAlignment = (k) => supportedAlignments(k)[1] ?? pageSize(k);
