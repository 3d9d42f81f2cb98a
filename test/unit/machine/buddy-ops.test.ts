import { describe, expect, it } from 'vitest';
import { modelFreeLists } from '../../../src/main/engine/lab/inspect/free-lists.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { OPERATIONS } from '../../../src/shared/lab/operations/operations.ts';
import type { Args } from '../../../src/shared/world/value.ts';
import { smallMachine, type Bench } from '../pgmap/small-machine.ts';

function run(bench: Bench, op: string, args: Args): unknown {
  const fn = KERNEL_OPS[op];
  if (!fn) throw new Error(`no operation ${op}`);
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
    ['alloc-pages', { node: 7 }, 'node 7'],
    ['free-pages', { pfn: 8192 }, 'not allocated'],
  ])('%s refuses %j in a sentence', (op, args, word) => {
    const answer = run(smallMachine(), op, args) as { errno: string; check: string };
    expect(answer.errno).toBe('EINVAL');
    expect(answer.check).toContain(word);
  });

  it.each([
    ['alloc-pages', { order: 'many' }, 'order'],
    ['alloc-pages', { gfp: 'GFP_NONE' }, 'gfp'],
    ['alloc-pages', { order: 2, pages: 6 }, 'pages'],
    ['alloc-pages', { order: 2, pfn: 8192 }, 'pfn'],
    ['alloc-pages', { use: 'kernel' }, 'pfn'],
    ['free-pages', { order: 0 }, 'pfn'],
  ] as const)('%s with %j is a mistake of the file', (op, args, name) => {
    const { issues = [] } = OPERATIONS[op].args.safeParse(args).error ?? {};
    expect(issues.map(({ path }) => path[0])).toEqual([name]);
  });

  it('takes the very pages that the lab chose, which then have a user', () => {
    const bench = smallMachine();
    expect(run(bench, 'alloc-pages', { pfn: 8192, pages: 4, use: 'pinned' })).toMatchObject({
      pfn: 8192,
      pages: 4,
      zone: 'DMA32',
    });
    expect(bench.world.at('pages', 8195)).toMatchObject({ buddy: false, refcount: 2, mapcount: 0 });
    expect(run(bench, 'free-pages', { pfn: 8192, pages: 4 })).toBeUndefined();
    expect(bench.world.at('pages', 8195)).toMatchObject({ buddy: true });
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
