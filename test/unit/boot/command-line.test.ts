import { describe, expect, it } from 'vitest';
import { memparse, parseArgs } from '../../../src/main/engine/core/command-line.ts';

describe('boot/memparse', () => {
  it('reads decimal, hexadecimal and octal numbers with binary suffixes', () => {
    expect(memparse('64M')).toEqual({ bytes: 67108864n, rest: '' });
    expect(memparse('0x3000$0x1c001000')).toEqual({ bytes: 0x3000n, rest: '$0x1c001000' });
    expect(memparse('010k')).toEqual({ bytes: 8192n, rest: '' });
    expect(memparse('2T!4G')).toEqual({ bytes: 1n << 41n, rest: '!4G' });
  });

  it('wraps at 64 bits as the kernel does, and refuses what begins with no digit', () => {
    expect(memparse('16E')?.bytes).toBe(0n);
    expect(memparse('abc')).toBeUndefined();
    expect(memparse('')).toBeUndefined();
  });
});

describe('boot/parseArgs', () => {
  it('keeps quoted blanks and stops at a bare --', () => {
    expect(parseArgs('mem=1G  dyndbg="file a +p" quiet -- mem=2G')).toEqual([
      { name: 'mem', value: '1G' },
      { name: 'dyndbg', value: 'file a +p' },
      { name: 'quiet', value: undefined },
    ]);
  });
});
