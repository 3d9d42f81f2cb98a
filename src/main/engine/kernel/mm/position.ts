import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';

/**
 * Positions in `vmas` and `ptes`: address spaces stand one after the other, 2^44 pages apart, which
 * holds the user half of every modelled architecture (56 bits, 4 KiB pages).
 */
export const MM_SPAN = 2 ** 44;

/** Address spaces whose positions a double holds exactly. */
export const MAX_MMS = 2 ** 9 - 1;

type Mm = Pick<RowOf<'mms'>, 'nr'>;

/** Position of a user virtual address (bytes, rounded down to its page). */
export function positionOf(k: Kernel, mm: Mm, address: bigint): number {
  return mm.nr * MM_SPAN + Number(address >> BigInt(k.facts.arch.page_shift));
}

/** User virtual address of a position, in bytes. */
export function addressOf(k: Kernel, position: number): bigint {
  return BigInt(position % MM_SPAN) << BigInt(k.facts.arch.page_shift);
}

/** Positions of a range of addresses: `start` rounded down, `end` (exclusive) up to pages. */
export function positionsOf(k: Kernel, mm: Mm, start: bigint, size: bigint) {
  const last = start + (size > 0n ? size - 1n : 0n);
  return { start: positionOf(k, mm, start), end: positionOf(k, mm, last) + (size > 0n ? 1 : 0) };
}

/** Every position of an address space. */
export function spaceOf(mm: Mm): { start: number; end: number } {
  return { start: mm.nr * MM_SPAN, end: (mm.nr + 1) * MM_SPAN };
}
