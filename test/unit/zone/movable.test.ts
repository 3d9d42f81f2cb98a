import { describe, expect, it } from 'vitest';
import { boot, kernel, ONE_GIB, zones } from '../boot/booted.ts';

const booted = (cmdline: string) => boot(kernel('6.12', cmdline) + ONE_GIB);

/** 1 GiB without the 97 pages from 0x9f000 to 1 MiB, and without page 0. */
const TOTAL = 262144 - 1 - 97;

describe('zone/find_zone_movable_pfns_for_nodes', () => {
  it('gives all but kernelcore= to Movable, from a multiple of the largest order', () => {
    // 256 MiB are 65536 pages: 3998 in DMA, the other 61538 from PFN 4096 on: 65634, up to 66560.
    expect(zones(booted('kernelcore=256M').world)).toEqual([
      ['DMA', 1, 4095, 3998],
      ['DMA32', 4096, 62464, 62464],
      ['Movable', 66560, 195584, 195584],
    ]);
  });

  it('rounds movablecore= up to the largest order before it subtracts it', () => {
    // 100 MiB are 25600 pages, a multiple of 1024: kernelcore is the rest.
    const kernelcore = TOTAL - 25600;
    const start = 4096 + kernelcore - 3998;
    const rounded = Math.ceil(start / 1024) * 1024;
    expect(zones(booted('movablecore=100M').world).at(-1)).toEqual([
      'Movable',
      rounded,
      262144 - rounded,
      262144 - rounded,
    ]);
  });

  it('takes percent of all pages', () => {
    const kernelcore = Math.floor((TOTAL * 100 * 50) / 10000);
    const start = Math.ceil((4096 + kernelcore - 3998) / 1024) * 1024;
    expect(zones(booted('kernelcore=50%').world).at(-1)?.[1]).toBe(start);
  });

  it('makes no Movable zone when kernelcore is all of memory', () => {
    expect(zones(booted('kernelcore=4G').world).map(([name]) => name)).toEqual(['DMA', 'DMA32']);
  });

  it('ignores kernelcore=mirror without mirrored memory, and says so', () => {
    const { world } = booted('kernelcore=mirror');
    expect(zones(world).map(([name]) => name)).toEqual(['DMA', 'DMA32']);
    expect([...world.rows('kernel_log')].map(({ text }) => text)).toContain(
      'The system has no mirror memory, ignore kernelcore=mirror.',
    );
  });

  it('with movable_node: hot-pluggable memory of nodes without the kernel is all Movable', () => {
    const { world } = boot(`${kernel('6.12', 'movable_node')}machine:
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
    - { start: 0x100000000, end: 0x13fffffff, type: usable }
  nodes: [ { id: 0 }, { id: 1 } ]
  srat:
    - { start: 0x0, end: 0x3fffffff, node: 0, hotplug: true }
    - { start: 0x100000000, end: 0x13fffffff, node: 1, hotplug: true }
`);
    expect(zones(world, 1)).toEqual([['Movable', 0x100000, 0x40000, 0x40000]]);
    // The first MiB is reserved at boot: node 0 holds the kernel and cannot be unplugged.
    expect(zones(world, 0).map(([name]) => name)).toEqual(['DMA', 'DMA32']);
  });
});
