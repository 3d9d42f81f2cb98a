import { describe, expect, it } from 'vitest';
import type { MapBlock } from '../../../../../src/shared/bench/views.ts';
import { pageCells, stateLetter } from '../../../../../src/renderer/panes/map/cells.ts';
import { legendOf } from '../../../../../src/renderer/panes/map/legend.ts';
import { isMuted, patternOf } from '../../../../../src/renderer/panes/map/palette.ts';
import { buildScale, wholeView, type View } from '../../../../../src/renderer/panes/map/scale.ts';
import {
  buildScene,
  neighbour,
  shapeAt,
  type MapContent,
} from '../../../../../src/renderer/panes/map/scene.ts';
import { fitText } from '../../../../../src/renderer/panes/map/text.ts';
import { bandsFor, tierAt } from '../../../../../src/renderer/panes/map/tiers.ts';

const SECTION = 32_768;
const WIDTH = 640;

function linear(start: number, end: number): View {
  const scale = buildScale([{ start, end, content: true }], { width: WIDTH, minimum: 1, fold: 0 });
  return wholeView(scale, WIDTH);
}

function block(tier: MapBlock['tier'], start: number, end: number, fill: string): MapBlock {
  const link = tier === 'section' ? `section:${start / SECTION}` : `pfn:${start}`;
  return { tier, start, end, label: 'name', fill, detail: '', link, by: 3, changed: false };
}

function content(selected: number | null, fine: View): MapContent {
  return {
    bands: bandsFor(144),
    pageSize: 4096,
    pagesPerSection: SECTION,
    coarse: linear(0, 4 * SECTION),
    coarseBlocks: [
      block('iomem', 0, 4 * SECTION, 'type-ram'),
      block('zone', 0, 4 * SECTION, 'zone-dma32'),
      block('section', 0, 2 * SECTION, 'zone-dma32'),
    ],
    middle: linear(SECTION, 2 * SECTION),
    middleBlocks: Array.from({ length: 64 }, (_unused, index) =>
      block('subsection', SECTION + index * 512, SECTION + (index + 1) * 512, 'zone-dma32'),
    ),
    fine,
    fineBlocks: [block('extent', SECTION, 2 * SECTION, 'page-free')],
    selected: selected === null ? null : { start: selected, end: selected + 1, kind: 'pfn' },
    note: () => '',
    measure: (text) => text.length * 6,
  };
}

const scene = buildScene(content(SECTION + 700, linear(SECTION, 2 * SECTION)));

describe('the map', () => {
  it('says of a memory model without sections that it has none, instead of calling them absent', () => {
    const scene = buildScene({
      ...content(null, linear(SECTION, SECTION + 512)),
      coarseBlocks: [],
      middleBlocks: [],
      sectionless: 'FLATMEM',
    });
    const labels = scene.shapes.map(({ label }) => label);
    expect(labels).toContain('FLATMEM has no sections');
    expect(labels).toContain('no sub-sections');
    expect(labels.filter((label) => label.endsWith('absent'))).toEqual([]);
  });

  it('outlines the section, sub-section and extent of the selected page', () => {
    const outlined = scene.shapes.filter(({ selected }) => selected);
    expect(outlined.map(({ tier, start }) => [tier, start])).toEqual([
      ['section', SECTION],
      ['subsection', SECTION + 512],
      ['extent', SECTION],
    ]);
  });

  it('shows absent sections dashed and without a link', () => {
    const absent = scene.shapes.filter(({ kind }) => kind === 'absent');
    expect(absent).toMatchObject([{ label: '2\u20133 absent', link: '' }]);
  });

  it('draws a wedge from the shown section to its sub-sections', () => {
    expect(scene.wedge).toEqual({ from: 160, to: 320, bottomFrom: 0, bottomTo: WIDTH });
    expect(scene.window).toBeNull();
  });

  it('finds the shape under the pointer by tier and place', () => {
    const tier = tierAt(bandsFor(144), 105);
    expect(tier).toBe('subsection');
    expect(shapeAt(scene, tier, 15)?.start).toBe(SECTION + 512);
    expect(shapeAt(scene, 'section', 10)?.link).toBe('section:0');
  });

  it('walks to the next block of a tier, and no further than the last', () => {
    expect(neighbour(scene, 'subsection', SECTION + 700, 1)?.start).toBe(SECTION + 1024);
    expect(neighbour(scene, 'subsection', SECTION + 700, -1)?.start).toBe(SECTION);
    expect(neighbour(scene, 'section', SECTION, 1)).toBeUndefined();
    expect(neighbour(scene, 'section', null, 1)?.start).toBe(0);
  });

  it('zoomed to single pages gives each a cell with its letter, and brackets their place', () => {
    const close = buildScene(
      content(SECTION + 3, { ...linear(SECTION, 2 * SECTION), from: SECTION, to: SECTION + 16 }),
    );
    const pages = close.shapes.filter(({ kind }) => kind === 'page');
    expect(pages).toHaveLength(16);
    expect(pages[3]).toMatchObject({ label: 'F', selected: true, link: `pfn:${SECTION + 3}` });
    expect(pages[4]).toMatchObject({ selected: false });
    expect(close.window?.x).toBe(0);
  });

  it('keeps extents whole while one in view has no room for its pages', () => {
    const mixed = content(null, { ...linear(SECTION, 2 * SECTION), to: SECTION + 1000 });
    const extents = [
      block('extent', SECTION, SECTION + 2, 'page-uninit'),
      block('extent', SECTION + 2, 2 * SECTION, 'page-free'),
    ];
    const drawn = buildScene({ ...mixed, fineBlocks: extents }).shapes;
    expect(drawn.filter(({ kind }) => kind === 'page')).toEqual([]);
    expect(drawn.filter(({ tier }) => tier === 'extent')[1]?.label).toBe('name');
  });

  it('says so where a section has no sub-sections and no struct pages', () => {
    const bare = {
      ...content(null, linear(SECTION, 2 * SECTION)),
      middleBlocks: [],
      fineBlocks: [],
    };
    const drawn = buildScene(bare).shapes.filter(({ kind }) => kind === 'absent');
    expect(drawn.map(({ tier, label }) => [tier, label]).slice(1)).toEqual([
      ['subsection', 'section 1 has no active sub-section'],
      ['extent', 'no struct pages'],
    ]);
  });

  it('names in its legend what it shows, zones first', () => {
    expect(legendOf(scene)).toEqual([
      { fill: 'zone-dma32', name: 'DMA32' },
      { fill: 'page-free', name: 'free' },
    ]);
  });

  it('grows its rows with the pane, but never below what fits the text', () => {
    expect(bandsFor(100).height).toBe(144);
    expect(bandsFor(200).rows.iomem.height).toBeGreaterThan(20);
  });
});

describe('page cells', () => {
  it('are the pages of an extent that are in view', () => {
    const cells = pageCells({ start: 5, end: 100 }, (pfn) => pfn * 4, { from: 3.5, to: 7.2 });
    expect(cells.map(({ pfn, x, width }) => [pfn, x, width])).toEqual([
      [5, 20, 4],
      [6, 24, 4],
      [7, 28, 4],
    ]);
  });

  it('carry the letters of the legend', () => {
    const states = ['free', 'used', 'reserved', 'memmap', 'idle', 'mapped', 'pinned', 'uninit'];
    const letters = [...states, 'poison'].map((state) => stateLetter(`page-${state}`));
    expect(letters.join('')).toBe('FURMIAP\u2013X');
  });
});

describe('fills', () => {
  it('have the patterns that stand for their colours', () => {
    expect(patternOf('zone-device')).toBe('diagonal');
    expect(patternOf('type-mmio')).toBe('horizontal');
    expect(patternOf('page-memmap')).toBe('vertical');
    expect(patternOf('zone-normal')).toBe('none');
  });

  it('that are dark carry light letters', () => {
    expect(isMuted('type-reserved')).toBe(true);
    expect(isMuted('zone-dma32')).toBe(false);
  });
});

describe('labels of blocks', () => {
  const measure = (text: string): number => text.length * 6;

  it('show name and note, the name, its first word, its first letters, or nothing', () => {
    expect(fitText('System RAM', '496 MiB', 200, measure)?.note).toBe('496 MiB');
    expect(fitText('System RAM', '496 MiB', 70, measure)).toMatchObject({
      label: 'System RAM',
      note: '',
    });
    expect(fitText('9 pages \u00b7 memmap \u00b7 ref 1', '', 110, measure)?.label).toBe(
      '9 pages \u00b7 memmap',
    );
    expect(fitText('System RAM', '', 40, measure)?.label).toBe('System');
    expect(fitText('namespace0.0', '', 40, measure)?.label).toBe('names\u2026');
    expect(fitText('Reserved', '', 12, measure)).toBeUndefined();
  });
});
