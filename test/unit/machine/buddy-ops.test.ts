import { describe, expect, it } from 'vitest';
import { modelFreeLists } from '../../../src/main/engine/lab/inspect/free-lists.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { withBuddyOps } from '../../../src/main/engine/lab/machine/buddy-ops.ts';
import { leaf, type KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { smallMachine, type Bench } from '../pgmap/small-machine.ts';

function run(bench: Bench, op: string, args: object, ops = KERNEL_OPS): unknown {
  const fn = ops[op] as unknown as KernelFunction<object, unknown>;
  return bench.call(fn, args);
}

describe('a program may allocate and free pages', () => {
  it('says where the pages are', () => {
    const bench = smallMachine();
    const got = run(bench, 'alloc-pages', { order: 3, gfp: 'GFP_DMA' });
    expect(got).toEqual({
      ...{ pfn: 0, pages: 8, node: 0, zone: 'DMA' },
      ranges: [{ pfn: 0, end: 8 }],
    });
    expect(run(bench, 'free-pages', { pfn: 0, order: 3 })).toBeUndefined();
  });

  it('takes as many blocks as make the pages, all of them or none', () => {
    const bench = smallMachine();
    const got = run(bench, 'alloc-pages', { pages: 1000, gfp: 'GFP_HIGHUSER_MOVABLE' });
    // The smallest blocks first: the zone ends at 131040, 32, 64, 128, 256 and 512 pages before.
    expect(got).toMatchObject({
      pfn: 131008,
      ranges: [
        { pfn: 131008, end: 131040 },
        { pfn: 130944, end: 131008 },
        { pfn: 130816, end: 130944 },
        { pfn: 130560, end: 130816 },
        { pfn: 130048, end: 130560 },
        // 8 of the lowest block of 1024.
        { pfn: 4096, end: 4104 },
      ],
    });
    const before = modelFreeLists(bench.world, bench.facts);
    // 512 MiB are 131,072 pages, and some of them are taken.
    const args = { pages: 131072, gfp: 'GFP_HIGHUSER_MOVABLE' };
    expect(run(bench, 'alloc-pages', args)).toMatchObject({ errno: 'ENOMEM' });
    expect(modelFreeLists(bench.world, bench.facts)).toEqual(before);
    expect(run(bench, 'free-pages', { pfn: 130048, pages: 992 })).toBeUndefined();
  });

  it.each([
    ['alloc-pages', { order: 'many' }, 'order'],
    ['alloc-pages', { gfp: 'GFP_NONE' }, 'GFP_NONE'],
    ['alloc-pages', { order: 2, pages: 6 }, 'pages'],
    ['alloc-pages', { node: 7 }, 'node 7'],
    ['alloc-pages', { size: 4 }, 'size'],
    ['free-pages', { order: 0 }, 'pfn'],
    ['free-pages', { pfn: 8192 }, 'not allocated'],
  ])('%s refuses %j in a sentence', (op, args, word) => {
    const answer = run(smallMachine(), op, args) as { errno: string; check: string };
    expect(answer.errno).toBe('EINVAL');
    expect(answer.check).toContain(word);
  });

  it("leaves pages at a place of the lab's choice to the operation that knows them", () => {
    const at = leaf<object, string>('alloc_pages', 'test:at', () => 'at its place');
    const ops = withBuddyOps({ 'alloc-pages': at as unknown as KernelFunction<never, unknown> });
    expect(run(smallMachine(), 'alloc-pages', { pfn: 8192, pages: 4 }, ops)).toBe('at its place');
    expect(run(smallMachine(), 'alloc-pages', { order: 1 }, ops)).toMatchObject({ pages: 2 });
  });
});

describe("the model's free lists", () => {
  it('name blocks by order for every zone that has pages', () => {
    const zones = modelFreeLists(smallMachine().world, smallMachine().facts);
    expect(zones.map(({ zone, free_pages }) => [zone, free_pages])).toEqual([
      ['DMA', 4096],
      ['DMA32', 126944],
    ]);
    // 126,944 pages from 4096 on: 123 blocks of 1024, then 512, 256, 128, 64 and 32 pages.
    expect(zones[1]?.lists).toEqual({ MOVABLE: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 123] });
  });
});
