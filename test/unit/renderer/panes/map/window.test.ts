import { describe, expect, it } from 'vitest';
import type { MachineView } from '../../../../../src/shared/bench/views.ts';
import {
  askedRange,
  inViewText,
  piecesText,
  selectedRange,
  shownSection,
} from '../../../../../src/renderer/panes/map/window.ts';

const all = { start: 0, end: 1_000_000 };
const machine = {
  pages_per_section: 32_768,
  page_size: 4096,
  devices: [{ id: 'nvdimm0', range: { start: '0x100000000', end: '0x13fffffff' } }],
} as unknown as MachineView;

describe('what is asked of the bench', () => {
  it('covers the view and stays the same for small moves', () => {
    const range = askedRange(10_000, 20_000, all);
    expect(range.start).toBeLessThanOrEqual(10_000);
    expect(range.end).toBeGreaterThanOrEqual(20_000);
    expect(askedRange(10_100, 20_100, all)).toEqual(range);
  });

  it('never leaves the machine', () => {
    expect(askedRange(0, 999_999.5, all)).toEqual(all);
  });
});

describe('what a link means on the map', () => {
  it('a page, a section, a device', () => {
    expect(selectedRange('pfn:77', 77, machine, [])).toEqual({ start: 77, end: 78, kind: 'pfn' });
    expect(selectedRange('section:2', null, machine, [])).toMatchObject({
      start: 65_536,
      end: 98_304,
    });
    expect(selectedRange('device:nvdimm0', null, machine, [])).toEqual({
      start: 0x100000,
      end: 0x140000,
      kind: 'device',
    });
  });

  it('a step leaves the page selected before', () => {
    expect(selectedRange('step:12', 5, machine, [])).toMatchObject({ start: 5, kind: 'pfn' });
    expect(selectedRange('step:12', null, machine, [])).toBeNull();
  });
});

describe('the section whose sub-sections are shown', () => {
  const sections = [
    { start: 0, end: 200 },
    { start: 800, end: 900 },
  ];

  it('is that of the selected page while it is in view', () => {
    const selected = { start: 150, end: 151, kind: 'pfn' as const };
    expect(shownSection({ from: 0, to: 1000 }, selected, sections, 100)).toBe(1);
  });

  it('else is the present one nearest to the middle of the view', () => {
    const selected = { start: 150, end: 151, kind: 'pfn' as const };
    expect(shownSection({ from: 300, to: 1000 }, selected, sections, 100)).toBe(8);
    expect(shownSection({ from: 300, to: 700 }, null, sections, 100)).toBeNull();
  });
});

describe('the context line', () => {
  it('names the pages in view once the map is zoomed', () => {
    expect(inViewText({ from: 0x1000, to: 0x1100 })).toBe('pfn 0x1000 \u2013 0x10ff in view');
    expect(inViewText({ from: 0x101200, to: 0x101201 })).toBe('pfn 0x101200 in view');
  });

  it('counts pieces and folded gaps', () => {
    const piece = { content: true };
    const gap = { content: false };
    expect(piecesText('1 TiB', [piece, gap, piece])).toBe('1 TiB in 2 pieces, 1 gap folded');
    expect(piecesText('4 GiB', [piece])).toBe('4 GiB in 1 piece');
  });
});
