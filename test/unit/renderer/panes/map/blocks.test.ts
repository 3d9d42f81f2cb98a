import { describe, expect, it } from 'vitest';
import type { MapBlock } from '../../../../../src/shared/bench/views.ts';
import {
  absentSections,
  placeBlocks,
  splitSections,
  zoneShares,
} from '../../../../../src/renderer/panes/map/blocks.ts';
import { buildScale, wholeView, type View } from '../../../../../src/renderer/panes/map/scale.ts';

/** One linear piece of `pages` over 1000 pixels. */
function linear(pages: number): View {
  const scale = buildScale([{ start: 0, end: pages, content: true }], {
    width: 1000,
    minimum: 1,
    fold: 0,
  });
  return wholeView(scale, 1000);
}

function block(start: number, end: number, rest: Partial<MapBlock> = {}): MapBlock {
  return {
    tier: 'extent',
    start,
    end,
    label: `${start}`,
    fill: 'page-free',
    detail: '',
    link: `pfn:${start}`,
    by: 0,
    changed: false,
    ...rest,
  };
}

describe('blocks on the map', () => {
  it('stand where their PFNs are', () => {
    const [first, second] = placeBlocks(linear(1000), [block(0, 250), block(250, 1000)]);
    expect(first).toMatchObject({ x: 0, width: 250 });
    expect(second).toMatchObject({ x: 250, width: 750 });
  });

  it('outside the view are dropped and those at its edge are cut', () => {
    const view = { ...linear(1000), from: 100, to: 200 };
    const placed = placeBlocks(view, [
      block(0, 50),
      block(50, 150),
      block(150, 400),
      block(400, 500),
    ]);
    expect(placed.map(({ start, x, width }) => [start, Math.round(x), Math.round(width)])).toEqual([
      [50, 0, 500],
      [150, 500, 500],
    ]);
  });

  it('narrower than a pixel merge, the widest giving the fill and any change the mark', () => {
    const placed = placeBlocks(linear(1_000_000), [
      block(0, 10),
      block(10, 600, { fill: 'page-used' }),
      block(600, 620, { changed: true }),
      block(500_000, 1_000_000),
    ]);
    expect(placed).toHaveLength(2);
    expect(placed[0]).toMatchObject({ fill: 'page-used', changed: true, merged: 3, label: '' });
    expect(placed[1]).toMatchObject({ merged: 1 });
  });

  it('are at most a few a pixel however many pages they have', () => {
    const blocks = Array.from({ length: 100_000 }, (_unused, index) =>
      block(index * 160, index * 160 + 160),
    );
    expect(placeBlocks(linear(16_000_000), blocks).length).toBeLessThanOrEqual(2000);
  });

  it('that share a page because they round outward each show half of it', () => {
    const placed = placeBlocks(linear(100), [block(0, 50), block(49, 100)]);
    expect(placed.map(({ x, width }) => [Math.round(x), Math.round(width)])).toEqual([
      [0, 495],
      [495, 505],
    ]);
  });
});

describe('sections on the map', () => {
  const run = block(0, 8 * 100, { tier: 'section', label: '0\u20137', link: 'section:0' });

  it('are told apart where they are wide enough', () => {
    const split = splitSections(linear(1000), [run], 100);
    expect(split.map(({ label, link }) => [label, link]).slice(0, 2)).toEqual([
      ['0', 'section:0'],
      ['1', 'section:1'],
    ]);
    expect(split).toHaveLength(8);
  });

  it('stay one block where they are too narrow', () => {
    expect(splitSections(linear(1_000_000), [run], 100)).toEqual([run]);
  });

  it('that are absent are named by their numbers, but not in a folded gap', () => {
    const scale = buildScale(
      [
        { start: 0, end: 1000, content: true },
        { start: 1000, end: 9000, content: false },
        { start: 9000, end: 10_000, content: true },
      ],
      { width: 1000, minimum: 20, fold: 16 },
    );
    const absent = absentSections(
      wholeView(scale, 1000),
      [
        { start: 0, end: 400 },
        { start: 9000, end: 9900 },
      ],
      100,
    );
    expect(absent.map(({ label }) => label)).toEqual(['4\u20139 absent', '99 absent']);
  });

  it('in two zones show both, where one ends and the other begins', () => {
    const zones = [
      { start: 1, end: 4096, fill: 'zone-dma' },
      { start: 4096, end: 131_072, fill: 'zone-dma32' },
    ];
    expect(zoneShares({ start: 0, end: 32_768, fill: 'zone-dma32' }, zones)).toEqual([
      { fill: 'zone-dma', upTo: 0.125 },
      { fill: 'zone-dma32', upTo: 1 },
    ]);
  });

  it('in zones that overlap keep their one fill', () => {
    const zones = [
      { start: 0, end: 5000, fill: 'zone-normal' },
      { start: 4000, end: 9000, fill: 'zone-movable' },
    ];
    const section = { start: 0, end: 9000, fill: 'zone-normal' };
    expect(zoneShares(section, zones)).toEqual([{ fill: 'zone-normal', upTo: 1 }]);
  });
});
