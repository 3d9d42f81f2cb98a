import { describe, expect, test } from 'vitest';
import { tableSchema } from '../../../src/shared/world/tables.ts';
import {
  addHash,
  encodeRow,
  formatHash,
  hashRow,
  hashText,
  subtractHash,
} from '../../../src/main/engine/core/world/hash.ts';

describe('world/hash', () => {
  test('is MurmurHash3_x86_128: published vectors with seed 0', () => {
    expect(formatHash(hashText(''))).toBe('00000000000000000000000000000000');
    // Lanes h1..h4 of the reference are 2f1583c3 ecee2c67 5d7bf66c e5e91d2c; printed high lane first.
    expect(formatHash(hashText('The quick brown fox jumps over the lazy dog'))).toBe(
      'e5e91d2c5d7bf66cecee2c672f1583c3',
    );
  });

  test('reads text as UTF-8: one, two, three and four byte characters differ from their parts', () => {
    expect(hashText('\u00e9')).not.toEqual(hashText('e'));
    expect(hashText('\u20ac')).not.toEqual(hashText('\u00e9'));
    expect(hashText('\u{1f600}')).not.toEqual(hashText('\ud83d'));
  });

  test('encodes table, key and fields in schema order, integers in decimal', () => {
    const row = { value: 1n << 60n, name: 'max_pfn' };
    expect(encodeRow(tableSchema('vars'), row)).toBe(
      ['vars', 'smax_pfn', 'smax_pfn', 'i1152921504606846976'].join('\u001f'),
    );
  });

  test('a number and a bigint of the same value are the same integer', () => {
    const schema = tableSchema('vars');
    expect(hashRow(schema, { name: 'a', value: 7 })).toEqual(
      hashRow(schema, { name: 'a', value: 7n }),
    );
    expect(hashRow(schema, { name: 'a', value: 7 })).not.toEqual(
      hashRow(schema, { name: 'a', value: '7' }),
    );
  });

  test('adds and subtracts with carry through all four lanes', () => {
    const ones = [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff] as const;
    expect(addHash(ones, [1, 0, 0, 0])).toEqual([0, 0, 0, 0]);
    expect(subtractHash([0, 0, 0, 0], [1, 0, 0, 0])).toEqual([...ones]);
    expect(addHash([0xffffffff, 5, 0, 0], [1, 0, 0, 0])).toEqual([0, 6, 0, 0]);
  });
});
