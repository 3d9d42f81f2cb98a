import { describe, expect, it } from 'vitest';
import {
  freeBlocks,
  freeBlockOf,
  freeLists,
} from '../../../src/main/engine/kernel/buddy/free-lists.ts';
import { formatHash } from '../../../src/main/engine/core/world/hash.ts';
import { alloc, counts, free, machineOf } from './by-hand.ts';

/** 16 MiB of DMA32 from PFN 0x10000 on: four blocks of order 10. */
const four = () => machineOf([{ nid: 0, name: 'DMA32', start: 0x10000, end: 0x11000 }]);
const NONE = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

describe('free pages lie in the largest aligned blocks', () => {
  it('goes up from an odd start, through whole blocks of the highest order, and down to the end', () => {
    // 3 = order 0, 4 = order 2, 8..1023 = orders 3 to 9, two of order 10, then 5 pages.
    const runs = freeBlocks(3, 3077, 10);
    expect(runs.map(({ pfn, order, count }) => [pfn, order, count])).toEqual([
      [3, 0, 1],
      [4, 2, 1],
      [8, 3, 1],
      [16, 4, 1],
      [32, 5, 1],
      [64, 6, 1],
      [128, 7, 1],
      [256, 8, 1],
      [512, 9, 1],
      [1024, 10, 2],
      [3072, 2, 1],
      [3076, 0, 1],
    ]);
  });
});

describe('allocating splits the smallest block that is large enough', () => {
  it('takes one page off an order 10 block and leaves one block of every order below', () => {
    const bench = four();
    expect(alloc(bench, 0, 'GFP_HIGHUSER_MOVABLE')).toEqual([{ pfn: 0x10000, end: 0x10001 }]);
    expect(counts(bench, 'DMA32')).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3]);
    // The next page comes from the order 0 block, not from a larger one.
    expect(alloc(bench, 0, 'GFP_HIGHUSER_MOVABLE')).toEqual([{ pfn: 0x10001, end: 0x10002 }]);
    expect(counts(bench, 'DMA32')).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3]);
  });

  it('gives the first page of a block the reference, and the others none of their own', () => {
    const bench = four();
    alloc(bench, 3, 'GFP_HIGHUSER_MOVABLE');
    expect(bench.world.at('pages', 0x10000)).toMatchObject({
      start: 0x10000,
      end: 0x10008,
      buddy: false,
      refcount: 1,
      compound_order: 3,
    });
    expect(freeBlockOf(bench.world, bench.facts, 0x10009)).toEqual({
      pfn: 0x10008,
      order: 3,
      count: 1,
    });
    expect(freeBlockOf(bench.world, bench.facts, 0x10000)).toBeUndefined();
  });

  it('says NULL, not an error, above the highest order', () => {
    expect(alloc(four(), 11, 'GFP_KERNEL')).toEqual([]);
  });
});

describe('freeing merges buddies as far as they are free', () => {
  it('goes from one page back to order 10 when the last of its buddies comes', () => {
    const bench = four();
    const before = formatHash(bench.world.hash());
    alloc(bench, 0, 'GFP_HIGHUSER_MOVABLE');
    alloc(bench, 0, 'GFP_HIGHUSER_MOVABLE');
    free(bench, 0x10000, 0);
    // 0x10000 has its buddy 0x10001 still in use.
    expect(counts(bench, 'DMA32')).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3]);
    free(bench, 0x10001, 0);
    expect(counts(bench, 'DMA32')).toEqual([...NONE, 4]);
    expect(bench.log.step(bench.log.length)).toMatchObject({ fn: '__free_one_page', ret: 10 });
    expect(formatHash(bench.world.hash())).toBe(before);
  });

  it('does not merge neighbours that are no buddies, nor across a zone', () => {
    // 0x10001..0x10003 free: a page and a block of two. 0x10004 begins another zone.
    const bench = machineOf([
      { nid: 0, name: 'DMA32', start: 0x10001, end: 0x10004 },
      { nid: 0, name: 'Normal', start: 0x10004, end: 0x10008 },
    ]);
    expect(counts(bench, 'DMA32')).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(counts(bench, 'Normal')).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('refuses pages that are free already, or were allocated with another order', () => {
    const bench = four();
    expect(free(bench, 0x10000, 0)).toMatchObject({ errno: 'EINVAL' });
    alloc(bench, 1, 'GFP_HIGHUSER_MOVABLE');
    expect(free(bench, 0x10000, 0)).toMatchObject({ errno: 'EINVAL' });
    expect(free(bench, 0x10001, 1)).toMatchObject({ errno: 'EINVAL' });
    expect(free(bench, 0x10000, 1)).toBeUndefined();
  });
});

describe('pageblocks have a migratetype', () => {
  it('a kernel allocation claims the whole block it splits', () => {
    const bench = four();
    alloc(bench, 0, 'GFP_KERNEL');
    expect(counts(bench, 'DMA32', 'UNMOVABLE')).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    expect(counts(bench, 'DMA32', 'MOVABLE')).toEqual([...NONE, 3]);
    // Movable pages go on in their own blocks.
    expect(alloc(bench, 0, 'GFP_HIGHUSER_MOVABLE')).toEqual([{ pfn: 0x10400, end: 0x10401 }]);
  });

  it('a block merged from the pageblock order on has one type', () => {
    const bench = four();
    alloc(bench, 9, 'GFP_HIGHUSER_MOVABLE');
    alloc(bench, 9, 'GFP_HIGHUSER_MOVABLE');
    bench.world.update('pages', 0x10000, 0x10200, { migratetype: 'UNMOVABLE' });
    free(bench, 0x10000, 9);
    expect(counts(bench, 'DMA32', 'UNMOVABLE')[9]).toBe(1);
    free(bench, 0x10200, 9);
    expect(counts(bench, 'DMA32', 'UNMOVABLE')).toEqual([...NONE, 0]);
    expect(counts(bench, 'DMA32', 'MOVABLE')).toEqual([...NONE, 4]);
  });

  it('an isolated block merges with no other, and nothing is taken from it', () => {
    const bench = four();
    alloc(bench, 9, 'GFP_HIGHUSER_MOVABLE');
    bench.world.update('pages', 0x10200, 0x11000, { migratetype: 'ISOLATE' });
    free(bench, 0x10000, 9);
    expect(counts(bench, 'DMA32', 'MOVABLE')[9]).toBe(1);
    expect(counts(bench, 'DMA32', 'ISOLATE')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3]);
    expect(alloc(bench, 10, 'GFP_HIGHUSER_MOVABLE')).toEqual([]);
  });

  /** Of every 16 pages the first 8 are free: 256 blocks of order 3, none larger. */
  const scattered = (type: string) => {
    const bench = four();
    bench.world.update('pages', 0x10000, 0x11000, { migratetype: type });
    for (let pfn = 0x10000; pfn < 0x11000; pfn += 16) {
      bench.world.update('pages', pfn + 8, pfn + 16, { buddy: false, refcount: 1 });
    }
    return bench;
  };

  it('a movable page steals from a small unmovable block and leaves the block its type', () => {
    const bench = scattered('UNMOVABLE');
    expect(alloc(bench, 0, 'GFP_HIGHUSER_MOVABLE')).toEqual([{ pfn: 0x10000, end: 0x10001 }]);
    expect(counts(bench, 'DMA32', 'UNMOVABLE').slice(0, 5)).toEqual([1, 1, 1, 255, 0]);
    expect(bench.world.at('pages', 0x10000)?.migratetype).toBe('UNMOVABLE');
  });

  it('a kernel page claims a movable block half of which is free', () => {
    const bench = scattered('MOVABLE');
    expect(alloc(bench, 0, 'GFP_KERNEL')).toEqual([{ pfn: 0x10000, end: 0x10001 }]);
    // Of the pageblock's 32 free blocks one was split; the other seven pageblocks stay movable.
    expect(counts(bench, 'DMA32', 'UNMOVABLE').slice(0, 5)).toEqual([1, 1, 1, 31, 0]);
    expect(counts(bench, 'DMA32', 'MOVABLE').slice(0, 5)).toEqual([0, 0, 0, 224, 0]);
  });

  it('counts the free pages of a zone as they come and go', () => {
    const bench = four();
    expect(freeLists(bench.world, bench.facts).nrFreePages(1)).toBe(4096);
    alloc(bench, 5, 'GFP_KERNEL');
    expect(freeLists(bench.world, bench.facts).nrFreePages(1)).toBe(4064);
  });
});
