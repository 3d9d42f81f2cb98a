import { describe, expect, it } from 'vitest';
import { gen_pool_free } from '../../../src/main/engine/kernel/p2pdma/gen-pool.ts';

const range = (start: number, size: number) => ({ start: BigInt(start), size: BigInt(size) });

describe('gen_pool_free gives back pages, whichever calls took them', () => {
  it('out of the middle of a range', () => {
    expect(gen_pool_free([range(0x1000, 0x4000)], range(0x2000, 0x1000))).toEqual([
      range(0x1000, 0x1000),
      range(0x3000, 0x2000),
    ]);
  });

  it('across two ranges that follow on each other', () => {
    const allocated = [range(0x1000, 0x1000), range(0x2000, 0x2000)];
    expect(gen_pool_free(allocated, range(0x1000, 0x2000))).toEqual([range(0x3000, 0x1000)]);
  });

  it('and is a BUG where one of them is free', () => {
    expect(gen_pool_free([range(0x1000, 0x1000)], range(0x1000, 0x2000))).toBeUndefined();
    expect(gen_pool_free([], range(0x1000, 0x1000))).toBeUndefined();
  });
});
