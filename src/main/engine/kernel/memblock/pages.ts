import type { Kernel } from '../../core/facts.ts';

/** Pages at boot; PFNs are numbers, addresses bigints. The constants are those of x86. */
export const PAGE_SHIFT = 12n;
export const PAGE_SIZE = 4096n;

/** PAGE_SHIFT of this kernel. */
export function pageShift(k: Pick<Kernel, 'facts'>): bigint {
  return BigInt(k.facts.arch.page_shift);
}

/** PFN_DOWN: the page that holds `address`. */
export function pfnDown(address: bigint, shift = PAGE_SHIFT): number {
  return Number(address >> shift);
}

/** PFN_UP: the first page that begins at or above `address`. */
export function pfnUp(address: bigint, shift = PAGE_SHIFT): number {
  return Number((address + (1n << shift) - 1n) >> shift);
}

/** PFN_PHYS. */
export function pfnPhys(pfn: number, shift = PAGE_SHIFT): bigint {
  return BigInt(pfn) << shift;
}

export function roundDown(pfn: number, unit: number): number {
  return pfn - (pfn % unit);
}

export function roundUp(pfn: number, unit: number): number {
  const over = pfn % unit;
  return over === 0 ? pfn : pfn + unit - over;
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
