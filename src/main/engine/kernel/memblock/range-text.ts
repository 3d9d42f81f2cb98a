/** `[mem 0x...-0x...]` with at least 16 digits, the end inclusive. */
export function mem16(start: bigint, end: bigint): string {
  return `[mem ${hex(start, 16)}-${hex(end - 1n, 16)}]`;
}

/** The same with at least 8 digits. */
export function mem8(start: bigint, end: bigint): string {
  return `[mem ${hex(start, 8)}-${hex(end - 1n, 8)}]`;
}

export function hex(value: bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
