import { describe, expect, it } from 'vitest';
import {
  buildScale,
  coverWithPieces,
  cutPieces,
  fitted,
  joinSlivers,
  panned,
  pfnAt,
  showsAll,
  toPixels,
  uOf,
  wholeView,
  zoomed,
} from '../../../../../src/renderer/panes/map/scale.ts';

const TEBIBYTE = 2 ** 28;
const pieces = [
  { start: 0, end: 160, content: true },
  { start: 160, end: 256, content: false },
  { start: 256, end: 131_072, content: true },
  { start: 131_072, end: TEBIBYTE, content: false },
  { start: TEBIBYTE, end: 17 * TEBIBYTE, content: true },
];
const options = { width: 600, minimum: 20, fold: 16 };
const whole = () => wholeView(buildScale(pieces, options), 600);

describe('pieces of the map', () => {
  it('name the gaps between content and join gaps that touch', () => {
    const covered = coverWithPieces(
      [
        { start: 300, end: 400, content: true },
        { start: 400, end: 500, content: false },
        { start: 0, end: 100, content: true },
      ],
      600,
    );
    expect(covered).toEqual([
      { start: 0, end: 100, content: true },
      { start: 100, end: 300, content: false },
      { start: 300, end: 400, content: true },
      { start: 400, end: 600, content: false },
    ]);
  });

  it('are cut at boundaries inside content only', () => {
    expect(cutPieces(pieces.slice(0, 3), [0, 200, 4096, 4096])).toEqual([
      pieces[0],
      pieces[1],
      { start: 256, end: 4096, content: true },
      { start: 4096, end: 131_072, content: true },
    ]);
  });

  it('of one shared page do not take the room of a piece', () => {
    expect(
      joinSlivers([
        { start: 0, end: 1, content: true },
        { start: 1, end: 159, content: true },
        { start: 159, end: 160, content: true },
        { start: 160, end: 256, content: false },
      ]),
    ).toEqual([
      { start: 0, end: 160, content: true },
      { start: 160, end: 256, content: false },
    ]);
  });
});

describe('the scale of the map', () => {
  it('gives 640 KiB beside 16 TiB at least the minimum width, and folds a gap to its mark', () => {
    const at = toPixels(whole());
    expect(at(160) - at(0)).toBeGreaterThanOrEqual(20);
    expect(at(TEBIBYTE) - at(131_072)).toBeCloseTo(16);
    expect(at(0)).toBe(0);
    expect(at(17 * TEBIBYTE)).toBeCloseTo(600);
  });

  it('keeps order and fills the width also where the minimum cannot be kept', () => {
    const many = Array.from({ length: 200 }, (_unused, index) => ({
      start: index * 100,
      end: index * 100 + 100,
      content: index % 2 === 0,
    }));
    const scale = buildScale(many, options);
    let before = -1;
    for (const { u0, u1 } of scale.stretches) {
      expect(u0).toBeGreaterThan(before);
      expect(u1).toBeGreaterThan(u0);
      before = u0;
    }
    expect(scale.stretches.at(-1)?.u1).toBe(1);
  });

  it('maps pixels back to the PFNs they came from', () => {
    const view = whole();
    const at = toPixels(view);
    for (const pfn of [0, 80, 159, 300, 131_071, TEBIBYTE, TEBIBYTE + 12_345_678]) {
      expect(pfnAt(view, at(pfn))).toBeCloseTo(pfn, 0);
    }
  });

  it('is monotonic over piece boundaries', () => {
    const { scale } = whole();
    const positions = [0, 159, 160, 255, 256, 131_072, TEBIBYTE, 17 * TEBIBYTE];
    const us = positions.map((pfn) => uOf(scale, pfn));
    expect(us).toEqual(us.toSorted((a, b) => a - b));
  });
});

describe('zooming the map', () => {
  it('keeps the PFN under the pointer where it is', () => {
    const view = whole();
    const pfn = pfnAt(view, 420);
    const closer = zoomed(view, 420, 0.5);
    expect(toPixels(closer)(pfn)).toBeCloseTo(420);
    expect(closer.to - closer.from).toBeLessThan(view.to - view.from);
  });

  it('goes from 16 TiB down to one single page and no further', () => {
    const page = TEBIBYTE + 987_654_321;
    let view = whole();
    for (let turn = 0; turn < 200; turn += 1) view = zoomed(view, toPixels(view)(page + 0.5), 0.5);
    expect(view.to - view.from).toBe(1);
    expect(view.from).toBe(page);
  });

  it('comes back to the whole machine', () => {
    let view = zoomed(whole(), 300, 0.01);
    for (let turn = 0; turn < 40; turn += 1) view = zoomed(view, 100, 2);
    expect(showsAll(view)).toBe(true);
  });

  it('draws neighbouring pages exactly one page apart at the deepest zoom', () => {
    const view = fitted(whole(), TEBIBYTE + 999_999_936, TEBIBYTE + 1_000_000_000);
    const at = toPixels(view);
    const width = at(TEBIBYTE + 999_999_951) - at(TEBIBYTE + 999_999_950);
    expect(at(TEBIBYTE + 999_999_952) - at(TEBIBYTE + 999_999_951)).toBeCloseTo(width, 6);
  });
});

describe('moving the map', () => {
  it('moves by what the pointer moved inside a piece', () => {
    const view = fitted(whole(), TEBIBYTE + 1_000_000, TEBIBYTE + 2_000_000);
    const pfn = pfnAt(view, 300);
    expect(toPixels(panned(view, 60))(pfn)).toBeCloseTo(240);
  });

  it('stops at the ends of the machine', () => {
    const view = zoomed(whole(), 300, 0.2);
    expect(panned(view, -100_000).from).toBe(0);
    expect(panned(view, 100_000).to).toBeCloseTo(17 * TEBIBYTE);
  });

  it('fits a range with a margin at both sides', () => {
    const view = fitted(whole(), 1000, 3000);
    expect(view.from).toBeCloseTo(900);
    expect(view.to).toBeCloseTo(3100);
  });

  it('fits a page with its neighbours, but stays inside its piece', () => {
    const view = fitted(whole(), TEBIBYTE + 2, TEBIBYTE + 3, 24);
    expect([view.from, view.to]).toEqual([TEBIBYTE, TEBIBYTE + 27]);
  });

  it('fits a range over a folded gap with all of it in view', () => {
    const view = fitted(whole(), 100, 1000);
    expect(view.from).toBeLessThanOrEqual(100);
    expect(view.to).toBeGreaterThanOrEqual(1000);
  });
});
