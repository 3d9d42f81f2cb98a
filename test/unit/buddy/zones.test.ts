import { describe, expect, it } from 'vitest';
import {
  blocksAbove,
  lowmemReserve,
  zoneWatermarks,
} from '../../../src/main/engine/kernel/buddy/watermark.ts';
import { zonelist } from '../../../src/main/engine/kernel/buddy/zonelist.ts';
import { alloc, machineOf, type HandZone } from './by-hand.ts';

const node = (nid: number, start: number): HandZone[] => [
  { nid, name: 'Normal', start, end: start + 0x4000 },
  { nid, name: 'Movable', start: start + 0x4000, end: start + 0x8000 },
];

describe('zonelists', () => {
  const distances = [
    [10, 21, 11],
    [21, 10, 21],
    [11, 21, 10],
  ];
  const bench = machineOf(
    [
      { nid: 0, name: 'DMA32', start: 0x1000, end: 0x2000 },
      ...node(0, 0x100000),
      ...node(1, 0x200000),
      ...node(2, 0x300000),
    ],
    distances,
  );
  const names = (nid: number, zone: string, thisnode = false): string[] =>
    zonelist(bench.world, bench.facts, nid, bench.facts.arch.zones.indexOf(zone), thisnode).map(
      (row) => `${row.nid} ${row.name}`,
    );

  it('go node by node, the nearest first, each from its highest zone down', () => {
    expect(names(0, 'Movable')).toEqual([
      ...['0 Movable', '0 Normal', '0 DMA32'],
      ...['2 Movable', '2 Normal'],
      ...['1 Movable', '1 Normal'],
    ]);
    expect(names(1, 'Normal')).toEqual(['1 Normal', '2 Normal', '0 Normal', '0 DMA32']);
  });

  it('leave out zones above the one asked for, and other nodes with __GFP_THISNODE', () => {
    expect(names(2, 'DMA32')).toEqual(['0 DMA32']);
    expect(names(2, 'Normal', true)).toEqual(['2 Normal']);
  });

  it('send kernel pages to the next node when the own one is at its watermark', () => {
    const local = alloc(bench, 10, 'GFP_KERNEL', 1, 16);
    expect(local.map(({ pfn }) => Math.floor(pfn / 0x100000))).toEqual([2, 3]);
    expect(alloc(bench, 10, 'GFP_KERNEL|__GFP_THISNODE', 1, 16)).toEqual([]);
  });
});

describe('watermarks', () => {
  // 1 GiB: sqrt(262144 * 4 * 16) = 4096 KiB = 1024 pages; low + 262, high + 524
  // (10/10000 of 262144 is 262, a quarter of min is 256).
  const bench = machineOf([{ nid: 0, name: 'Normal', start: 0x100000, end: 0x140000 }]);

  it('follow from the managed pages', () => {
    const zone = bench.world.need('zones', 2);
    expect(zoneWatermarks(bench.world, zone, 4)).toEqual({ min: 1024, low: 1286, high: 1548 });
  });

  it('stop an allocation that would leave no more than the min mark', () => {
    expect(blocksAbove(262144, 1024, 0)).toBe(261120);
    const [taken] = alloc(bench, 0, 'GFP_KERNEL', 0, 262144);
    expect(taken && taken.end - taken.pfn).toBe(262144 - 1286);
    const left = [...bench.world.rows('pages')].filter(({ buddy }) => buddy);
    expect(left.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(1024);
    expect(alloc(bench, 0, 'GFP_KERNEL')).toEqual([]);
  });

  it('keep low zones for those who can use no other', () => {
    const two = machineOf([
      { nid: 0, name: 'DMA32', start: 0x1000, end: 0x2000 },
      { nid: 0, name: 'Normal', start: 0x100000, end: 0x140000 },
    ]);
    // 262144 / 256 pages of DMA32 are kept from whoever may have Normal.
    expect(lowmemReserve(two.world, two.world.need('zones', 1), 2)).toBe(1024);
    expect(lowmemReserve(two.world, two.world.need('zones', 1), 1)).toBe(0);
  });
});
