import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  formatSize,
  readAddress,
  readCount,
  readSize,
} from '../../../src/shared/lab/quantity.ts';

const value = (read: { ok: boolean; value?: unknown }) => (read.ok ? read.value : 'refused');

describe('lab/quantity', () => {
  it('reads addresses above 2^53 without losing a digit', () => {
    expect(value(readAddress('0xfedcba987654321f'))).toBe(0xfedcba987654321fn);
    expect(value(readAddress((1n << 56n) - 1n))).toBe(72057594037927935n);
  });

  it('reads addresses in hex and decimal', () => {
    expect(value(readAddress('0x100000'))).toBe(1048576n);
    expect(value(readAddress(1048576))).toBe(1048576n);
    expect(value(readAddress('1_000_000'))).toBe(1000000n);
  });

  it.each(['', '-1', -1, 1.5, '0x', '0xg', null, {}, '0x1_0000_0000_0000_0000', 2 ** 60])(
    'refuses %s as an address',
    (input) => {
      expect(value(readAddress(input))).toBe('refused');
    },
  );

  it('reads sizes with binary units', () => {
    expect(value(readSize('1GiB'))).toBe(1073741824n);
    expect(value(readSize('256 KiB'))).toBe(262144n);
    expect(value(readSize('1.5MiB'))).toBe(1572864n);
    expect(value(readSize('16TiB'))).toBe(17592186044416n);
    expect(value(readSize(4096n))).toBe(4096n);
  });

  it.each(['1GB', '1G', 'GiB', '0.3KiB', '1e3', '99999PiB', '-1KiB'])(
    'refuses %s as a size',
    (input) => {
      expect(value(readSize(input))).toBe('refused');
    },
  );

  it('reads counts up to 2^53 - 1 as numbers', () => {
    expect(value(readCount(0x100000n))).toBe(1048576);
    expect(value(readCount(1n << 53n))).toBe('refused');
  });

  it('prints the largest unit that divides a size, and addresses in plain hex', () => {
    expect(formatSize(1n << 40n)).toBe('1TiB');
    expect(formatSize(3n << 20n)).toBe('3MiB');
    expect(formatSize(4097n)).toBe('4097');
    expect(formatAddress(0x9fbffn)).toBe('0x9fbff');
  });
});
