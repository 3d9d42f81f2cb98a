/** Pages of x86_64 at boot; PFNs are numbers, addresses bigints. */
export const PAGE_SHIFT = 12n;
export const PAGE_SIZE = 4096n;

/** PFN_DOWN: the page that holds `address`. */
export function pfnDown(address: bigint): number {
  return Number(address >> PAGE_SHIFT);
}

/** PFN_UP: the first page that begins at or above `address`. */
export function pfnUp(address: bigint): number {
  return Number((address + PAGE_SIZE - 1n) >> PAGE_SHIFT);
}

/** PFN_PHYS. */
export function pfnPhys(pfn: number): bigint {
  return BigInt(pfn) << PAGE_SHIFT;
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
