import { describe, expect, it } from 'vitest';
import { addressText, axisLabels } from '../../../../../src/renderer/panes/map/axis.ts';
import { buildScale, fitted, wholeView } from '../../../../../src/renderer/panes/map/scale.ts';

const measure = (text: string): number => text.length * 6;
const ends = [0, 160, 256, 4096, 131_072, 1_048_576, 1_310_720];
const pieces = ends.slice(1).map((end, index) => ({
  start: ends[index] ?? 0,
  end,
  content: index !== 1,
}));
const view = wholeView(buildScale(pieces, { width: 640, minimum: 20, fold: 16 }), 640);

describe('addresses on the axis', () => {
  it('are round sizes where that is exact, else hexadecimal', () => {
    expect(addressText(0, 4096)).toBe('0');
    expect(addressText(4096, 4096)).toBe('16 MiB');
    expect(addressText(0x100000, 4096)).toBe('4 GiB');
    expect(addressText(0x2030, 4096)).toBe('0x2030000');
  });

  it('beyond what a double holds as bytes are exact', () => {
    expect(addressText(0x7_ffff_ffff_ffff, 4096)).toBe('0x7ffffffffffff000');
  });
});

describe('the axis', () => {
  it('prints piece boundaries only, at least 8 px apart', () => {
    const labels = axisLabels(view, [], 4096, measure);
    const boundaries = new Set(ends.map((pfn) => addressText(pfn, 4096)));
    const spans = labels.map(({ x, text, align }) => {
      const width = measure(text);
      const from = align === 'left' ? x : align === 'right' ? x - width : x - width / 2;
      return { from, to: from + width };
    });
    expect(labels.length).toBeGreaterThan(2);
    for (const { text } of labels) expect(boundaries).toContain(text);
    for (const [index, { from }] of spans.entries()) {
      if (index > 0) expect(from - (spans[index - 1]?.to ?? 0)).toBeGreaterThanOrEqual(8);
    }
  });

  it('says where the machine begins and ends', () => {
    const texts = axisLabels(view, [], 4096, measure).map(({ text }) => text);
    expect(texts[0]).toBe('0');
    expect(texts.at(-1)).toBe('5 GiB');
  });

  it('prints the ends of a view that has no boundary at all', () => {
    const page = { ...view, from: 200_000, to: 200_001 };
    expect(axisLabels(page, [], 4096, measure).map(({ text }) => text)).toEqual([
      '0x30d40000',
      '0x30d41000',
    ]);
  });

  it('prints boundaries of blocks where a view lies inside one piece', () => {
    const inside = fitted(view, 200_000, 300_000);
    expect(axisLabels(inside, [262_144], 4096, measure).map(({ text }) => text)).toEqual(['1 GiB']);
  });
});
