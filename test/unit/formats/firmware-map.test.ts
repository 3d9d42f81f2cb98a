import { describe, expect, it } from 'vitest';
import { sanitised, subtract, usableAfter } from '../../../src/main/formats/firmware-map.ts';

describe('formats/firmware-map', () => {
  it('gives overlapping parts to the highest e820 type, as e820__update_table does', () => {
    const { map, changed } = sanitised([
      { start: 0n, end: 0xffn, type: 'usable' },
      { start: 0x40n, end: 0x5fn, type: 'nvs' },
      { start: 0x50n, end: 0x13fn, type: 'reserved' },
    ]);
    expect(changed).toBe(true);
    expect(map).toEqual([
      { start: 0n, end: 0x3fn, type: 'usable' },
      { start: 0x40n, end: 0x5fn, type: 'nvs' },
      { start: 0x60n, end: 0x13fn, type: 'reserved' },
    ]);
  });

  it('leaves a map without overlaps as it is, with what firmware called its types', () => {
    const map = [
      { start: 0x1000n, end: 0x1fffn, type: 'reserved' as const, e820_type: 20 },
      { start: 0n, end: 0xfffn, type: 'usable' as const },
    ];
    expect(sanitised(map)).toEqual({ map: [map[1], map[0]], changed: false });
  });

  it('subtracts ranges at both ends, in the middle and across several', () => {
    expect(
      subtract(
        [
          { start: 0n, end: 99n },
          { start: 200n, end: 299n },
        ],
        [
          { start: 0n, end: 9n },
          { start: 50n, end: 59n },
          { start: 90n, end: 219n },
        ],
      ),
    ).toEqual([
      { start: 10n, end: 49n },
      { start: 60n, end: 89n },
      { start: 220n, end: 299n },
    ]);
  });

  it('RAM after boot lacks the first page and the hole below 1 MiB', () => {
    expect(usableAfter([{ start: 0n, end: 0x1fffffn, type: 'usable' }], [])).toEqual([
      { start: 0x1000n, end: 0x9ffffn },
      { start: 0x100000n, end: 0x1fffffn },
    ]);
  });
});
