import { exactBytes } from '../../bench/numbers.ts';

const RANGE = /^\s*([0-9a-f]+)-([0-9a-f]+) : /;

/**
 * Size of the range a line of /proc/iomem prints, both ends inclusive: bytes in binary units where
 * those are exact, else nothing: the addresses say it exactly.
 */
export function rangeSize(line: string): string {
  const found = RANGE.exec(line);
  if (!found) return '';
  const bytes = BigInt(`0x${found[2]}`) - BigInt(`0x${found[1]}`) + 1n;
  return bytes > 0n ? (exactBytes(Number(bytes)) ?? '') : '';
}
